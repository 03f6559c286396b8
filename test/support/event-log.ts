import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { given, startGiven } from '../eventstoredb/given.ts';
import { startEventStore } from '../eventstoredb/start.ts';
import { scratchFolder } from './programs.ts';

/**
 * ZIPBOB_TEST_LOG=eventstoredb: the event log of all programs under test is in an EventStoreDB. That is the stand-in,
 * or with EVENTSTORE_START a server that this command starts.
 */
export const onEventStore = process.env.ZIPBOB_TEST_LOG === 'eventstoredb';

const READER = join(import.meta.dirname, 'read-log.child.ts');
const READ_MS = 120_000;
const FILE = 'log.db';
const STAND_IN = 'eventstore.db';
/** What holds the log of a data folder, a file or a server's own folder: copied with the data folder. */
export const LOG = !onEventStore ? FILE : given ? 'eventstore' : STAND_IN;
/** How a start calls the log in its messages. */
export const LOG_PLACE = onEventStore ? 'esdb://127.0.0.1:' : FILE;
/** Why a test of `log.db` itself says nothing about an EventStoreDB. */
export const fileOnly = { skip: onEventStore && 'about the file log.db: with an EventStoreDB there is none' };

const onGiven = onEventStore && given !== undefined;
/** Why a test that looks into the file of the log, or limits it, says nothing about a server that was started for it. */
export const ownFile = {
  skip: onGiven && 'looks into the file of the log, or limits it: EVENTSTORE_START has its own',
};

export interface LogInUse {
  readonly url?: string;
  /** Once nobody uses it any more it ends, and all is in its file. */
  release(): Promise<void>;
}
interface Log {
  users: number;
  readonly server: Promise<{ readonly url: string; stop(): Promise<unknown> }>;
  url?: string;
  ended?: Promise<unknown>;
}
const logs = new Map<string, Log>();

/** Sees to it that the log of a folder can be had until it is released. @param bytes that its file may have */
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
  onGiven
    ? fromGiven(folder)
    : onEventStore || existsSync(join(folder, STAND_IN))
      ? fromStandIn(folder)
      : fromFile(folder);

/** how many facts the log of a folder holds */
export const factsIn = (folder: string): number => factsOf(folder).length;

/** In a process of its own, so that tests can ask without waiting. */
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
