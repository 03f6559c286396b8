import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refused } from '../../core/errors.ts';
import type { KeyStore, SigningKey } from '../../core/keys/port.ts';
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

const FORMAT: Format = {
  name: 'key store',
  applicationId: 0x7a62_6b79,
  version: 1,
  create: `
    CREATE TABLE subject_keys (subject TEXT PRIMARY KEY, key_id TEXT NOT NULL, key BLOB, erased_at TEXT) STRICT;
    CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  mend: 'Restore it from a backup: without it, no personal value in the event log can be read',
};

/** Time that a key stays in memory. Limited, because another node may have forgotten the subject. */
const CACHE_MS = 60_000;

/**
 * The key store in one SQLite file. A missing file is created with new secrets.
 * @param now a clock in milliseconds
 * @throws Error with a message for the operator if the file is damaged, not ours, or of a newer release
 */
export function sqliteKeyStore(path: string, now: () => number = () => performance.now()): KeyStore {
  const db = openDatabase(path, FORMAT, { synchronous: 'FULL' });
  db.exec('PRAGMA secure_delete = ON');
  const secret = (name: string, make: () => string): string => {
    transaction(db, () => db.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, make()));
    return reading(db, () => db.prepare('SELECT value FROM secrets WHERE name = ?').get(name)!.value as string);
  };
  const hmacSecret = Buffer.from(
    secret('hmac', () => randomBytes(32).toString('base64')),
    'base64',
  );
  const signing = JSON.parse(secret('signing', () => JSON.stringify(newSigningKey()))) as SigningKey;
  // Derived from the secret that never changes, so that a new key store does not match an old log.
  const identity = createHash('sha256').update('zipbob key store').update(hmacSecret).digest('hex');
  failWhereLocked(db);
  return { identity, hmacSecret, signingKeys: [signing], ...subjectKeys(db, now) };
}

function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    kid: randomUUID(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** Cache of the keys that were read in the last minute. */
function keyCache(now: () => number) {
  /** in order of expiry */
  const entries = new Map<string, { key: SubjectKey; until: number }>();
  let timer: NodeJS.Timeout | undefined;
  const sweepIn = (ms: number) => {
    timer = setTimeout(sweep, ms).unref();
  };
  function sweep(): void {
    timer = undefined;
    for (const [subject, { until }] of entries) {
      if (until > now()) {
        sweepIn(until - now());
        return;
      }
      entries.delete(subject);
    }
  }
  return {
    get(subject: string): SubjectKey | undefined {
      const hit = entries.get(subject);
      return hit && hit.until > now() ? hit.key : undefined;
    },
    set(subject: string, key: SubjectKey): void {
      entries.delete(subject);
      entries.set(subject, { key, until: now() + CACHE_MS });
      if (!timer) sweepIn(CACHE_MS);
    },
    delete: (subject: string) => entries.delete(subject),
    clear(): void {
      clearTimeout(timer);
      entries.clear();
    },
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
