import type { SQLInputValue } from 'node:sqlite';
import type { Columns } from '../../core/projection.ts';
import type { Condition, Query, Where } from '../../core/read-model/port.ts';

/** A statement and the values of its placeholders, in order. */
export interface Sql {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** A table of rows: its quoted name and its columns. It also has the columns `key`, `position` and `deleted`. */
export interface Table {
  readonly name: string;
  readonly columns: Columns;
}

type Direction = 'asc' | 'desc';
type Operator = Exclude<keyof Condition, 'in' | 'absent'>;
const OPERATORS: Record<Operator, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };
/** bounds on the sort column that all rows after a cursor meet anyway */
const IMPLIED: Record<Direction, readonly string[]> = { asc: ['gt', 'gte'], desc: ['lt', 'lte'] };

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Selects the rows of a query, sorted. */
export function findSql<Row>({ name, columns }: Table, query: Query<Row>): Sql {
  const { where, orderBy, direction = 'asc', after, limit } = query;
  const { conditions, values } = filter(where, query);
  const column = orderBy ? quoted(orderBy) : 'key';
  if (after) {
    const condition = orderBy && (where?.[orderBy] as Condition | undefined);
    const mayBeAbsent = orderBy !== undefined && columns[orderBy]!.optional && condition?.absent !== false;
    const page = rowsAfter(column, direction, orderBy ? after[0] : after[1], after[1], mayBeAbsent);
    conditions.push(page.condition);
    values.push(...page.values);
  }
  const order = `ORDER BY ${column} ${direction}${orderBy ? `, key ${direction}` : ''}`;
  return {
    sql: `SELECT * FROM ${name} WHERE ${conditions.join(' AND ')} ${order} LIMIT ?`,
    values: [...values, limit ?? -1],
  };
}

/** Counts rows. */
export function countSql<Row>({ name }: Table, where?: Where<Row>): Sql {
  const { conditions, values } = filter(where, {});
  return { sql: `SELECT count(*) AS n FROM ${name} WHERE ${conditions.join(' AND ')}`, values };
}

/**
 * The conditions of a query. A `+` before a column keeps SQLite from choosing an index for that condition: in a sorted
 * query it might otherwise search by the narrowest range and sort all rows that it finds.
 */
function filter<Row>(where: Where<Row> = {}, { orderBy, direction = 'asc', after }: Query<Row>) {
  const conditions = ['deleted = 0'];
  const values: SQLInputValue[] = [];
  for (const [name, wanted] of Object.entries(where as Record<string, unknown>)) {
    if (wanted === undefined) continue;
    if (typeof wanted !== 'object') {
      conditions.push(`${quoted(name)} = ?`);
      values.push(bound(wanted));
      continue;
    }
    for (const [key, value] of Object.entries(wanted as Condition)) {
      const choosesIndex =
        !orderBy || (name === orderBy && key !== 'in' && !(after && IMPLIED[direction].includes(key)));
      const condition = conditionOn(`${choosesIndex ? '' : '+'}${quoted(name)}`, key as keyof Condition, value);
      conditions.push(condition.sql);
      values.push(...condition.values);
    }
  }
  return { conditions, values };
}

function conditionOn(column: string, key: keyof Condition, value: unknown): Sql {
  if (key === 'absent') return { sql: `${column} IS ${value ? '' : 'NOT '}NULL`, values: [] };
  if (key !== 'in') return { sql: `${column} ${OPERATORS[key]} ?`, values: [bound(value)] };
  const list = value as readonly unknown[];
  return { sql: `${column} IN (${list.map(() => '?').join(', ')})`, values: list.map(bound) };
}

/** Selects the rows after a cursor in the order of (column, key). SQLite sorts NULL first. */
function rowsAfter(column: string, direction: Direction, value: unknown, key: string, mayBeAbsent: boolean) {
  const beyond = direction === 'asc' ? '>' : '<';
  if (column === 'key') return { condition: `key ${beyond} ?`, values: [key] };
  if (value === undefined) {
    const others = direction === 'asc' ? `OR ${column} IS NOT NULL` : '';
    return { condition: `((${column} IS NULL AND key ${beyond} ?) ${others})`, values: [key] };
  }
  const absent = direction === 'desc' && mayBeAbsent ? `OR ${column} IS NULL` : '';
  return { condition: `((${column}, key) ${beyond} (?, ?) ${absent})`, values: [bound(value), key] };
}

const bound = (value: unknown): SQLInputValue =>
  typeof value === 'boolean' ? Number(value) : (value as SQLInputValue);
