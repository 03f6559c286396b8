import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { requireTime } from '../core/deadline.ts';
import { Damaged, Unavailable } from '../core/errors.ts';

/** One kind of database file: its content, and the format version that this release writes. */
export interface Format {
  /** e.g. "event log", for messages */
  readonly name: string;
  /** SQLite's application_id: distinguishes our files from each other and from those of other programs */
  readonly applicationId: number;
  readonly version: number;
  /** SQL that creates the tables of version 1; later versions migrate step by step */
  readonly create: string;
  /** SQL for tables that a file of the same version may lack; older releases ignore them */
  readonly added?: string;
  /** advice to the operator if the file is damaged */
  readonly mend: string;
}

export interface OpenOptions {
  /** FULL: a commit is durable before it returns. NORMAL: a power failure may lose the last commits. */
  synchronous: 'FULL' | 'NORMAL';
  readOnly?: boolean;
  /** size of the write-ahead log, in pages, that triggers a checkpoint */
  checkpointEvery?: number;
  /** maximum size in pages; only tests set it, to simulate a full disk */
  maxPages?: number;
}

/**
 * Opens or creates one of our SQLite files, readable by its owner only.
 * @throws Error with a message for the operator if the file is damaged, not ours, or of a newer release
 */
export function openDatabase(path: string, format: Format, options: OpenOptions): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (path !== ':memory:' && !options.readOnly) makePrivate(path);
    db = new DatabaseSync(path, { timeout: LOCK_MS, readOnly: options.readOnly ?? false });
    if (!options.readOnly) {
      prepare(db, format, options);
      if (path !== ':memory:') checkpointPeriodically(db);
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

/** Another connection holds the lock. */
export class Locked extends Unavailable {
  override readonly name = 'Locked';
}

/** Timeout for the lock of another connection. */
const LOCK_MS = 5000;

/** Name and advice of each open file, for the messages of later failures. */
const files = new WeakMap<DatabaseSync, { what: string; mend: string }>();

/**
 * Creates a file that only its owner can access, or restricts an existing one. SQLite gives its side files the same
 * permissions. An existing file is never opened here, because closing it would release all locks of this process on it
 * (POSIX).
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
/** Maximum time that a fact is only in the write-ahead log, which is easily forgotten when files are copied by hand. */
const CHECKPOINT_MS = 10_000;

/** Checkpoints the write-ahead log periodically, as far as readers allow, until the file is closed. */
function checkpointPeriodically(db: DatabaseSync): void {
  const timer = setInterval(() => {
    if (!db.isOpen) return clearInterval(timer);
    try {
      db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The next write reports a full or failing disk; the checkpoint is retried at the next interval.
    }
  }, CHECKPOINT_MS);
  timer.unref();
}

function prepare(db: DatabaseSync, format: Format, options: OpenOptions): void {
  // In one read transaction, before anything is changed in a file that may not be ours.
  db.exec('BEGIN');
  if (check(db, format) === 'ours') checkPages(db);
  db.exec('COMMIT');
  enterWal(db);
  db.exec(
    `PRAGMA synchronous = ${options.synchronous}; PRAGMA wal_autocheckpoint = ${options.checkpointEvery ?? CHECKPOINT_EVERY}`,
  );
  if (options.maxPages) db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  // Two processes may open an empty file at the same time.
  db.exec('BEGIN IMMEDIATE');
  if (check(db, format) === 'empty') {
    db.exec(format.create);
    db.exec(`PRAGMA application_id = ${format.applicationId}; PRAGMA user_version = ${format.version}`);
  }
  if (format.added) db.exec(format.added);
  db.exec('COMMIT');
}

/** @throws Error if the file belongs to another program, or a newer release wrote it */
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
      `it was written by a newer release (format ${version}, this one reads ${format.version}). Upgrade ZipBob and restart it`,
    );
  }
  return 'ours';
}

/** Files up to this size are checked completely: 1.4 ms per MiB if cached, 50 ms or more on a memory card. */
const CHECKED_BYTES = 16 * 1024 * 1024;

/**
 * Checks for damage: all pages of a small file, the first and last row of each table of a large one. Damage elsewhere in
 * a large file is found when it is read.
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
    for (const order of ['ASC', 'DESC']) db.prepare(`SELECT * FROM ${table} ORDER BY rowid ${order} LIMIT 1`).get();
  }
}

/** SQLite result codes */
const BUSY = 5;
const DAMAGED = new Set([11, 26]);
/** errors in our own SQL (SQL error, constraint, type mismatch), not an unavailable store */
const OURS = new Set([1, 19, 20]);
const WAL_TRIES = 500;
const WAL_PAUSE_MS = 10;

/** Switching a new file to WAL does not wait for another process that does the same, so this retries. */
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

/**
 * Runs `work` in one transaction that takes the write lock first; any error rolls it back.
 * @throws Locked if another connection holds the lock, Unavailable or Damaged if the file fails, and any error of `work`
 */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  try {
    db.exec('BEGIN IMMEDIATE');
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk may have caused a rollback already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw translated(db, error, 'written');
  }
}

/** From now on a write fails at once while another connection holds the lock: `whenFree` waits without blocking. */
export const failWhereLocked = (db: DatabaseSync): void => db.exec('PRAGMA busy_timeout = 0');

const LOCK_POLL_MS = 20;

/**
 * `transaction` for a thread that serves requests: it waits for the write lock, up to five seconds, without blocking the
 * event loop. The first attempt is made at once.
 * @param deadline in milliseconds of `performance.now()`; from then on there is no attempt
 * @throws Unavailable from the deadline on or if the file is closed, and as `transaction`
 */
export const transactionWhenFree = <T>(db: DatabaseSync, work: () => T, deadline?: number): Promise<T> =>
  whenFree(db, () => transaction(db, work), deadline);

/** Runs `work` on a connection that does not wait for locks (`failWhereLocked`), with retries while it is `Locked`. */
export async function whenFree<T>(db: DatabaseSync, work: () => T, deadline?: number): Promise<T> {
  for (const end = performance.now() + LOCK_MS; ; ) {
    if (!db.isOpen) throw new Unavailable('the database is closed');
    requireTime(files.get(db)?.what ?? 'the database', deadline);
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Locked) || performance.now() >= end) throw error;
    }
    await setTimeout(LOCK_POLL_MS);
  }
}

/** Runs `work`, which only reads. @throws Damaged or Unavailable if the file fails, and any error of `work` */
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

/** Changes whenever another connection has committed. */
export const dataVersion = (db: DatabaseSync): number => pragma(db, 'data_version');
