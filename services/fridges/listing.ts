import type { z } from 'zod';
import { foodById, plain } from '../../domain/foods.ts';
import { statusOn } from '../../domain/status.ts';
import { type Page, pageOf } from '../../platform/paging.ts';
import type { ingredients } from '../../projections/ingredients.ts';
import type { fridgesApi, sortFields } from './fridges.api.ts';

export type IngredientRow = NonNullable<ReturnType<(typeof ingredients)['fold']>>;
type Query = z.output<typeof fridgesApi.list.input>;

/** One page of a fridge's rows: a household's fridge is small enough to be filtered and sorted in memory. */
export function page(
  rows: readonly IngredientRow[],
  query: Query,
  today: string,
  dueSoonDays: number,
): Page<IngredientRow> {
  const descending = query.sort.startsWith('-');
  const field = query.sort.replace('-', '') as (typeof sortFields)[number];
  const found = rows.filter(row => matches(row, query, today, dueSoonDays));
  return pageOf(found, { list: 'ingredients', ...query }, row => [row[field] ?? null, row.ingredientId], descending);
}

function matches(row: IngredientRow, query: Query, today: string, dueSoonDays: number): boolean {
  if (query.place !== undefined && row.place !== query.place) return false;
  if (query.food !== undefined && row.foodId !== query.food) return false;
  if (query.search !== undefined && !isCalled(row, query.search)) return false;
  return query.status === undefined || statusOn(today, row, dueSoonDays).status === query.status;
}

/** By its name as typed, or by any name of its food, in either language. */
function isCalled({ name, foodId }: IngredientRow, search: string): boolean {
  const food = foodById(foodId ?? '');
  const names = food ? [food.name.ko, food.name.en, ...food.aliases.ko, ...food.aliases.en] : [];
  const wanted = plain(search);
  // What is made of marks only ("-") is nothing in plain words: then it is looked for as it was typed.
  if (wanted === '') return [name, ...names].some(one => one.includes(search));
  return [name, ...names].some(one => plain(one).includes(wanted));
}
