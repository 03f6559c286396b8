import type { Condition, Query, Where } from '../../core/read-model/port.ts';
import type { Value } from '../mariadb/connections.ts';
import { fillsHead, type StoredColumn } from './mariadb-columns.ts';

/** A statement and the values of its placeholders, in order. */
export interface Sql {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** A table of rows: its quoted name and its columns. Besides these it has `key`, `position` and `deleted`. */
export interface Table {
  readonly name: string;
  readonly columns: ReadonlyMap<string, StoredColumn>;
}

type Direction = 'asc' | 'desc';
const OPERATORS: Record<Exclude<keyof Condition, 'in' | 'absent'>, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };
/** MariaDB has no word for "all": its largest number. */
const ALL = '18446744073709551615';

/**
 * The rows that a query asks for, sorted.
 * @param list the columns to read
 * @param order 'head': texts are sorted by their heads, as an index is. That is the right order unless one of the rows
 * found, or the row before them, fills its head.
 */
export function findSql<Row>(
  { name, columns }: Table,
  list: string,
  query: Query<Row>,
  order: 'head' | 'exact' = 'head',
): Sql {
  const { where, orderBy, direction = 'asc', after, limit } = query;
  const { conditions, values } = filter(columns, where);
  const sorted = orderBy && columns.get(orderBy)!;
  const by = sorted ? (order === 'exact' ? sorted.exact : sorted.column) : '`key`';
  if (after) {
    const page = rowsAfter(by, direction, sorted ? after[0] : undefined, after[1]);
    conditions.push(page.sql);
    values.push(...page.values);
  }
  const sorting = `${by} ${direction}${orderBy ? `, \`key\` ${direction}` : ''}`;
  return {
    sql: `SELECT ${list} FROM ${name} WHERE ${conditions.join(' AND ')} ORDER BY ${sorting} LIMIT ${limit ?? ALL}`,
    values,
  };
}

/** How many rows there are. */
export function countSql<Row>({ name, columns }: Table, where?: Where<Row>): Sql {
  const { conditions, values } = filter(columns, where);
  return { sql: `SELECT count(*) AS n FROM ${name} WHERE ${conditions.join(' AND ')}`, values };
}

function filter<Row>(columns: Table['columns'], where: Where<Row> = {}) {
  const conditions = ['deleted = 0'];
  const values: Value[] = [];
  for (const [name, wanted] of Object.entries(where as Record<string, unknown>)) {
    if (wanted === undefined) continue;
    const column = columns.get(name)!;
    const parts = typeof wanted === 'object' ? Object.entries(wanted as Condition) : [['equal', wanted] as const];
    for (const [key, value] of parts) {
      const condition = conditionOn(column, key as keyof Condition | 'equal', value);
      conditions.push(condition.sql);
      values.push(...condition.values);
    }
  }
  return { conditions, values };
}

function conditionOn({ column, exact }: StoredColumn, key: keyof Condition | 'equal', value: unknown): Sql {
  if (key === 'absent') return { sql: `${column} IS ${value ? '' : 'NOT '}NULL`, values: [] };
  const list = (key === 'in' ? value : [value]) as readonly unknown[];
  // A text that is shorter than a head compares with heads as it does with whole texts.
  const compared = list.some(fillsHead) ? exact : column;
  if (key !== 'in') return { sql: `${compared} ${key === 'equal' ? '=' : OPERATORS[key]} ?`, values: [bound(value)] };
  if (list.length === 0) return { sql: 'FALSE', values: [] };
  return { sql: `${compared} IN (${list.map(() => '?').join(', ')})`, values: list.map(bound) };
}

/** The rows after another one in the order of (column, key); MariaDB sorts NULL before everything. */
function rowsAfter(by: string, direction: Direction, value: unknown, key: string): Sql {
  const beyond = direction === 'asc' ? '>' : '<';
  if (by === '`key`') return { sql: `\`key\` ${beyond} ?`, values: [key] };
  if (value === undefined) {
    const others = direction === 'asc' ? `OR ${by} IS NOT NULL` : '';
    return { sql: `((${by} IS NULL AND \`key\` ${beyond} ?) ${others})`, values: [key] };
  }
  const absent = direction === 'desc' ? `OR ${by} IS NULL` : '';
  // In two parts, of which the first is a range that an index finds.
  return {
    sql: `(${by} ${beyond}= ? AND (${by} ${beyond} ? OR \`key\` ${beyond} ?) ${absent})`,
    values: [bound(value), bound(value), key],
  };
}

const bound = (value: unknown): Value => (typeof value === 'boolean' ? Number(value) : (value as Value));
