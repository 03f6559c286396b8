import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '../core/event-store/port.ts';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Projection } from '../core/projection.ts';
import type { ReadModels } from '../core/read-model/port.ts';
import { adviceOn } from './event-log/eventstoredb/connection-string.ts';
import { sqliteEventStore } from './event-log/sqlite.ts';
import { sqliteKeyValue } from './key-value/sqlite.ts';
import { sqliteKeyStore } from './keys/sqlite.ts';
import { sqliteReadModels } from './read-models/sqlite.ts';

/** Where the stores are; plain data, so that it can be handed to a thread. */
export interface Locations {
  /** the data folder of the embedded profile; needed by each store that is in no server */
  readonly folder?: string;
  /** of an EventStoreDB that holds the event log; without it, the log is a file in the folder */
  readonly eventStoreUrl?: string;
}

/** A file of the data folder. @throws Error for the operator where there is none */
function fileIn({ folder }: Locations, name: string): string {
  if (folder === undefined) throw new Error(`there is no data folder for ${name}: set ZIPBOB_DATA`);
  return join(folder, name);
}

const keyFile = (locations: Locations): string => fileIn(locations, 'keys.db');
export const LOG_FILE = 'log.db';
export const logFile = (locations: Locations): string => fileIn(locations, LOG_FILE);

/** For messages. */
export const keysPlace = keyFile;

/** Whether there is a key store already: opening one makes it. */
export const keysExist = (locations: Locations): boolean => existsSync(keyFile(locations));

/** Whether there is an event log already: opening a file makes it. A server has one, be it empty. */
export const logExists = (locations: Locations): boolean =>
  locations.eventStoreUrl !== undefined || hasContent(logFile(locations));

const hasContent = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Advice to the operator on settings that work but could be better; undefined if there is none. */
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
  return sqliteKeyStore(keyFile(locations));
}
export async function openKeyValue(locations: Locations, clock: () => Date): Promise<KeyValue> {
  return sqliteKeyValue(fileIn(locations, 'kv.db'), clock);
}

/**
 * Both kinds of views; in the embedded profile they share a file.
 * @param readOnly for who only reads; the file is there already
 */
export async function openReadModels(
  locations: Locations,
  { readOnly = false } = {},
): Promise<Record<Projection['store'], ReadModels>> {
  const models = sqliteReadModels(fileIn(locations, 'views.db'), { readOnly });
  return { relational: models, document: models };
}
