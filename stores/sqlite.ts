import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { requireTime } from '../core/deadline.ts';
import { Damaged, Unavailable } from '../core/errors.ts';

/** A database file of ours: what is in it, and which format this release writes. */
export interface Format {
  /** e.g. "event log", for messages */
  readonly name: string;
  /** tells our files from other people's and from each other */
  readonly applicationId: number;
  readonly version: number;
  /** makes an empty file ready; later versions alter it step by step */
  readonly create: string;
  /** tables that a file of the same version may lack; releases that do not know them leave them alone */
  readonly added?: string;
  /** what the operator can do where the file is damaged */
  readonly mend: string;
}

export interface OpenOptions {
  /** FULL: on the disk before a commit returns. NORMAL: may lose the last commits when the power fails. */
  synchronous: 'FULL' | 'NORMAL';
  readOnly?: boolean;
  /** pages that the log of changes may reach before they are brought into the file */
  checkpointEvery?: number;
  /** pages; only tests limit it, to see a full disk */
  maxPages?: number;
}

/**
 * Opens or creates one of our SQLite files, readable by its owner only.
 * @throws Error with a message for the operator where the file is damaged, not ours, or of a newer release
 */
export function openDatabase(path: string, format: Format, options: OpenOptions): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (path !== ':memory:' && !options.readOnly) makePrivate(path);
    db = new DatabaseSync(path, { timeout: LOCK_MS, readOnly: options.readOnly ?? false });
    if (!options.readOnly) {
      prepare(db, format, options);
      if (path !== ':memory:') checkpointNowAndThen(db);
    }
    files.set(db, { what: `the ${format.name} ${path}`, mend: format.mend });
    return db;
  } catch (error) {
    db?.close();
    const reason = error instanceof Error ? error.message : String(error);
    const advice = isDamage(error) ? `. ${format.mend}` : '';
    throw new Error(`cannot open the ${format.name} ${path}: ${reason}${advice}`, { cause: error });
  }
}

/** Another connection holds the lock that is needed. */
export class Locked extends Unavailable {
  override readonly name = 'Locked';
}

/** How long a statement waits for the lock of another connection. */
const LOCK_MS = 5000;

/** What is said of a file that fails later on. */
const files = new WeakMap<DatabaseSync, { what: string; mend: string }>();

/**
 * Makes a file that is for its owner only, or sees to it that it is. SQLite gives its side files the same permissions.
 * An existing file is never opened: closing it again would give up the locks that this process holds on it (POSIX).
 */
export function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(path, 0o600);
  }
}

const CHECKPOINT_EVERY = 4000;
/** How long a fact may stand in the write-ahead log alone, which is easily lost when files are copied by hand. */
const CHECKPOINT_MS = 10_000;

/** Brings the write-ahead log into the file, as far as readers let it, until the file is closed. */
function checkpointNowAndThen(db: DatabaseSync): void {
  const timer = setInterval(() => {
    if (!db.isOpen) return clearInterval(timer);
    try {
      db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // A full or failing disk is reported by whoever writes; the next time comes.
    }
  }, CHECKPOINT_MS);
  timer.unref();
}

function prepare(db: DatabaseSync, format: Format, options: OpenOptions): void {
  // Before anything is changed in a file that may not be ours, and as of one moment.
  db.exec('BEGIN');
  if (check(db, format) === 'ours') checkPages(db);
  db.exec('COMMIT');
  enterWal(db);
  db.exec(
    `PRAGMA synchronous = ${options.synchronous}; PRAGMA wal_autocheckpoint = ${options.checkpointEvery ?? CHECKPOINT_EVERY}`,
  );
  if (options.maxPages) db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  // Two processes may come to an empty file at once.
  db.exec('BEGIN IMMEDIATE');
  if (check(db, format) === 'empty') {
    db.exec(format.create);
    db.exec(`PRAGMA application_id = ${format.applicationId}; PRAGMA user_version = ${format.version}`);
  }
  if (format.added) db.exec(format.added);
  db.exec('COMMIT');
}

/** @throws Error where the file is another program's, or a newer release's */
function check(db: DatabaseSync, format: Format): 'empty' | 'ours' {
  const id = pragma(db, 'application_id');
  const version = pragma(db, 'user_version');
  if (id === 0 && version === 0 && tables(db) === 0) return 'empty';
  if (id !== format.applicationId) {
    throw new Error(
      'this file was not made by ZipBob for this use. Move it away, or choose another folder (ZIPBOB_DATA)',
    );
  }
  if (version > format.version) {
    throw new Error(
      `it was written by a newer release (format ${version}, this one reads ${format.version}). Upgrade ZipBob, then start it again`,
    );
  }
  return 'ours';
}

