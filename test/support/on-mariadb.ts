import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { KeyStore } from '../../core/keys/port.ts';
import { openKeyStore } from '../../stores/open.ts';

/** ZIPBOB_TEST_MARIADB=1: all programs under test have their read models and keys in MariaDB (`mariadb.ts`). */
export const onMariaDb = process.env.ZIPBOB_TEST_MARIADB === '1';

/** The schemas that belong to a data folder, which are made where they are missing. */
export async function schemasOf(folder: string): Promise<Record<string, string>> {
  if (!onMariaDb) return {};
  const { sharedMariaDb } = await import('./mariadb.ts'); // which is for tests only, and this is also for benchmarks
  const { url, run } = await sharedMariaDb();
  const name = `zipbob_${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16)}`;
  await run(`CREATE DATABASE IF NOT EXISTS ${name}`, `CREATE DATABASE IF NOT EXISTS ${name}_keys`);
  return { MARIADB_URL: url(name), MARIADB_KEYS_URL: url(`${name}_keys`) };
}

/** The key store of a data folder, wherever it is. */
export async function keysOf(folder: string): Promise<KeyStore> {
  const { MARIADB_KEYS_URL: url } = await schemasOf(folder);
  return openKeyStore({ folder, ...(url !== undefined && { mariaDbKeysUrl: url }) });
}
