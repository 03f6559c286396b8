import { randomBytes, randomUUID } from 'node:crypto';
import { Refused } from '../../core/errors.ts';
import type { KeyEntries, SubjectEntry } from '../../core/keys/copy.ts';
import type { KeyStore } from '../../core/keys/port.ts';
import type { SubjectKey } from '../../core/sealed.ts';
import type { Connections, Limits, Query, Session } from '../mariadb/connections.ts';
import { isDuplicate, isForbidden, Refuses } from '../mariadb/failures.ts';
import { opening, requireRights } from '../mariadb/opening.ts';
import { type Format, isPrepared, prepareSchema, TABLE_OPTIONS, TEXT } from '../mariadb/schema.ts';
import { keyCache } from './key-cache.ts';
import { fromSecrets, NEW_SECRETS, rotated, type Secrets, signingKeysIn } from './secrets.ts';

/**
 * All columns of a key have one length: forgetting overwrites it where it is, and leaves no copy in the free space of its
 * page. `erased`: seconds since 1970, or 0.
 */
const FORMAT: Format = {
  name: 'key store',
  version: 1,
  tables: [
    `CREATE TABLE IF NOT EXISTS subject_keys (
       subject VARCHAR(255) ${TEXT} PRIMARY KEY, key_id VARCHAR(64) ${TEXT} NOT NULL, secret BINARY(32) NOT NULL,
       erased BIGINT NOT NULL) ${TABLE_OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS secrets (name VARCHAR(64) ${TEXT} PRIMARY KEY, value TEXT ${TEXT} NOT NULL) ${TABLE_OPTIONS}`,
  ],
};
const NO_KEY = Buffer.alloc(32);
const ADD = 'INSERT INTO subject_keys (subject, key_id, secret, erased) VALUES ?';
/** A key is never replaced but by a tombstone, and that by nothing. */
const ERASE = `ON DUPLICATE KEY UPDATE secret = IF(VALUES(erased) > 0, VALUES(secret), secret),
  erased = IF(erased > 0, erased, VALUES(erased))`;

export interface MariaDbKeyOptions {
  /** a clock in milliseconds */
  readonly now?: () => number;
  readonly limits?: Partial<Limits>;
}

/**
 * The key store in a MariaDB schema of its own. An empty schema is filled with new secrets.
 * @throws Error with a message for the operator
 */
export async function mariaDbKeyStore(
  url: string,
  { now = () => performance.now(), limits = {} }: MariaDbKeyOptions = {},
): Promise<KeyStore> {
  return opened(url, limits, async db => {
    await prepareSchema(db, FORMAT);
    await requireRights(db, 'SELECT, INSERT, UPDATE', ['UPDATE subject_keys SET erased = 1 WHERE FALSE']);
    for (const [name, make] of Object.entries(NEW_SECRETS)) await addSecret(db, name, make());
    const { hmac } = await secretsIn(db);
    return { ...fromSecrets(hmac!), ...signingKeys(db), ...subjectKeys(db, now) };
  });
}

/**
 * Everything in a key store of a schema, for moving it.
 * @throws Error with a message for the operator
 */
export function mariaDbKeyEntries(url: string, limits: Partial<Limits> = {}): Promise<KeyEntries> {
  return opened(url, limits, async db => {
    await prepareSchema(db, FORMAT);
    return {
      place: db.where,
      secrets: () => secretsIn(db),
      async subjects(after, limit) {
        const sql = `SELECT subject, key_id, secret, erased FROM subject_keys WHERE ? IS NULL OR subject > ?
          ORDER BY subject LIMIT ${limit}`;
        return ((await db.query(sql, [after ?? null, after ?? ''])) as RawKey[]).map(entryOf);
      },
      addSubjects: entries =>
        db.transaction(async ({ execute }) => {
          const rows = entries.map(({ subject, keyId, key, erasedAt }) => [
            subject,
            keyId,
            key ?? NO_KEY,
            erasedAt ?? 0,
          ]);
          await execute(`${ADD} ${ERASE}`, [rows]);
        }),
      addSecrets: async secrets => {
        for (const [name, value] of Object.entries(secrets)) await addSecret(db, name, value);
      },
      close: () => db.close(),
    };
  });
}

/** Whether there is a key store in a schema; an empty schema stays empty. @throws Error with a message for the operator */
export function hasMariaDbKeys(url: string): Promise<boolean> {
  return opening(url, { variable: VARIABLE }, async db => {
    const has = (await isPrepared(db, FORMAT)) && (await secretsIn(db)).hmac !== undefined;
    await db.close();
    return has;
  });
}

const VARIABLE = 'MARIADB_KEYS_URL';

const opened = <T>(url: string, limits: Partial<Limits>, open: (db: Connections) => Promise<T>): Promise<T> =>
  opening(url, { variable: VARIABLE, limits, prepare: requireFitServer }, open);

