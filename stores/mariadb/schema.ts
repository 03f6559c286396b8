import type { Connections } from './connections.ts';
import { Forbidden, isDuplicate } from './failures.ts';

/** Tables of ours in a schema, and which version of them this release writes. */
export interface Format {
  /** e.g. "read models"; tells the stores of this program from each other */
  readonly name: string;
  readonly version: number;
  /** each a `CREATE TABLE IF NOT EXISTS` */
  readonly tables: readonly string[];
}

export const TEXT = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin';
export const TABLE_OPTIONS = `ENGINE = InnoDB, ROW_FORMAT = DYNAMIC, DEFAULT ${TEXT}`;
/** Its row comes last: where it is missing, the tables were not finished. */
const FORMATS = `CREATE TABLE IF NOT EXISTS formats (name VARCHAR(64) PRIMARY KEY, version INT NOT NULL) ${TABLE_OPTIONS}`;

/**
 * Makes an empty schema ready, or checks that it is. Where it is ready, no right to make tables is needed.
 * @throws Error with a message for the operator where it is another program's or of a newer release, or the account may
 * not make it ready
 */
export async function prepareSchema(connections: Connections, format: Format): Promise<void> {
  if (await isPrepared(connections, format)) return;
  await connections
    .defining(async ({ execute }) => {
      for (const table of [FORMATS, ...format.tables]) await execute(table);
      try {
        await execute('INSERT INTO formats VALUES (?, ?)', [format.name, format.version]);
      } catch (error) {
        if (!isDuplicate(error)) throw error; // another process was quicker
      }
    })
    .catch(error => {
      if (!(error instanceof Forbidden)) throw error;
      throw new Forbidden(`${error.message}: the schema is empty. Start once with an account that may make its tables`);
    });
}

/**
 * Whether the tables are there.
 * @throws Error with a message for the operator where they are another program's, or of a newer release
 */
export async function isPrepared(connections: Connections, { name, version }: Format): Promise<boolean> {
  const { where } = connections;
  const tables = (
    await connections.query('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database()')
  ).map(row => row.name);
  if (tables.length === 0) return false;
  if (!tables.includes('formats')) {
    throw new Error(`${where}: the schema holds tables that are not of ZipBob. Name an empty one`);
  }
  const formats = await connections.query('SELECT name, version FROM formats');
  const other = formats.find(row => row.name !== name);
  if (other) throw new Error(`${where}: the schema is the one of the ${other.name}, not of the ${name}. Name another`);
  const [found] = formats;
  if (found && Number(found.version) > version) {
    throw new Error(
      `${where}: a newer release has written the ${name} (format ${found.version}, this one reads ${version}). Upgrade ZipBob, then start it again`,
    );
  }
  return found !== undefined;
}
