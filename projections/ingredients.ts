import { boolean, integer, json, optional, projection, real, text } from '../core/projection.ts';
import type { Sealed } from '../core/sealed.ts';
import { sortKey } from '../domain/sort-key.ts';
import { type DueDateSource, type DueType, fridgeFamily } from '../events/fridge.ts';

/** The contents of the fridges: a row per ingredient, including used-up ones, because an undo may bring them back. */
export const ingredients = projection({
  name: 'ingredients',
  version: 2,
  store: 'relational',
  from: [fridgeFamily],
  columns: {
    ingredientId: text(),
    fridgeId: text(),
    /** something is left of it, and its storing was not undone */
    present: boolean(),
    voided: optional(boolean()),
    name: text(),
    /** the sort key of the name, one for all languages because the name is as typed */
    nameKey: text(),
    foodId: optional(text()),
    amount: integer(),
    base: text(),
    unit: text(),
    perUnit: integer(),
    bought: integer(),
    place: text(),
    dueDate: optional(text()),
    dueType: optional(text<DueType>()),
    dueDateSource: optional(text<DueDateSource>()),
    openedAt: optional(text()),
    note: optional(json<Sealed>()),
    barcode: optional(text()),
    price: optional(real()),
    addedAt: text(),
    addedBy: text(),
    revision: integer(),
  },
  /** one for each sort field; used-up rows are separate, so that no list passes them */
  indexes: [
    ['fridgeId', 'present', 'dueDate'],
    ['fridgeId', 'present', 'nameKey'],
    ['fridgeId', 'present', 'addedAt'],
    ['fridgeId', 'present', 'place'],
  ],
  /** the filter fields of lists */
  carried: ['dueDate', 'dueType', 'place', 'foodId'],
  keys: ({ data }) => ('ingredientId' in data ? [data.ingredientId] : []),
  on: {
    FridgeOpened: 'ignored',
    CookingRecorded: 'ignored',
    ActionUndone: 'ignored',
    IngredientStored(_row, { data, meta, stream, revision }, ingredientId) {
      const { given: _given, matched: _matched, rule: _rule, cookingId: _cooking, ...values } = data;
      return {
        ...values,
        nameKey: sortKey(data.name),
        ingredientId,
        fridgeId: fridgeFamily.idOf(stream),
        present: true,
        addedAt: meta.occurredAt ?? meta.at,
        addedBy: meta.actor ?? '',
        revision,
      };
    },
    IngredientConsumed: (row, { data, revision }) => row && settled(row, { amount: data.amount }, revision),
    IngredientDiscarded: (row, { data, revision }) => row && settled(row, { amount: data.amount }, revision),
    IngredientCorrected: (row, { data, revision }) => row && settled(row, data.changed, revision),
    IngredientRestored: (row, { data, revision }) => row && settled(row, data.changed, revision),
  },
});

/** The row with new values; `null` removes one. */
function settled<Row extends { name: string; nameKey: string; amount: number; voided?: boolean }>(
  row: Row,
  changed: object,
  revision: number,
): Row {
  const kept = Object.entries({ ...row, ...changed, revision }).filter(([, value]) => value !== null);
  const next = Object.fromEntries(kept) as unknown as Row;
  const nameKey = next.name === row.name ? row.nameKey : sortKey(next.name);
  return { ...next, nameKey, present: next.amount > 0 && !next.voided };
}