/** 1.4 ms per MiB where it is in memory, 50 ms and more on a memory card */
const CHECKED_BYTES = 16 * 1024 * 1024;

/**
 * Looks for damage before anything is built on it: in all of a small file, else where its tables begin and end. What
 * lies deeper in a large one shows itself when it is read.
 * @throws Damaged
 */
function checkPages(db: DatabaseSync): void {
  if (pragma(db, 'page_count') * pragma(db, 'page_size') <= CHECKED_BYTES) {
    const [found] = Object.values(db.prepare('PRAGMA quick_check(1)').get()!);
    if (found !== 'ok') throw new Damaged(String(found));
    return;
  }
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
    const table = `"${String(name).replaceAll('"', '""')}"`;
    for (const way of ['ASC', 'DESC']) db.prepare(`SELECT * FROM ${table} ORDER BY rowid ${way} LIMIT 1`).get();
  }
}

/** SQLite's result codes */
const BUSY = 5;
const DAMAGED = new Set([11, 26]);
/** a mistake of ours, not a store that is away: SQL error, constraint, mismatch */
const OURS = new Set([1, 19, 20]);
const WAL_TRIES = 500;
const WAL_PAUSE_MS = 10;

/** Switching a new file to WAL does not wait for another process that does the same, so we do. */
function enterWal(db: DatabaseSync): void {
  for (let tries = 1; ; tries++) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== BUSY || tries === WAL_TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_PAUSE_MS);
    }
  }
}

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0]);

const tables = (db: DatabaseSync): number => Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()!.n);

/** Runs `work` in one transaction that takes the write lock first; any failure undoes all of it. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  try {
    db.exec('BEGIN IMMEDIATE');
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk may have rolled back already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw translated(db, error, 'written');
  }
}

/** From now on a write fails at once while another connection holds the lock: `whenFree` waits without blocking. */
export const failWhereLocked = (db: DatabaseSync): void => db.exec('PRAGMA busy_timeout = 0');

const LOCK_LOOK_MS = 20;

/**
 * `transaction` for a thread that serves requests: while another process holds the write lock, for five seconds at
 * most, the event loop runs on. The first try is made at once.
 * @param deadline milliseconds of `performance.now()` from which on it is not tried
 */
export const transactionWhenFree = <T>(db: DatabaseSync, work: () => T, deadline?: number): Promise<T> =>
  whenFree(db, () => transaction(db, work), deadline);

/** Runs `work` on a connection that does not wait for locks (`failWhereLocked`); again, where it failed for lack of one. */
export async function whenFree<T>(db: DatabaseSync, work: () => T, deadline?: number): Promise<T> {
  for (const end = performance.now() + LOCK_MS; ; ) {
    if (!db.isOpen) throw new Unavailable('the database is closed');
    requireTime(files.get(db)?.what ?? 'the database', deadline);
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Locked) || performance.now() >= end) throw error;
    }
    await setTimeout(LOCK_LOOK_MS);
  }
}

/** Runs `work`, which only reads. @throws Damaged, Unavailable */
export function reading<T>(db: DatabaseSync, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(db, error, 'read');
  }
}

function translated(db: DatabaseSync, error: unknown, done: 'read' | 'written'): unknown {
  if (!isSqliteError(error) || OURS.has(error.errcode & 0xff)) return error;
  const { what, mend } = files.get(db) ?? { what: 'the database', mend: '' };
  if (isDamage(error)) return new Damaged(`${what} is damaged: ${error.message}. ${mend}`, { cause: error });
  const Failure = (error.errcode & 0xff) === BUSY ? Locked : Unavailable;
  return new Failure(`${what} cannot be ${done}: ${error.message}`, { cause: error });
}

const isDamage = (error: unknown): boolean =>
  error instanceof Damaged || (isSqliteError(error) && DAMAGED.has(error.errcode & 0xff));

const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && (error as { code?: string }).code === 'ERR_SQLITE_ERROR';

/** Counts up whenever another connection has committed. */
export const dataVersion = (db: DatabaseSync): number => pragma(db, 'data_version');
