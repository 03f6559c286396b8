import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '../core/event-store/port.ts';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyEntries } from '../core/keys/copy.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Projection } from '../core/projection.ts';
import type { ReadModels } from '../core/read-model/port.ts';
import { adviceOn } from './event-log/eventstoredb/connection-string.ts';
import { sqliteEventStore } from './event-log/sqlite.ts';
import { sqliteKeyValue } from './key-value/sqlite.ts';
import { sqliteKeyEntries, sqliteKeyStore } from './keys/sqlite.ts';
import { endpointOf, placeOf } from './mariadb/url.ts';
import { sqliteReadModels } from './read-models/sqlite.ts';

/** Where the stores are; plain data, so that it can be handed to a thread. */
export interface Locations {
  /** the data folder, needed by each store that is a file */
  readonly folder?: string;
  /** an EventStoreDB for the event log; by default a file in the folder */
  readonly eventStoreUrl?: string;
  /** a MariaDB schema for the relational read models; by default a file in the folder */
  readonly mariaDbUrl?: string;
  /** a replica of it, for reading rows */
  readonly mariaDbReadUrl?: string;
  /** a MariaDB schema for the keys; by default a file in the folder */
  readonly mariaDbKeysUrl?: string;
  /** a Redis for sessions, limits and revocations; by default a file in the folder */
  readonly redisUrl?: string;
  /** a MongoDB for the document views; by default the file of the others */
  readonly mongoUrl?: string;
}

/** A file of the data folder. @throws Error for the operator if there is no folder */
function fileIn({ folder }: Locations, name: string): string {
  if (folder === undefined) throw new Error(`there is no data folder for ${name}: set ZIPBOB_DATA`);
  return join(folder, name);
}

export const KEY_FILE = 'keys.db';
const keyFile = (locations: Locations): string => fileIn(locations, KEY_FILE);
export const LOG_FILE = 'log.db';
export const logFile = (locations: Locations): string => fileIn(locations, LOG_FILE);

/** For messages: a file's path, or a URL without user and password. */
export const keysPlace = (locations: Locations): string =>
  locations.mariaDbKeysUrl === undefined ? keyFile(locations) : placeOf(endpointOf(locations.mariaDbKeysUrl));

/** Whether there is a key store already: opening one makes it. @throws Error with a message for the operator */
export async function keysExist(locations: Locations): Promise<boolean> {
  if (locations.mariaDbKeysUrl === undefined) return existsSync(keyFile(locations));
  const { hasMariaDbKeys } = await import('./keys/mariadb.ts');
  return hasMariaDbKeys(locations.mariaDbKeysUrl);
}

/** Whether there is an event log already: opening a file makes it. A server always has one, even if it is empty. */
export const logExists = (locations: Locations): boolean =>
  locations.eventStoreUrl !== undefined || hasContent(logFile(locations));

const hasContent = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Advice for the operator on the settings of the stores, if there is any. */
export function adviceOnStores({ eventStoreUrl }: Locations): string | undefined {
  const advice = eventStoreUrl === undefined ? undefined : adviceOn(eventStoreUrl);
  return advice && `EVENTSTORE_URL ${advice}`;
}

/** For messages: a file's path, or a URL without user and password. */
export const logPlace = (locations: Locations): string =>
  locations.eventStoreUrl === undefined
    ? logFile(locations)
    : withoutLogin(locations.eventStoreUrl.replace(/\?.*/, ''));

/**
 * A text without user and password of a URL in it. Passwords may contain anything, so it removes too much rather than
 * too little.
 */
export const withoutLogin = (text: string): string => text.replace(/\/\/.*@/s, '//');

/** @param readOnly for callers that only read or follow an existing log */
export async function openEventStore(locations: Locations, { readOnly = false } = {}): Promise<EventStore> {
  if (locations.eventStoreUrl === undefined) return sqliteEventStore(logFile(locations), { readOnly });
  // Its client takes 20 MB in each thread, so it is loaded only if it is needed.
  const { eventStoreDb } = await import('./event-log/eventstoredb.ts');
  return eventStoreDb(locations.eventStoreUrl);
}
/** @throws Error with a message for the operator, as the others do */
export async function openKeyStore(locations: Locations): Promise<KeyStore> {
  if (locations.mariaDbKeysUrl === undefined) return sqliteKeyStore(keyFile(locations));
  const { mariaDbKeyStore } = await import('./keys/mariadb.ts');
  return mariaDbKeyStore(locations.mariaDbKeysUrl);
}

/** Everything in a key store, for moving it. @throws Error with a message for the operator */
export async function openKeyEntries(locations: Locations): Promise<KeyEntries> {
  if (locations.mariaDbKeysUrl === undefined) return sqliteKeyEntries(keyFile(locations));
  const { mariaDbKeyEntries } = await import('./keys/mariadb.ts');
  return mariaDbKeyEntries(locations.mariaDbKeysUrl);
}

/** @param clock for a file; a Redis has its own */
export async function openKeyValue(locations: Locations, clock: () => Date): Promise<KeyValue> {
  const { redisUrl } = locations;
  if (redisUrl === undefined) return sqliteKeyValue(fileIn(locations, 'kv.db'), clock);
  const { redisKeyValue } = await import('./key-value/redis.ts');
  return redisKeyValue(redisUrl);
}

/**
 * Both kinds of views; those without a server share one file.
 * @param readOnly for callers that only read existing views
 */
export async function openReadModels(
  locations: Locations,
  { readOnly = false } = {},
): Promise<Record<Projection['store'], ReadModels>> {
  const { mariaDbUrl, mariaDbReadUrl, mongoUrl } = locations;
  const hasFile = mariaDbUrl === undefined || mongoUrl === undefined;
  const file = hasFile ? sqliteReadModels(fileIn(locations, 'views.db'), { readOnly }) : undefined;
  try {
    const relational = mariaDbUrl === undefined ? file! : await openMariaDb(mariaDbUrl, readOnly, mariaDbReadUrl);
    return { relational, document: mongoUrl === undefined ? file! : await openMongo(mongoUrl) };
  } catch (error) {
    await file?.close();
    throw error;
  }
}

/** @param readUrl of a replica; a projector must read its own writes, so it uses none */
async function openMariaDb(url: string, readOnly: boolean, readUrl: string | undefined): Promise<ReadModels> {
  const { mariaDbReadModels } = await import('./read-models/mariadb.ts');
  return mariaDbReadModels(url, { readOnly, ...(readOnly && readUrl !== undefined && { readUrl }) });
}

/** It connects on first use. */
async function openMongo(url: string): Promise<ReadModels> {
  const { mongoReadModels } = await import('./read-models/mongodb.ts');
  return mongoReadModels(url);
}
