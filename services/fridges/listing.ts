import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { Query, ReadModel, Where } from '../../core/read-model/port.ts';
import { type Catalogue, indexOf } from '../../domain/catalogue.ts';
import { plain } from '../../domain/foods.ts';
import { dueWith } from '../../domain/status.ts';
import { cursorsOf, type Page, type Place } from '../../platform/paging.ts';
import type { ingredients } from '../../projections/ingredients.ts';
import type { fridgesApi, sortFields } from './fridges.api.ts';

export type IngredientRow = NonNullable<ReturnType<(typeof ingredients)['fold']>>;
/** The part of the views that a list needs. */
export type Rows = Pick<ReadModel<IngredientRow>, 'find' | 'count'>;
export type ListQuery = z.output<typeof fridgesApi.list.input>;
type Asked = ListQuery & { readonly today: string; readonly dueSoonDays: number };

/** A part of a list: rows with a sort value, or those without one, sorted by their keys. */
type Part = Pick<Query<IngredientRow>, 'where' | 'orderBy' | 'direction'>;

/** Rows checked per turn of the event loop in a word search. */
const SEARCHED_AT_ONCE = 500;
const COLUMNS = { dueDate: 'dueDate', name: 'nameKey', addedAt: 'addedAt', place: 'place' } as const;

/**
 * One page of the present ingredients of a fridge, filtered, sorted and limited by an index of the view. Rows without a
 * due date come last in both directions. A searched word may be a part of any name: the page checks row by row, at most
 * 5,000, and omits `total`.
 * @throws Problem 422 for a cursor that this list did not give
 */
export async function page(
  catalogue: Catalogue,
  view: Rows,
  { today, dueSoonDays, ...query }: Asked,
): Promise<Page<IngredientRow>> {
  const { limit, search } = query;
  const cursors = cursorsOf({ list: 'ingredients', ...query });
  const { where, parts } = partsOf({ ...query, today, dueSoonDays });
  const isWanted = search === undefined ? undefined : isCalled(catalogue, search);
  const place = placeBy(query);
  const rows: IngredientRow[] = [];
  for await (const row of following(view, parts, cursors.after, place, isWanted ? SEARCHED_AT_ONCE : limit + 1)) {
    if (!isWanted || isWanted(row)) rows.push(row);
    if (rows.length > limit) break;
  }
  const shown = rows.slice(0, limit);
  // A complete first page needs no count.
  const isAll = cursors.after === undefined && rows.length <= limit;
  return {
    rows: shown,
    ...(!isWanted && { total: isAll ? rows.length : await view.count(where) }),
    ...(rows.length > limit && { nextCursor: cursors.write(place(shown.at(-1)!)) }),
  };
}

function sortOf({ sort }: Pick<ListQuery, 'sort'>) {
  return {
    orderBy: COLUMNS[sort.replace('-', '') as (typeof sortFields)[number]],
    direction: sort.startsWith('-') ? 'desc' : 'asc',
  } as const;
}

function placeBy(query: ListQuery): (row: IngredientRow) => Place {
  const { orderBy } = sortOf(query);
  return row => [row[orderBy] ?? null, row.ingredientId];
}

/** The filter of a list, and its parts in order. */
function partsOf({ fridgeId, status, place, food, today, dueSoonDays, ...query }: Asked) {
  const due = status && dueWith(status, today, dueSoonDays);
  const where: Where<IngredientRow> = {
    ...{ fridgeId, present: true },
    ...due,
    ...(place !== undefined && { place }),
    ...(food !== undefined && { foodId: food }),
  };
  const order = sortOf(query);
  if (order.orderBy !== 'dueDate') return { where, parts: [{ where, ...order }] };
  const dated: Part = { where: { ...where, dueDate: { ...due?.dueDate, absent: false } }, ...order };
  const undated: Part = { where: { ...where, dueDate: { absent: true } }, direction: order.direction };
  return { where, parts: due === undefined ? [dated, undated] : due.dueDate.absent ? [undated] : [dated] };
}

/** The rows of the parts after a place, in order, read in chunks of the requested size. */
async function* following(
  view: Rows,
  parts: readonly Part[],
  after: Place | undefined,
  place: (row: IngredientRow) => Place,
  atOnce: number,
): AsyncGenerator<IngredientRow> {
  let last = after;
  for (const part of parts) {
    const { orderBy } = part;
    if (last?.[0] === null && orderBy) continue; // the page starts within the rows without a value
    for (;;) {
      const [value, key] = last ?? [];
      const isHere = key !== undefined && (value === null) === (orderBy === undefined);
      const rows = await view.find({ ...part, ...(isHere && { after: [value ?? undefined, key] }), limit: atOnce });
      yield* rows;
      if (rows.length < atOnce) break;
      last = place(rows.at(-1)!);
      await setImmediate();
    }
  }
}

const named = indexOf(({ foods }) =>
  foods.map(({ id, name, aliases }) => {
    const names = [name.ko, name.en, ...aliases.ko, ...aliases.en];
    return { id, names, plain: names.map(plain) };
  }),
);

/** Whether a row matches by its name as typed, or by any name of its food in either language. */
function isCalled(catalogue: Catalogue, search: string): (row: IngredientRow) => boolean {
  const wanted = plain(search);
  // A search of marks only ("-") has no plain words, so it is used as typed.
  const typed = wanted === '';
  const foods = new Set(
    named(catalogue)
      .filter(food =>
        typed ? food.names.some(one => one.includes(search)) : food.plain.some(one => one.includes(wanted)),
      )
      .map(({ id }) => id),
  );
  return ({ name, foodId }) =>
    (foodId !== undefined && foods.has(foodId)) || (typed ? name.includes(search) : plain(name).includes(wanted));
}
