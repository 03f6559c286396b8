import { join } from 'node:path';
import type { EventStore } from '../core/event-store/port.ts';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Projection } from '../core/projection.ts';
import type { ReadModels } from '../core/read-model/port.ts';
import { sqliteEventStore } from './event-log/sqlite.ts';
import { sqliteKeyValue } from './key-value/sqlite.ts';
import { sqliteKeyStore } from './keys/sqlite.ts';
import { sqliteReadModels } from './read-models/sqlite.ts';

/** Where the stores are; plain data, so that it can be handed to a thread. */
export interface Locations {
  /** the data folder of the embedded profile */
  readonly folder: string;
  /** of an EventStoreDB that holds the event log; without it, the log is a file in the folder */
  readonly eventStoreUrl?: string;
  /** of a Redis that holds sessions, limits and revocations; without it, they are a file in the folder */
  readonly redisUrl?: string;
  /** of a MongoDB that holds the document views; without it, they are in the file of the others */
  readonly mongoUrl?: string;
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
  return sqliteKeyStore(keyFile(locations));
}
/** @param clock of a file; a Redis has its own */
export async function openKeyValue({ folder, redisUrl }: Locations, clock: () => Date): Promise<KeyValue> {
  if (redisUrl === undefined) return sqliteKeyValue(join(folder, 'kv.db'), clock);
  const { redisKeyValue } = await import('./key-value/redis.ts');
  return redisKeyValue(redisUrl);
}

/**
 * Both kinds of views; in the embedded profile they share a file.
 * @param readOnly for who only reads; the file is there already
 */
export async function openReadModels(
  { folder, mongoUrl }: Locations,
  { readOnly = false } = {},
): Promise<Record<Projection['store'], ReadModels>> {
  const relational = sqliteReadModels(join(folder, 'views.db'), { readOnly });
  if (mongoUrl === undefined) return { relational, document: relational };
  const { mongoReadModels } = await import('./read-models/mongodb.ts');
  return { relational, document: mongoReadModels(mongoUrl) };
}

/** Makes the stores of the views where there are none. @throws Unavailable, with a message for the operator */
export async function prepareReadModels(locations: Locations): Promise<void> {
  const { relational, document } = await openReadModels(locations);
  try {
    await document.prepare?.();
  } finally {
    for (const models of new Set([relational, document])) await models.close();
  }
}
