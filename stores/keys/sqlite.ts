import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refused } from '../../core/errors.ts';
import type { KeyStore, SigningKey, SigningKeys, VerifyingKey } from '../../core/keys/port.ts';
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
  mend: 'Put it back from a backup: nothing personal in the event log can be read without it',
};

/** How long a key stays in memory: its subject may have been forgotten elsewhere. */
const KEPT_MS = 60_000;

/** The key store in one SQLite file. Made with fresh secrets where it is missing. @param now a clock in milliseconds */
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
  secret(CURRENT, () => JSON.stringify(newSigningKey()));
  // Derived from the secret that must never change: a store re-made under an old log shows itself.
  const identity = createHash('sha256').update('zipbob key store').update(hmacSecret).digest('hex');
  failWhereLocked(db);
  return { identity, hmacSecret, ...signingKeys(db), ...subjectKeys(db, now) };
}

/** Names of secrets. A release without rotation knows the first one only, and finds there the key that it needs. */
const CURRENT = 'signing';
const RETIRED = 'signing-retired';

/** @param until ms since 1970: from then on it checks no token */
type Retired = VerifyingKey & { readonly until: number };

function signingKeys(db: DatabaseSync): Pick<KeyStore, 'signingKeys' | 'rotateSigningKey'> {
  const select = db.prepare('SELECT name, value FROM secrets WHERE name IN (?, ?)');
  const put = db.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  function stored(): { current: SigningKey; retired: readonly Retired[] } {
    const secrets = new Map(select.all(CURRENT, RETIRED).map(({ name, value }) => [name, JSON.parse(String(value))]));
    const retired = (secrets.get(RETIRED) ?? []) as readonly Retired[];
    return { current: secrets.get(CURRENT) as SigningKey, retired: retired.filter(({ until }) => until > Date.now()) };
  }
  return {
    async signingKeys(): Promise<SigningKeys> {
      const { current, retired } = reading(db, stored);
      return { current, retired: retired.map(({ kid, publicKey }) => ({ kid, publicKey })) };
    },
    async rotateSigningKey(keepMs) {
      const next = newSigningKey();
      await transactionWhenFree(db, () => {
        const { current, retired } = stored();
        const end = Date.now() + keepMs;
        const before = [{ kid: current.kid, publicKey: current.publicKey, until: end }, ...retired];
        put.run(RETIRED, JSON.stringify(before.map(key => ({ ...key, until: Math.min(key.until, end) }))));
        put.run(CURRENT, JSON.stringify(next));
      });
      return next.kid;
    },
  };
}

function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    kid: randomUUID(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** Keys that were looked up a moment ago. */
function keptKeys(now: () => number) {
  /** in the order in which their time ends */
  const kept = new Map<string, { key: SubjectKey; until: number }>();
  let timer: NodeJS.Timeout | undefined;
  const sweepIn = (ms: number) => {
    timer = setTimeout(sweep, ms).unref();
  };
  function sweep(): void {
    timer = undefined;
    for (const [subject, { until }] of kept) {
      if (until > now()) {
        sweepIn(until - now());
        return;
      }
      kept.delete(subject);
    }
  }
  return {
    get(subject: string): SubjectKey | undefined {
      const hit = kept.get(subject);
      return hit && hit.until > now() ? hit.key : undefined;
    },
    set(subject: string, key: SubjectKey): void {
      kept.delete(subject);
      kept.set(subject, { key, until: now() + KEPT_MS });
      if (!timer) sweepIn(KEPT_MS);
    },
    delete: (subject: string) => kept.delete(subject),
    clear(): void {
      clearTimeout(timer);
      kept.clear();
    },
  };
}

/** @throws Locked while another connection reads what is in the write-ahead log */
function truncateLog(db: DatabaseSync): void {
  const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (busy) throw new Locked('another program reads the key store: the forgotten key may still be on the disk');
}

function subjectKeys(
  db: DatabaseSync,
  now: () => number,
): Pick<KeyStore, 'keyFor' | 'ensure' | 'forget' | 'inUse' | 'close'> {
  const kept = keptKeys(now);
  const select = db.prepare('SELECT key_id, key FROM subject_keys WHERE subject = ?');
  let closed = false;

  function lookUp(subject: string): SubjectKey | 'erased' | undefined {
    const hit = kept.get(subject);
    if (hit) return hit;
    const row = reading(db, () => select.get(subject)) as { key_id: string; key: Uint8Array | null } | undefined;
    if (!row) return undefined;
    if (!row.key) return 'erased';
    const key = { keyId: row.key_id, key: row.key };
    kept.set(subject, key);
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
      kept.delete(subject);
      await transactionWhenFree(db, () =>
        db
          .prepare(
            `INSERT INTO subject_keys VALUES (?, '', NULL, datetime('now'))
             ON CONFLICT (subject) DO UPDATE SET key = NULL, erased_at = coalesce(erased_at, excluded.erased_at)`,
          )
          .run(subject),
      );
      // The old page must not live on in the write-ahead log.
      await whenFree(db, () => truncateLog(db));
    },
    inUse: async () => reading(db, () => db.prepare('SELECT 1 FROM subject_keys LIMIT 1').get()) !== undefined,
    async close() {
      kept.clear();
      if (!closed) db.close();
      closed = true;
    },
  };
}
