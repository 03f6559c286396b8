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
  /** the data folder of the embedded profile; needed by each store that is in no server */
  readonly folder?: string;
  /** of an EventStoreDB that holds the event log; without it, the log is a file in the folder */
  readonly eventStoreUrl?: string;
  /** of a MariaDB schema that holds the relational read models; without it, they are a file in the folder */
  readonly mariaDbUrl?: string;
  /** of a replica of it, which is asked for rows */
  readonly mariaDbReadUrl?: string;
  /** of a MariaDB schema that holds the keys; without it, they are a file in the folder */
  readonly mariaDbKeysUrl?: string;
  /** of a Redis that holds sessions, limits and revocations; without it, they are a file in the folder */
  readonly redisUrl?: string;
  /** of a MongoDB that holds the document views; without it, they are in the file of the others */
  readonly mongoUrl?: string;
}

/** A file of the data folder. @throws Error for the operator where there is none */
function fileIn({ folder }: Locations, name: string): string {
  if (folder === undefined) throw new Error(`there is no data folder for ${name}: set ZIPBOB_DATA`);
  return join(folder, name);
}

export const KEY_FILE = 'keys.db';
const keyFile = (locations: Locations): string => fileIn(locations, KEY_FILE);
export const LOG_FILE = 'log.db';
export const logFile = (locations: Locations): string => fileIn(locations, LOG_FILE);

/** For messages: a file's path, or a URL without what logs in there. */
export const keysPlace = (locations: Locations): string =>
  locations.mariaDbKeysUrl === undefined ? keyFile(locations) : placeOf(endpointOf(locations.mariaDbKeysUrl));

/** Whether there is a key store already: opening one makes it. @throws Error with a message for the operator */
export async function keysExist(locations: Locations): Promise<boolean> {
  if (locations.mariaDbKeysUrl === undefined) return existsSync(keyFile(locations));
  const { hasMariaDbKeys } = await import('./keys/mariadb.ts');
  return hasMariaDbKeys(locations.mariaDbKeysUrl);
}

/** Whether there is an event log already: opening a file makes it. A server has one, be it empty. */
export const logExists = (locations: Locations): boolean =>
  locations.eventStoreUrl !== undefined || hasContent(logFile(locations));

const hasContent = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** What an operator should do about the settings of the stores, if anything. */
export function adviceOnStores({ eventStoreUrl }: Locations): string | undefined {
  const advice = eventStoreUrl === undefined ? undefined : adviceOn(eventStoreUrl);
  return advice && `EVENTSTORE_URL ${advice}`;
}

/** For messages: a file's path, or a URL without what logs in there. */
export const logPlace = (locations: Locations): string =>
  locations.eventStoreUrl === undefined
    ? logFile(locations)
    : withoutLogin(locations.eventStoreUrl.replace(/\?.*/, ''));

/** A text without what logs in at a URL in it. Passwords may hold anything: rather too little is left than too much. */
export const withoutLogin = (text: string): string => text.replace(/\/\/.*@/s, '//');

/** @param readOnly for who only reads or follows; the log is there already */
export async function openEventStore(locations: Locations, { readOnly = false } = {}): Promise<EventStore> {
  if (locations.eventStoreUrl === undefined) return sqliteEventStore(logFile(locations), { readOnly });
  // Its client takes 20 MB in each thread: only who needs it pays for it.
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

/** @param clock of a file; a Redis has its own */
export async function openKeyValue(locations: Locations, clock: () => Date): Promise<KeyValue> {
  const { redisUrl } = locations;
  if (redisUrl === undefined) return sqliteKeyValue(fileIn(locations, 'kv.db'), clock);
  const { redisKeyValue } = await import('./key-value/redis.ts');
  return redisKeyValue(redisUrl);
}

/**
 * Both kinds of views; those that no server holds are in one file.
 * @param readOnly for who only reads; what is read is there already
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

/** @param readUrl of a replica: one that feeds read models must read what it has written */
async function openMariaDb(url: string, readOnly: boolean, readUrl: string | undefined): Promise<ReadModels> {
  const { mariaDbReadModels } = await import('./read-models/mariadb.ts');
  return mariaDbReadModels(url, { readOnly, ...(readOnly && readUrl !== undefined && { readUrl }) });
}

/** It connects when it is first asked. */
async function openMongo(url: string): Promise<ReadModels> {
  const { mongoReadModels } = await import('./read-models/mongodb.ts');
  return mongoReadModels(url);
}
