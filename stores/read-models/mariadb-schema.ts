import type { Shape } from '../../core/projection.ts';
import type { Execute } from '../mariadb/connections.ts';
import { type Format, TABLE_OPTIONS, TEXT } from '../mariadb/schema.ts';
import { definitions, KEY, quoted, storedColumns } from './mariadb-columns.ts';

const NAME = `VARCHAR(128) ${TEXT}`;

export const FORMAT: Format = {
  name: 'read models',
  version: 1,
  tables: [
    `CREATE TABLE IF NOT EXISTS generations (
       model ${NAME} PRIMARY KEY, projection ${NAME} NOT NULL, version INT NOT NULL) ${TABLE_OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS checkpoints (
       model ${NAME} PRIMARY KEY, log ${NAME} NOT NULL, position BIGINT NOT NULL, last LONGTEXT ${TEXT}) ${TABLE_OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS parked (
       model ${NAME} NOT NULL, \`key\` VARCHAR(${KEY}) ${TEXT} NOT NULL, position BIGINT NOT NULL,
       error LONGTEXT ${TEXT} NOT NULL, skipped BIGINT NOT NULL, PRIMARY KEY (model, \`key\`)) ${TABLE_OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS served (projection ${NAME} PRIMARY KEY, generation INT NOT NULL) ${TABLE_OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS leases (
       name ${NAME} PRIMARY KEY, holder ${NAME}, renewals BIGINT NOT NULL, challenged TINYINT NOT NULL) ${TABLE_OPTIONS}`,
  ],
};

/** of the account that feeds read models */
export const RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX';
/** Statements that need these rights. */
export const CHANGES_NOTHING = [
  'INSERT INTO leases SELECT * FROM leases WHERE FALSE',
  'UPDATE leases SET renewals = 0 WHERE FALSE',
  'DELETE FROM leases WHERE FALSE',
  'CREATE TABLE IF NOT EXISTS leases (name INT)',
  'ALTER TABLE leases DROP INDEX IF EXISTS `no such index`',
  'DROP TABLE IF EXISTS `no such table`',
];

export async function createTable(execute: Execute, name: string, projection: Shape): Promise<void> {
  await execute(`CREATE TABLE ${quoted(name)} (
    \`key\` VARCHAR(${KEY}) ${TEXT} PRIMARY KEY, position BIGINT NOT NULL, deleted TINYINT NOT NULL,
    ${definitions(storedColumns(projection)).join(', ')}) ${TABLE_OPTIONS}`);
}

/** For those who search: a generation that nobody asks yet is built faster without them. All in one pass over the rows. */
export async function createIndexes(execute: Execute, name: string, { indexes, carried }: Shape): Promise<void> {
  // Deleted rows stand apart, so that no search passes them. The key makes the order of rows complete. What is carried
  // comes last: a row is passed over by it without being read.
  const lists = indexes.map(by => ['deleted', ...by, 'key', ...carried.filter(column => !by.includes(column))]);
  const added = [['position', 'key'], ...lists].map(
    (columns, i) => `ADD INDEX IF NOT EXISTS \`index ${i}\` (${columns.map(quoted).join(', ')})`,
  );
  await execute(`ALTER TABLE ${quoted(name)} ${added.join(', ')}`);
}
