import type { z } from 'zod';
import { plain } from '../../domain/foods.ts';
import { statusOn } from '../../domain/status.ts';
import { Problem } from '../../platform/problem.ts';
import type { ingredients } from '../../projections/ingredients.ts';
import type { fridgesApi } from './fridges.api.ts';

export type IngredientRow = NonNullable<ReturnType<(typeof ingredients)['fold']>>;
type Query = z.output<typeof fridgesApi.list.input>;
type SortValue = string | null;

/** One page of a fridge's rows: a household's fridge is small enough to be filtered and sorted in memory. */
export function page(
  rows: readonly IngredientRow[],
  query: Query,
  today: string,
  dueSoonDays: number,
): { rows: readonly IngredientRow[]; total: number; nextCursor?: string } {
  const descending = query.sort.startsWith('-');
  const field = query.sort.replace('-', '') as 'dueDate' | 'name' | 'addedAt' | 'place';
  const place = (row: IngredientRow): [SortValue, string] => [row[field] ?? null, row.ingredientId];
  const found = rows.filter(row => matches(row, query, today, dueSoonDays));
  const sorted = found.sort((a, b) => compare(place(a), place(b), descending));
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const rest = after ? sorted.filter(row => compare(place(row), after, descending) > 0) : sorted;
  const shown = rest.slice(0, query.limit);
  const more = rest.length > shown.length;
  return { rows: shown, total: found.length, ...(more && { nextCursor: writeCursor(place(shown.at(-1)!)) }) };
}

function matches(row: IngredientRow, query: Query, today: string, dueSoonDays: number): boolean {
  if (query.place !== undefined && row.place !== query.place) return false;
  if (query.food !== undefined && row.foodId !== query.food) return false;
  if (query.search !== undefined && !plain(row.name).includes(plain(query.search))) return false;
  return query.status === undefined || statusOn(today, row, dueSoonDays).status === query.status;
}

/** What has no value comes last, whichever way the rest is sorted. */
function compare([a, idA]: [SortValue, string], [b, idB]: [SortValue, string], descending: boolean): number {
  if (a === b) return idA < idB ? -1 : Number(idA > idB);
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
}

const writeCursor = (place: [SortValue, string]): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function readCursor(cursor: string): [SortValue, string] {
  try {
    const [value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [SortValue, string];
    if ((value === null || typeof value === 'string') && typeof id === 'string') return [value, id];
  } catch {
    // what cannot be read is no cursor of ours
  }
  throw new Problem(422, 'invalid', 'cursor: is not one that this list gave', {
    errors: [{ path: 'cursor', message: 'is not one that this list gave' }],
  });
}
