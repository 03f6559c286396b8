import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type EventStoreServer, startEventStore } from './eventstoredb/start.ts';
import { scratchFolder } from './zipbob.ts';

/** ZIPBOB_TEST_LOG=eventstoredb: the event log of all programs under test is in an EventStoreDB, the stand-in for it. */
export const onEventStore = process.env.ZIPBOB_TEST_LOG === 'eventstoredb';

const FILE = 'log.db';
const STAND_IN = 'eventstore.db';
/** What holds the log of a data folder: copied with the folder, and found where bytes are searched. */
export const LOG = onEventStore ? STAND_IN : FILE;
/** How a start calls the log in its messages. */
export const LOG_PLACE = onEventStore ? 'esdb://127.0.0.1:' : FILE;
/** Why a test of `log.db` itself says nothing about an EventStoreDB. */
export const fileOnly = { skip: onEventStore && 'about the file log.db: with an EventStoreDB there is none' };

export interface LogInUse {
  readonly url?: string;
  /** Once nobody uses it any more it ends, and all is in its file. */
  release(): Promise<void>;
}
interface Log {
  users: number;
  readonly server: Promise<EventStoreServer>;
  ended?: Promise<unknown>;
}
const logs = new Map<string, Log>();

/** Sees to it that the log of a folder can be had until it is released. @param bytes that its file may have */
export async function useLog(folder: string, bytes?: number): Promise<LogInUse> {
  if (!onEventStore) return { release: async () => {} };
  const path = resolve(folder);
  for (let log = logs.get(path); log?.ended; log = logs.get(path)) await log.ended;
  const log = logs.get(path) ?? { users: 0, server: startEventStore({ ...placeOf(path), ...(bytes && { bytes }) }) };
  logs.set(path, log);
  log.users++;
  return {
    url: (await log.server).url,
    release: async () => {
      if (--log.users === 0) log.ended = end(path, log);
      await log.ended;
    },
  };
}

async function end(path: string, log: Log): Promise<void> {
  await (await log.server).stop();
  logs.delete(path);
}

/** Where a data folder cannot be, the log is elsewhere. */
function placeOf(folder: string): { folder?: string } {
  if (existsSync(folder) && !statSync(folder).isDirectory()) return {};
  mkdirSync(folder, { recursive: true });
  return { folder };
}

export interface LoggedFact {
  readonly stream: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
}

/** What the log of a folder holds, in its order: whichever log lies there, also while a server runs. */
export const factsOf = (folder: string): LoggedFact[] =>
  onEventStore || existsSync(join(folder, STAND_IN)) ? fromStandIn(folder) : fromFile(folder);

/** how many facts the log of a folder holds */
export const factsIn = (folder: string): number => factsOf(folder).length;

const fromFile = (folder: string): LoggedFact[] =>
  select(
    join(folder, FILE),
    'SELECT s.name AS stream, type, data, meta FROM facts JOIN streams s USING (stream) ORDER BY position',
  );

/** The stand-in locks its file: a copy is read. Without any it would start with an empty log. */
function fromStandIn(folder: string): LoggedFact[] {
  if (!statSync(join(folder, STAND_IN), { throwIfNoEntry: false })?.size) return [];
  const copy = scratchFolder();
  for (const name of [STAND_IN, `${STAND_IN}-wal`]) {
    if (existsSync(join(folder, name))) cpSync(join(folder, name), join(copy, name));
  }
  try {
    return select(
      join(copy, STAND_IN),
      `SELECT stream, type, CAST(data AS TEXT) AS data, CAST(metadata AS TEXT) AS meta FROM records
       WHERE revision NOT NULL AND stream NOT LIKE '$%' ORDER BY position`,
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function select(path: string, sql: string): LoggedFact[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = db.prepare(sql).all() as unknown as { stream: string; type: string; data: string; meta: string }[];
    return rows.map(({ stream, type, data, meta }) => ({
      stream,
      type,
      data: JSON.parse(data),
      meta: JSON.parse(meta),
    }));
  } finally {
    db.close();
  }
}
