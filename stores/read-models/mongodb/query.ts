import type { Filter, Sort } from 'mongodb';
import type { Condition, Query, Where } from '../../../core/read-model/port.ts';
import type { RowDocument } from './documents.ts';
import { stored } from './text.ts';

type Direction = 'asc' | 'desc';
type Part = Filter<RowDocument>;

/** Deleted rows stand apart in each index, so that no search passes them. */
const PRESENT: Part = { deleted: false };

export const pathOf = (column: string): string => `row.${column}`;

/** The rows that a query asks for. */
export function filterOf<Row>(where: Where<Row> = {}, { orderBy, direction = 'asc', after }: Query<Row> = {}): Part {
  const parts: Part[] = [PRESENT];
  for (const [column, wanted] of Object.entries(where as Record<string, unknown>)) {
    if (wanted === undefined) continue;
    const conditions = typeof wanted === 'object' ? Object.entries(wanted as Condition) : ([['eq', wanted]] as const);
    for (const [key, value] of conditions) parts.push({ [pathOf(column)]: operatorOf(key, value) });
  }
  if (after) parts.push(orderBy ? rowsAfter(pathOf(orderBy), direction, ...after) : keysAfter(direction, after[1]));
  return { $and: parts };
}

export function sortOf<Row>({ orderBy, direction = 'asc' }: Query<Row>): Sort {
  const way = direction === 'asc' ? 1 : -1;
  return orderBy ? { [pathOf(orderBy)]: way, _id: way } : { _id: way };
}

function operatorOf(key: string, value: unknown): object {
  if (key === 'absent') return { $exists: !value };
  if (key === 'in') return { $in: (value as readonly unknown[]).map(bound) };
  return { [`$${key}`]: bound(value) };
}

const beyond = (direction: Direction) => (direction === 'asc' ? '$gt' : '$lt');

const keysAfter = (direction: Direction, key: string): Part => ({ _id: { [beyond(direction)]: stored(key) } }) as Part;

/** The rows after another one in the order of (column, key); a missing value sorts before all others. */
function rowsAfter(path: string, direction: Direction, value: unknown, key: string): Part {
  const [missing, present] = [{ [path]: { $exists: false } }, { [path]: { $exists: true } }];
  if (value === undefined) {
    const others = direction === 'asc' ? [present] : [];
    return { $or: [{ ...missing, ...keysAfter(direction, key) }, ...others] };
  }
  const bounded = bound(value);
  const equal = { [path]: { $eq: bounded }, ...keysAfter(direction, key) };
  return { $or: [{ [path]: { [beyond(direction)]: bounded } }, equal, ...(direction === 'desc' ? [missing] : [])] };
}

const bound = (value: unknown): unknown => (typeof value === 'string' ? stored(value) : value);