/**
 * A key is durable before the first fact that needs it, and once forgotten it is nowhere: no copy of it may go into a
 * binary log, and from there to replicas and backups.
 */
async function requireFitServer({ query, execute }: Session, where: string): Promise<void> {
  const rows = await query(
    "SHOW VARIABLES WHERE variable_name IN ('log_bin', 'wsrep_on', 'read_only', 'innodb_flush_log_at_trx_commit')",
  );
  const settings = new Map(rows.map(row => [row.Variable_name, row.Value]));
  if (settings.get('read_only') === 'ON') throw new Refuses(`${where} only reads: name the primary`);
  if (settings.get('wsrep_on') === 'ON') {
    throw new Refuses(
      `${where} is a Galera cluster, whose nodes keep copies of a forgotten key: name a server of its own`,
    );
  }
  if (settings.get('innodb_flush_log_at_trx_commit') !== '1') {
    throw new Refuses(`${where} may lose a key that was made: set innodb_flush_log_at_trx_commit = 1`);
  }
  if (settings.get('log_bin') !== 'ON') return;
  try {
    await execute('SET SESSION sql_log_bin = 0');
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new Refuses(
      `${where} has a binary log, in which a forgotten key would live on: use a server without one (skip-log-bin), or GRANT BINLOG ADMIN ON *.* to this account`,
    );
  }
}

/** Adds what is not there yet. */
async function insertOnce(db: Connections, sql: string, values: Parameters<Query>[1]): Promise<void> {
  await db.session(async ({ execute }) => {
    try {
      await execute(sql, values);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  });
}

const addSecret = (db: Connections, name: string, value: string) =>
  insertOnce(db, 'INSERT INTO secrets VALUES (?, ?)', [name, value]);

const secretsIn = async (db: Connections): Promise<Secrets> =>
  byName(await db.query('SELECT name, value FROM secrets'));

const byName = (rows: readonly Record<string, unknown>[]): Secrets =>
  Object.fromEntries(rows.map(({ name, value }) => [name, value as string]));

function signingKeys(db: Connections): Pick<KeyStore, 'signingKeys' | 'rotateSigningKey'> {
  const now = ([row]: readonly Record<string, unknown>[]) => Number(row!.ms);
  const CLOCK = 'SELECT FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000) AS ms';
  return {
    signingKeys: async () => signingKeysIn(await secretsIn(db), now(await db.query(CLOCK))),
    rotateSigningKey: keepMs =>
      db.transaction(async ({ query, execute }) => {
        const secrets = byName(await query('SELECT name, value FROM secrets FOR UPDATE'));
        const { kid, changes } = rotated(secrets, keepMs, now(await query(CLOCK)));
        const put = 'INSERT INTO secrets VALUES ? ON DUPLICATE KEY UPDATE value = VALUES(value)';
        await execute(put, [Object.entries(changes)]);
        return kid;
      }),
  };
}

type RawKey = { subject: string; key_id: string; secret: Buffer; erased: number };

const entryOf = ({ subject, key_id: keyId, secret, erased }: RawKey): SubjectEntry => ({
  subject,
  keyId,
  key: erased === 0 ? secret : undefined,
  erasedAt: erased === 0 ? undefined : erased,
});

function subjectKeys(
  db: Connections,
  now: () => number,
): Omit<KeyStore, 'identity' | 'hmacSecret' | 'signingKeys' | 'rotateSigningKey'> {
  const cache = keyCache(now);
  /** raised by each forgetting: a key that was read before it must not be cached after it */
  let forgettings = 0;

  async function lookUp(subject: string): Promise<SubjectKey | 'erased' | undefined> {
    const hit = cache.get(subject);
    if (hit) return hit;
    const before = forgettings;
    const sql = 'SELECT subject, key_id, secret, erased FROM subject_keys WHERE subject = ?';
    const [row] = (await db.query(sql, [subject])) as RawKey[];
    if (!row) return undefined;
    if (row.erased !== 0) return 'erased';
    const key = { keyId: row.key_id, key: new Uint8Array(row.secret) };
    if (before === forgettings && !db.isClosed) cache.set(subject, key);
    return key;
  }

  return {
    keyFor: lookUp,
    async ensure(subject) {
      let key = await lookUp(subject);
      if (!key) {
        await insertOnce(db, ADD, [[[subject, randomUUID(), randomBytes(32), 0]]]);
        key = (await lookUp(subject))!;
      }
      if (key === 'erased') throw new Refused('rule', 'erased', 'this member was erased');
      return key;
    },
    async forget(subject) {
      forgettings++;
      cache.delete(subject);
      const seconds = Math.floor(Date.now() / 1000);
      await db.execute(`${ADD} ${ERASE}`, [[[subject, '', NO_KEY, seconds]]]);
      forgettings++;
    },
    inUse: async () => (await db.query('SELECT 1 FROM subject_keys LIMIT 1')).length > 0,
    async close() {
      cache.clear();
      await db.close();
    },
  };
}
