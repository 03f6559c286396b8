import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '../core/event-store/port.ts';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyEntries } from '../core/keys/copy.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Projection } from '../core/projection.ts';
import type { ReadModels } from '../core/read-model/port.ts';
import { sqliteEventStore } from './event-log/sqlite.ts';
import { sqliteKeyValue } from './key-value/sqlite.ts';
import { sqliteKeyEntries, sqliteKeyStore } from './keys/sqlite.ts';
import { endpointOf, placeOf } from './mariadb/url.ts';
import { sqliteReadModels } from './read-models/sqlite.ts';

/** Where the stores are; plain data, so that it can be handed to a thread. */
export interface Locations {
  /** the data folder of the embedded profile */
  readonly folder: string;
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
}

export const keyFile = ({ folder }: Locations): string => join(folder, 'keys.db');

export const logFile = ({ folder }: Locations): string => join(folder, 'log.db');

/** For messages: a file's path, or a URL without what logs in there. */
export const logPlace = ({ folder, eventStoreUrl }: Locations): string =>
  eventStoreUrl === undefined ? logFile({ folder }) : withoutLogin(eventStoreUrl.replace(/\?.*/, ''));

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

/** Whether there is a key store; nothing is made. @throws Error with a message for the operator */
export async function hasKeys(locations: Locations): Promise<boolean> {
  if (locations.mariaDbKeysUrl === undefined) return existsSync(keyFile(locations));
  const { hasMariaDbKeys } = await import('./keys/mariadb.ts');
  return hasMariaDbKeys(locations.mariaDbKeysUrl);
}

/** Everything in a key store, for moving it. @throws Error with a message for the operator */
export async function openKeyEntries(locations: Locations): Promise<KeyEntries> {
  if (locations.mariaDbKeysUrl === undefined) return sqliteKeyEntries(keyFile(locations));
  const { mariaDbKeyEntries } = await import('./keys/mariadb.ts');
  return mariaDbKeyEntries(locations.mariaDbKeysUrl);
}

/** For messages: a file's path, or a URL without what logs in there. */
export const keyPlace = (locations: Locations): string =>
  locations.mariaDbKeysUrl === undefined ? keyFile(locations) : placeOf(endpointOf(locations.mariaDbKeysUrl));

/** @param clock of a file; a Redis has its own */
export async function openKeyValue({ folder, redisUrl }: Locations, clock: () => Date): Promise<KeyValue> {
  if (redisUrl === undefined) return sqliteKeyValue(join(folder, 'kv.db'), clock);
  const { redisKeyValue } = await import('./key-value/redis.ts');
  return redisKeyValue(redisUrl);
}

/**
 * Both kinds of views; those that no server holds are in one file.
 * @param readOnly for who only reads; what is read is there already
 */
export async function openReadModels(
  { folder, mariaDbUrl, mariaDbReadUrl }: Locations,
  { readOnly = false } = {},
): Promise<Record<Projection['store'], ReadModels>> {
  const file = sqliteReadModels(join(folder, 'views.db'), { readOnly });
  if (mariaDbUrl === undefined) return { relational: file, document: file };
  try {
    return { relational: await openMariaDb(mariaDbUrl, readOnly, mariaDbReadUrl), document: file };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @param readUrl of a replica: one that feeds read models must read what it has written */
async function openMariaDb(url: string, readOnly: boolean, readUrl: string | undefined): Promise<ReadModels> {
  const { mariaDbReadModels } = await import('./read-models/mariadb.ts');
  return mariaDbReadModels(url, { readOnly, ...(readOnly && readUrl !== undefined && { readUrl }) });
}
