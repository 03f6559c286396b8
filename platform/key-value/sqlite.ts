import { type Format, openDatabase, reading, transactionWhenFree } from '../../core/sqlite.ts';
import type { KeyValue } from './port.ts';

const FORMAT: Format = {
  name: 'session store',
  applicationId: 0x7a62_6b76,
  version: 1,
  create: `
    CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
    CREATE INDEX entries_by_end ON entries (until);`,
  mend: 'It only says who is logged in: delete it and start again, and everybody logs in anew',
};

/**
 * The key-value store in one SQLite file. Writing also sweeps what has run out. What is answered is on the disk: a
 * session that was ended must not come back when the power fails.
 */
export function sqliteKeyValue(path: string, clock: () => Date = () => new Date()): KeyValue {
  const db = openDatabase(path, FORMAT, { synchronous: 'FULL' });
  const select = db.prepare('SELECT value FROM entries WHERE key = ? AND until > ?');
  const upsert = db.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM entries WHERE key = ?');
  const sweep = db.prepare('DELETE FROM entries WHERE until <= ?');
  let closed = false;
  const now = () => clock().getTime();
  const read = (key: string) => select.get(key, now())?.value as string | undefined;
  const write = (key: string, value: string, seconds: number) => {
    sweep.run(now());
    upsert.run(key, value, now() + seconds * 1000);
  };
  return {
    get: async key => reading(db, () => read(key)),
    set: async (key, value, seconds) => transactionWhenFree(db, () => write(key, value, seconds)),
    replace: async (key, expected, next, seconds, deadline) =>
      transactionWhenFree(
        db,
        () => {
          if (read(key) !== expected) return false;
          write(key, next, seconds);
          return true;
        },
        deadline,
      ),
    delete: async key => transactionWhenFree(db, () => void remove.run(key)),
    async close() {
      if (!closed) db.close();
      closed = true;
    },
  };
}
