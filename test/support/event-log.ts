import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { given, startGiven } from '../eventstoredb/given.ts';
import { startEventStore } from '../eventstoredb/start.ts';
import { scratchFolder } from './programs.ts';

/**
 * With ZIPBOB_TEST_LOG=eventstoredb the programs under test keep their event log in an EventStoreDB: the stand-in, or
 * the server that the command in EVENTSTORE_START starts.
 */
export const onEventStore = process.env.ZIPBOB_TEST_LOG === 'eventstoredb';

const READER = join(import.meta.dirname, 'read-log.child.ts');
const READ_MS = 120_000;
const FILE = 'log.db';
const STAND_IN = 'eventstore.db';
/** Name of the log in a data folder, a file or a server's own folder; it is copied with the data folder. */
export const LOG = !onEventStore ? FILE : given ? 'eventstore' : STAND_IN;
/** The log's name in the messages of a start. */
export const LOG_PLACE = onEventStore ? 'esdb://127.0.0.1:' : FILE;
/** Skips a test of the file `log.db` itself when the log is in an EventStoreDB. */
export const fileOnly = { skip: onEventStore && 'tests the file log.db, which a log in EventStoreDB does not have' };

const onGiven = onEventStore && given !== undefined;
/** Skips a test that reads or limits the log's file when EVENTSTORE_START provides the server. */
export const ownFile = {
  skip: onGiven && 'reads or limits the file of the log, which the server of EVENTSTORE_START manages itself',
};

export interface LogInUse {
  readonly url?: string;
  /** Ends the log's server after the last release, with everything in its file. */
  release(): Promise<void>;
}
interface Log {
  users: number;
  readonly server: Promise<{ readonly url: string; stop(): Promise<unknown> }>;
  url?: string;
  ended?: Promise<unknown>;
}
const logs = new Map<string, Log>();

/** Keeps the log of a folder available until it is released. @param bytes limit for the size of its file */
export async function useLog(folder: string, bytes?: number): Promise<LogInUse> {
  if (!onEventStore) return { release: async () => {} };
  const path = resolve(folder);
  for (let log = logs.get(path); log?.ended; log = logs.get(path)) await log.ended;
  const log: Log = logs.get(path) ?? { users: 0, server: startServer(path, bytes) };
  logs.set(path, log);
  log.users++;
  const { url } = await log.server;
  log.url = url;
  return {
    url,
    release: async () => {
      if (--log.users === 0) log.ended = end(path, log);
      await log.ended;
    },
  };
}

function startServer(folder: string, bytes?: number): Log['server'] {
  if (!onGiven) return startEventStore({ ...placeOf(folder), ...(bytes && { bytes }) });
  const isFolder = !existsSync(folder) || statSync(folder).isDirectory();
  return startGiven(isFolder ? join(folder, LOG) : scratchFolder());
}

async function end(path: string, log: Log): Promise<void> {
  await (await log.server).stop();
  logs.delete(path);
}

/** If the data folder is not a folder, the log is put elsewhere. */
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

/** The facts in the log of a folder, in order. It reads any kind of log, also while a server runs. */
export const factsOf = (folder: string): LoggedFact[] =>
  onGiven
    ? fromGiven(folder)
    : onEventStore || existsSync(join(folder, STAND_IN))
      ? fromStandIn(folder)
      : fromFile(folder);

/** the number of facts in the log of a folder */
export const factsIn = (folder: string): number => factsOf(folder).length;

/** Reads in a process of its own, because the tests need the answer synchronously. */
function fromGiven(folder: string): LoggedFact[] {
  const path = resolve(folder);
  if (!existsSync(join(path, LOG))) return [];
  const { url } = logs.get(path) ?? {};
  const args = [READER, join(path, LOG), ...(url === undefined ? [] : [url])];
  const options = { encoding: 'utf8', timeout: READ_MS, maxBuffer: Number.POSITIVE_INFINITY } as const;
  return JSON.parse(execFileSync(process.execPath, args, options)) as LoggedFact[];
}

const fromFile = (folder: string): LoggedFact[] =>
  select(
    join(folder, FILE),
    'SELECT s.name AS stream, type, data, meta FROM facts JOIN streams s USING (stream) ORDER BY position',
  );

/** The stand-in locks its file, so a copy is read. A missing file means an empty log. */
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
