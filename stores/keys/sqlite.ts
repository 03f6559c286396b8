import { randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refused } from '../../core/errors.ts';
import type { KeyEntries } from '../../core/keys/copy.ts';
import type { KeyStore } from '../../core/keys/port.ts';
import type { SubjectKey } from '../../core/sealed.ts';
import {
  type Format,
  failWhereLocked,
  Locked,
  openDatabase,
  reading,
  transaction,
  transactionWhenFree,
  whenFree,
} from '../sqlite.ts';
import { keyCache } from './key-cache.ts';
import { fromSecrets, NEW_SECRETS, rotated, type Secrets, signingKeysIn } from './secrets.ts';

const FORMAT: Format = {
  name: 'key store',
  applicationId: 0x7a62_6b79,
  version: 1,
  create: `
    CREATE TABLE subject_keys (subject TEXT PRIMARY KEY, key_id TEXT NOT NULL, key BLOB, erased_at TEXT) STRICT;
    CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  mend: 'Restore it from a backup: without it, no personal value in the event log can be read',
};

/**
 * The key store in one SQLite file. A missing file is created with new secrets.
 * @param now a clock in milliseconds
 * @throws Error with a message for the operator if the file is damaged, not ours, or of a newer release
 */
export function sqliteKeyStore(path: string, now: () => number = () => performance.now()): KeyStore {
  const db = openDatabase(path, FORMAT, { synchronous: 'FULL' });
  db.exec('PRAGMA secure_delete = ON');
  const secret = (name: keyof typeof NEW_SECRETS): string => {
    const value = NEW_SECRETS[name]();
    transaction(db, () => db.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, value));
    return reading(db, () => db.prepare('SELECT value FROM secrets WHERE name = ?').get(name)!.value as string);
  };
  const hmac = secret('hmac');
  secret('signing');
  failWhereLocked(db);
  return { ...fromSecrets(hmac), ...signingKeys(db), ...subjectKeys(db, now) };
}

const secretsIn = (db: DatabaseSync): Secrets => {
  const rows = db.prepare('SELECT name, value FROM secrets').all();
  return Object.fromEntries(rows.map(({ name, value }) => [name, value as string]));
};

function signingKeys(db: DatabaseSync): Pick<KeyStore, 'signingKeys' | 'rotateSigningKey'> {
  const put = db.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  return {
    signingKeys: async () =>
      signingKeysIn(
        reading(db, () => secretsIn(db)),
        Date.now(),
      ),
    rotateSigningKey: keepMs =>
      transactionWhenFree(db, () => {
        const { kid, changes } = rotated(secretsIn(db), keepMs, Date.now());
        for (const [name, value] of Object.entries(changes)) put.run(name, value);
        return kid;
      }),
  };
}

/** @throws Locked while another connection still reads from the write-ahead log */
function truncateLog(db: DatabaseSync): void {
  const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (busy) throw new Locked('another program is reading the key store: the forgotten key may still be on the disk');
}

function subjectKeys(
  db: DatabaseSync,
  now: () => number,
): Pick<KeyStore, 'keyFor' | 'ensure' | 'forget' | 'inUse' | 'close'> {
  const cache = keyCache(now);
  const select = db.prepare('SELECT key_id, key FROM subject_keys WHERE subject = ?');
  let closed = false;

  function lookUp(subject: string): SubjectKey | 'erased' | undefined {
    const hit = cache.get(subject);
    if (hit) return hit;
    const row = reading(db, () => select.get(subject)) as { key_id: string; key: Uint8Array | null } | undefined;
    if (!row) return undefined;
    if (!row.key) return 'erased';
    const key = { keyId: row.key_id, key: row.key };
    cache.set(subject, key);
    return key;
  }

  return {
    keyFor: async subject => lookUp(subject),
    async ensure(subject) {
      const known = lookUp(subject);
      if (!known) {
        await transactionWhenFree(db, () =>
          db
            .prepare('INSERT INTO subject_keys VALUES (?, ?, ?, NULL) ON CONFLICT DO NOTHING')
            .run(subject, randomUUID(), randomBytes(32)),
        );
      }
      const key = known ?? lookUp(subject)!;
      if (key === 'erased') throw new Refused('rule', 'erased', 'this member was erased');
      return key;
    },
    async forget(subject) {
      cache.delete(subject);
      await transactionWhenFree(db, () =>
        db
          .prepare(
            `INSERT INTO subject_keys VALUES (?, '', NULL, datetime('now'))
             ON CONFLICT (subject) DO UPDATE SET key = NULL, erased_at = coalesce(erased_at, excluded.erased_at)`,
          )
          .run(subject),
      );
      // The old page must not survive in the write-ahead log.
      await whenFree(db, () => truncateLog(db));
    },
    inUse: async () => reading(db, () => db.prepare('SELECT 1 FROM subject_keys LIMIT 1').get()) !== undefined,
    async close() {
      cache.clear();
      if (!closed) db.close();
      closed = true;
    },
  };
}

/** Everything in a key store's file, for moving it. */
export function sqliteKeyEntries(path: string): KeyEntries {
  const db = openDatabase(path, FORMAT, { synchronous: 'FULL' });
  db.exec('PRAGMA secure_delete = ON');
  const addSubject = db.prepare(
    `INSERT INTO subject_keys VALUES (?, ?, ?, datetime(?, 'unixepoch')) ON CONFLICT (subject) DO UPDATE
     SET key = NULL, erased_at = coalesce(erased_at, excluded.erased_at) WHERE excluded.erased_at IS NOT NULL`,
  );
  const addSecret = db.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING');
  return {
    place: path,
    secrets: async () => reading(db, () => secretsIn(db)),
    async subjects(after, limit) {
      const sql = `SELECT subject, key_id, key, unixepoch(erased_at) AS erased FROM subject_keys
        WHERE ? IS NULL OR subject > ? ORDER BY subject LIMIT ?`;
      const rows = reading(db, () => db.prepare(sql).all(after ?? null, after ?? '', limit)) as unknown as RawKey[];
      return rows.map(({ subject, key_id: keyId, key, erased }) => ({
        ...{ subject, keyId },
        key: key ?? undefined,
        erasedAt: erased ?? undefined,
      }));
    },
    async addSubjects(entries) {
      transaction(db, () => {
        for (const { subject, keyId, key, erasedAt } of entries)
          addSubject.run(subject, keyId, key ?? null, erasedAt ?? null);
      });
      truncateLog(db);
    },
    async addSecrets(secrets) {
      transaction(db, () => {
        for (const [name, value] of Object.entries(secrets)) addSecret.run(name, value);
      });
    },
    async close() {
      if (db.isOpen) db.close();
    },
  };
}

type RawKey = { subject: string; key_id: string; key: Uint8Array | null; erased: number | null };
