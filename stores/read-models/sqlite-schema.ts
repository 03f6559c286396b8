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

/** For those who search: a generation that nobody asks yet is built much faster without them. */
export function createIndexes(db: DatabaseSync, name: string, projection: Shape): void {
  for (const { by, columns } of indexesOf(projection)) {
    db.exec(
      `CREATE INDEX IF NOT EXISTS ${quoted(`${name} by ${by.join()}`)}
       ON ${quoted(name)} (${columns.map(quoted).join(', ')})`,
    );
  }
}

/**
 * What each index is by, and all its columns. Deleted rows stand apart, so that no search passes them. The key makes the
 * order of rows complete. What is carried comes last: a row is passed over by it without being read.
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
