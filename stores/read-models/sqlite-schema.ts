import type { DatabaseSync } from 'node:sqlite';
import type { Column, ColumnType, Shape } from '../../core/projection.ts';
import { transaction } from '../sqlite.ts';
import { quoted } from './sqlite-query.ts';

interface Index {
  readonly by: readonly string[];
  readonly columns: readonly string[];
}

const SQL_TYPES: Record<ColumnType, string> = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  boolean: 'INTEGER',
  json: 'TEXT',
};

export function createTable(db: DatabaseSync, name: string, projection: Shape): void {
  const columns = Object.entries(projection.columns).map(
    ([column, { type }]: [string, Column]) => `${quoted(column)} ${SQL_TYPES[type]}`,
  );
  transaction(db, () =>
    db.exec(
      `CREATE TABLE IF NOT EXISTS ${quoted(name)} (
         key TEXT PRIMARY KEY, position INTEGER NOT NULL, deleted INTEGER NOT NULL, ${columns.join(', ')}) STRICT`,
    ),
  );
}

/** Indexes speed up queries only: a generation that is not served yet is built much faster without them. */
export function createIndexes(db: DatabaseSync, name: string, projection: Shape): void {
  for (const { by, columns } of indexesOf(projection)) {
    db.exec(
      `CREATE INDEX IF NOT EXISTS ${quoted(`${name} by ${by.join()}`)}
       ON ${quoted(name)} (${columns.map(quoted).join(', ')})`,
    );
  }
}

/**
 * Sort columns and all columns of each index. `deleted` comes first, so that a search skips all tombstones. The key makes
 * the sort order total. Carried columns come last: SQLite can filter by them without reading the row.
 */
function indexesOf({ indexes, carried }: Shape): readonly Index[] {
  return [
    { by: ['position'], columns: ['position', 'key'] },
    ...indexes.map(by => ({
      by,
      columns: ['deleted', ...by, 'key', ...carried.filter(column => !by.includes(column))],
    })),
  ];
}
