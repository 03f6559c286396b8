import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Counted, KeyValue } from '../../core/key-value/port.ts';
import {
  type Format,
  failWhereLocked,
  openDatabase,
  reading,
  transaction,
  transactionWhenFree,
  whenFree,
} from '../sqlite.ts';
import { type Reading, steadyTime } from './steady-time.ts';

const FORMAT: Format = {
  name: 'session store',
  applicationId: 0x7a62_6b76,
  version: 1,
  create: `
    CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
    CREATE INDEX entries_by_end ON entries (until);`,
  mend: 'It holds only logins: delete it and restart; all members have to log in again',
};

interface Entry {
  readonly value: string;
  readonly until: number;
}

/**
 * The key-value store in one SQLite file. Each write also deletes expired values. A write is durable before it resolves:
 * a session that was ended must not come back after a power failure. Only counts do not wait for the disk, because every
 * command adds to one.
 * @throws Error with a message for the operator if the file is damaged, not ours, or of a newer release
 */
export function sqliteKeyValue(path: string, clock: () => Date = () => new Date()): KeyValue {
  const db = openDatabase(path, FORMAT, { synchronous: 'FULL' });
  const self = ownValues(db);
  const time = steadyTime(clock, self.reading);
  const select = db.prepare('SELECT value, until FROM entries WHERE key = ? AND until > ?');
  const upsert = db.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM entries WHERE key = ?');
  const sweep = db.prepare('DELETE FROM entries WHERE until <= ?');
  failWhereLocked(db);
  let closed = false;

  const find = (key: string, { at }: Reading) => select.get(key, at) as Entry | undefined;
  const write = (key: string, value: string, until: number, now: Reading) => {
    self.keep(now);
    sweep.run(now.at);
    upsert.run(key, value, until);
  };

  function add(key: string, by: number, seconds: number): Counted {
    const now = time();
    const { at } = now;
    const entry = find(key, now);
    const before = Number(entry?.value ?? 0);
    if (!Number.isSafeInteger(before)) throw new Error(`${key} is not a count`);
    const count = Math.max(0, before + by);
    if (!entry && count === 0) return { count: 0, left: 0 };
    const until = entry?.until ?? at + seconds * 1000;
    if (count !== before) write(key, String(count), until, now);
    return { count, left: until - at };
  }

  /** A transaction that does not wait for the disk. */
  function soon<T>(work: () => T): T {
    db.exec('PRAGMA synchronous = NORMAL');
    try {
      return transaction(db, work);
    } finally {
      db.exec('PRAGMA synchronous = FULL');
    }
  }

  return {
    get: async key => reading(db, () => find(key, time())?.value),
    set: (key, value, seconds) =>
      transactionWhenFree(db, () => {
        const now = time();
        write(key, value, now.at + seconds * 1000, now);
      }),
    replace: (key, expected, next, seconds, deadline) =>
      transactionWhenFree(
        db,
        () => {
          const now = time();
          if (find(key, now)?.value !== expected) return false;
          write(key, next, now.at + seconds * 1000, now);
          return true;
        },
        deadline,
      ),
    add: async (key, by, seconds) =>
      by === 0 ? reading(db, () => add(key, 0, seconds)) : whenFree(db, () => soon(() => add(key, by, seconds))),
    delete: key => transactionWhenFree(db, () => void remove.run(key)),
    identity: async () => self.identity,
    now: async () => time().at,
    async close() {
      if (!closed) db.close();
      closed = true;
    },
  };
}

/**
 * Identity and last time of the store; added when a file of an earlier release is opened.
 * @throws Damaged or Unavailable if the file fails
 */
function ownValues(db: DatabaseSync) {
  const identity = transaction(db, () => {
    db.exec('CREATE TABLE IF NOT EXISTS own (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT');
    db.prepare("INSERT INTO own VALUES ('identity', ?) ON CONFLICT DO NOTHING").run(randomUUID());
    return db.prepare("SELECT value FROM own WHERE name = 'identity'").get()!.value as string;
  });
  const upsert = db.prepare("INSERT OR REPLACE INTO own VALUES ('time', ?)");
  const kept = db.prepare("SELECT value FROM own WHERE name = 'time'").get();
  return {
    identity,
    /** the last reading of the time that was stored */
    reading: kept && (JSON.parse(kept.value as string) as Reading),
    keep: (reading: Reading) => void upsert.run(JSON.stringify(reading)),
  };
}
