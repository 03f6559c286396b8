import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RowOf } from '../core/projection.ts';
import { action, envelope, projecting } from '../core/testing/given.ts';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import type { Effect } from '../events/fridge.ts';
import {
  consumed,
  corrected,
  discarded,
  milk,
  opened,
  pickles,
  restored,
  stored,
  storedPickles,
  TODAY,
  undone,
} from '../events/testing.ts';
import { fridges } from './fridges.ts';
import { allProjections } from './index.ts';
import { ingredients } from './ingredients.ts';

type IngredientRow = RowOf<typeof ingredients.columns> & NonNullable<ReturnType<typeof ingredients.fold>>;
const inFridge = { stream: 'fridge-f1' };
const ADDED = '2026-03-10T00:01:00.000Z';
const row = (ingredientId: string, values: Partial<IngredientRow> = {}): IngredientRow => ({
  ...milk,
  ingredientId,
  fridgeId: 'f1',
  present: true,
  nameKey: values.name ?? milk.name,
  addedAt: ADDED,
  addedBy: 'mina',
  revision: 1,
  ...values,
});
const drunk: Effect = {
  ...{ of: 2, kind: 'consumed', foodId: 'milk', amount: 300_000, base: 'ml' },
  ...{ date: TODAY, member: 'mina', sign: -1 },
};
const before = action(inFridge, opened());
const bought = action({ ...inFridge, at: ADDED }, stored('milk-1'));
const then = (...facts: Parameters<typeof action>[1][]) => facts.map(fact => action(inFridge, fact));

describe('the ingredients', () => {
  test('an opened fridge is empty', () => projecting(ingredients, before).shows([]));

  test('what is stored is there, as the fact says', () =>
    projecting(ingredients, before, bought).shows([row('milk-1')]));

  test('how it was given, matched and dated is not shown', () =>
    projecting(
      ingredients,
      before,
      action(
        { ...inFridge, at: ADDED },
        stored('milk-1', {
          given: { amount: 1, unit: 'L' },
          matched: 0.7,
          rule: { days: 7, from: TODAY, place: 'fridge' },
        }),
      ),
    ).shows([row('milk-1')]));

  test('every field that there may be is kept', () => {
    const all = { openedAt: ADDED, note: envelope(), barcode: '8801', price: 2980.5 };
    return projecting(ingredients, before, action({ ...inFridge, at: ADDED }, stored('milk-1', all))).shows([
      row('milk-1', all),
    ]);
  });

  test('names are sorted by their key, also those that were corrected', async () => {
    const renamed = then(corrected('milk-1', { name: 'Crème' }));
    await projecting(ingredients, before, bought, ...renamed).shows([
      row('milk-1', { name: 'Crème', nameKey: 'creme', revision: 2 }),
    ]);
    await projecting(ingredients, before, bought, ...renamed, ...then(corrected('milk-1', { price: 9 }))).shows([
      row('milk-1', { name: 'Crème', nameKey: 'creme', price: 9, revision: 3 }),
    ]);
  });

  test('what is absent is no field of the row', () => {
    const { foodId: _food, dueDate: _date, dueType: _type, dueDateSource: _source, ...plain } = row('pickles-1');
    return projecting(ingredients, before, action({ ...inFridge, at: ADDED }, storedPickles('pickles-1'))).shows([
      { ...plain, ...pickles, nameKey: pickles.name },
    ]);
  });

  test('it was added when it happened, by who did it', () =>
    projecting(
      ingredients,
      before,
      action({ ...inFridge, occurredAt: '2026-03-01T00:00:00.000Z', actor: 'jun' }, stored('milk-1')),
    ).shows([row('milk-1', { addedAt: '2026-03-01T00:00:00.000Z', addedBy: 'jun' })]));

  test('a part of it is used', () =>
    projecting(ingredients, before, bought, ...then(consumed('milk-1', 300_000, 700_000))).shows([
      row('milk-1', { amount: 700_000, revision: 2 }),
    ]));

  test('what is used up is not present, but may come back', () =>
    projecting(ingredients, before, bought, ...then(consumed('milk-1', 1_000_000, 0))).shows([
      row('milk-1', { amount: 0, present: false, revision: 2 }),
    ]));

  test('what is thrown away is not present', () =>
    projecting(ingredients, before, bought, ...then(discarded('milk-1', 1_000_000, 0))).shows([
      row('milk-1', { amount: 0, present: false, revision: 2 }),
    ]));

  test('an undone consumption is present again', () =>
    projecting(
      ingredients,
      before,
      bought,
      ...then(consumed('milk-1', 1_000_000, 0)),
      action(inFridge, undone('action-2'), restored('milk-1', 'action-2', { amount: 1_000_000 }, [drunk])),
    ).shows([row('milk-1', { revision: 4 })]));

  test('an undone storing is not present, and says why', () =>
    projecting(ingredients, before, bought, ...then(restored('milk-1', 'action-1', { voided: true }))).shows([
      row('milk-1', { present: false, voided: true, revision: 2 }),
    ]));

  test('a redone storing is as if it had never been undone', () =>
    projecting(
      ingredients,
      before,
      bought,
      ...then(restored('milk-1', 'action-1', { voided: true }), restored('milk-1', 'action-2', { voided: null })),
    ).shows([row('milk-1', { revision: 3 })]));

  test('a redone storing of what was used up is still used up', () =>
    projecting(
      ingredients,
      before,
      bought,
      ...then(
        consumed('milk-1', 1_000_000, 0),
        restored('milk-1', 'action-1', { voided: true }),
        restored('milk-1', 'action-3', { voided: null }),
      ),
    ).shows([row('milk-1', { amount: 0, present: false, revision: 4 })]));

  test('a correction changes the fields that it names', () =>
    projecting(
      ingredients,
      before,
      bought,
      ...then(corrected('milk-1', { name: '두유', foodId: 'soy-milk', place: 'pantry', price: 1500, openedAt: ADDED })),
    ).shows([
      row('milk-1', { name: '두유', foodId: 'soy-milk', place: 'pantry', price: 1500, openedAt: ADDED, revision: 2 }),
    ]));

  test('a corrected unit comes with its base', () => {
    const changed = { amount: 2000, base: 'pack', unit: 'pack', perUnit: 1000, bought: 3000 };
    return projecting(ingredients, before, bought, ...then(corrected('milk-1', changed))).shows([
      row('milk-1', { ...changed, revision: 2 }),
    ]);
  });

  test('what was bought stays while it is used, and is as it was where a correction of it is undone', () =>
    projecting(
      ingredients,
      before,
      bought,
      ...then(
        consumed('milk-1', 300_000, 700_000),
        corrected('milk-1', { amount: 600_000, bought: 900_000 }),
        undone('action-3'),
        restored('milk-1', 'action-3', { amount: 700_000, bought: 1_000_000 }),
      ),
    ).shows([row('milk-1', { amount: 700_000, bought: 1_000_000, revision: 5 })]));

  test('an amount corrected after all was used up is present', () =>
    projecting(
      ingredients,
      before,
      bought,
      ...then(consumed('milk-1', 1_000_000, 0), corrected('milk-1', { amount: 5000 })),
    ).shows([row('milk-1', { amount: 5000, revision: 3 })]));

  test('a cleared field is absent', () => {
    const { foodId: _food, dueDate: _date, dueType: _type, dueDateSource: _source, ...plain } = row('milk-1');
    const details = { openedAt: ADDED, note: envelope(), barcode: '8801', price: 2980 };
    const nothing = { openedAt: null, note: null, barcode: null, price: null };
    const undated = { foodId: null, dueDate: null, dueType: null, dueDateSource: null };
    return projecting(
      ingredients,
      before,
      action({ ...inFridge, at: ADDED }, stored('milk-1', details)),
      ...then(corrected('milk-1', { ...nothing, ...undated })),
    ).shows([{ ...plain, revision: 2 }]);
  });

  test('ingredients of two fridges stand apart', () =>
    projecting(
      ingredients,
      before,
      bought,
      action({ stream: 'fridge-f2' }, opened({ fridgeId: 'f2', owner: 'jun' })),
      action({ stream: 'fridge-f2', actor: 'jun', at: ADDED }, stored('milk-2')),
      ...then(consumed('milk-1', 300_000, 700_000)),
    ).shows([
      row('milk-1', { amount: 700_000, revision: 2 }),
      row('milk-2', { fridgeId: 'f2', addedBy: 'jun', revision: 1 }),
    ]));
});

describe('the fridges', () => {
  const at = '2026-03-10T00:00:00.000Z';

  test('a fridge belongs to who opened it', () =>
    projecting(fridges, before).shows([{ fridgeId: 'f1', memberId: 'mina', role: 'owner', openedAt: at }]));

  test('what is in a fridge changes nothing', () =>
    projecting(fridges, before, bought, ...then(consumed('milk-1', 1_000_000, 0), undone('action-2'))).shows([
      { fridgeId: 'f1', memberId: 'mina', role: 'owner', openedAt: at },
    ]));

  test('one member may have several', () =>
    projecting(
      fridges,
      before,
      action({ stream: 'fridge-f2', at }, opened({ fridgeId: 'f2' })),
      action({ stream: 'fridge-f3', at }, opened({ fridgeId: 'f3', owner: 'jun' })),
    ).shows([
      { fridgeId: 'f1', memberId: 'mina', role: 'owner', openedAt: at },
      { fridgeId: 'f2', memberId: 'mina', role: 'owner', openedAt: at },
      { fridgeId: 'f3', memberId: 'jun', role: 'owner', openedAt: at },
    ]));
});

describe('all projections', () => {
  test('are found by listing the folder, each under a name of its own', async () => {
    const names = (await allProjections(baseCatalogue)).map(({ name }) => name);
    for (const { name } of [ingredients, fridges]) assert.ok(names.includes(name), name);
    assert.deepEqual(names, [...new Set(names)]);
  });
});
