import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { action, envelope, given } from '../../core/testing/given.ts';
import type { Changed, DueRule, FridgeEvent, Given, IngredientValues } from '../../events/fridge.ts';
import { consumed, opened, pickles, stored, storedPickles } from '../../events/testing.ts';
import type { Patch } from './correction.ts';
import type { FridgeCommand } from './fridge.decider.ts';
import type { FridgeState } from './fridge.state.ts';
import { decider } from './testing.ts';

const correct = (patch: Patch, ingredientId = 'milk-1'): FridgeCommand => ({ do: 'correct', ingredientId, patch });
const corrected = (changed: Changed, given?: Given, rule?: DueRule): FridgeEvent[] => [
  {
    type: 'IngredientCorrected',
    data: { ingredientId: 'milk-1', ...(given && { given }), changed, ...(rule && { rule }) },
  },
];
/** the same, by a name or food that is meant with this certainty */
const matching = (matched: number, changed: Changed, rule?: DueRule): FridgeEvent[] => [
  { type: 'IngredientCorrected', data: { ingredientId: 'milk-1', matched, changed, ...(rule && { rule }) } },
];
const byRule = (changed: Changed, rule: DueRule) => corrected(changed, undefined, rule);
const milk = (values: Partial<IngredientValues> = {}) => given(decider, opened(), stored('milk-1', values));
/** with a date that no correction of anything else changes */
const printed = (values: Partial<IngredientValues> = {}) => milk({ dueDateSource: 'printed', ...values });
const homemade = given(decider, opened(), storedPickles('milk-1'));

describe('correcting what it is', () => {
  test('a new name is matched to its food', () =>
    printed()
      .when(correct({ name: '무가당 두유' }))
      .then(matching(1, { name: '무가당 두유', foodId: 'soy-milk' })));

  test('a new name whose last words are a food is less surely that', () =>
    printed()
      .when(correct({ name: '제주 두유' }))
      .then(matching(0.7, { name: '제주 두유', foodId: 'soy-milk' })));

  test('a new name of the same food changes the name only', () =>
    printed()
      .when(correct({ name: '저지방 우유' }))
      .then(matching(1, { name: '저지방 우유' })));

  test('a new name that no catalogue knows takes the food away', () =>
    printed()
      .when(correct({ name: pickles.name }))
      .then(corrected({ name: pickles.name, foodId: null })));

  test('a name may find a food for what had none', () =>
    homemade.when(correct({ name: '두부' })).then(matching(1, { name: '두부', foodId: 'tofu' })));

  test('a name that stays leaves the chosen food alone', () =>
    printed({ name: '남은 라떼용' })
      .when(correct({ name: '남은 라떼용', place: 'freezer' }))
      .then(corrected({ place: 'freezer' })));

  test('a food that is named leaves the name alone', () =>
    printed()
      .when(correct({ food: 'soy-milk' }))
      .then(matching(1, { foodId: 'soy-milk' })));

  test('a food that is named holds whatever the name says', () =>
    printed()
      .when(correct({ food: 'tofu', name: '우유 맛 두부' }))
      .then(matching(1, { foodId: 'tofu', name: '우유 맛 두부' })));

  test('null takes the food away', () =>
    printed()
      .when(correct({ food: null }))
      .then(corrected({ foodId: null })));

  test('null takes the food away, whatever the new name says', () =>
    printed()
      .when(correct({ food: null, name: '두유' }))
      .then(corrected({ foodId: null, name: '두유' })));

  test('a food that no catalogue has is refused', () =>
    printed()
      .when(correct({ food: 'unicorn' }))
      .thenRefuses('unknown-food'));
});

describe('correcting how much it is', () => {
  test('a new amount is one of the present unit', () =>
    milk()
      .when(correct({ amount: 750 }))
      .then(corrected({ amount: 750_000, bought: 750_000 }, { amount: 750 })));

  test('a new unit of the same kind changes how it is shown', () =>
    milk()
      .when(correct({ amount: 1, unit: '리터' }))
      .then(corrected({ unit: 'l', perUnit: 1_000_000 }, { amount: 1, unit: '리터' })));

  test('500 g, not kg', () =>
    milk({ amount: 500_000_000, base: 'g', unit: 'kg', perUnit: 1_000_000 })
      .when(correct({ unit: 'g' }))
      .then(corrected({ amount: 500_000, unit: 'g', perUnit: 1000, bought: 500_000 }, { unit: 'g' })));

  test('2 packs, not pieces', () =>
    homemade.when(correct({ unit: '팩' })).then(corrected({ base: 'pack', unit: 'pack' }, { unit: '팩' })));

  test('1.5 l, not pieces', () =>
    homemade
      .when(correct({ amount: 1.5, unit: 'l' }))
      .then(
        corrected(
          { amount: 1_500_000, base: 'ml', unit: 'l', perUnit: 1_000_000, bought: 1_500_000 },
          { amount: 1.5, unit: 'l' },
        ),
      ));

  test('what was used since then stays used', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 250_000, 750_000))
      .when(correct({ amount: 500 }))
      .then(corrected({ amount: 500_000, bought: 750_000 }, { amount: 500 })));

  test('another unit for the same amount leaves what was bought', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 600_000, 400_000))
      .when(correct({ amount: 0.4, unit: 'l' }))
      .then(corrected({ unit: 'l', perUnit: 1_000_000 }, { amount: 0.4, unit: 'l' })));

  test('a unit that cannot be compared leaves the same share of it', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 600_000, 400_000))
      .when(correct({ amount: 4, unit: 'pack' }))
      .then(corrected({ amount: 4000, base: 'pack', unit: 'pack', bought: 10_000 }, { amount: 4, unit: 'pack' })));

  test('and was used in the unit that was meant', () =>
    given(
      decider,
      opened(),
      stored('milk-1', { amount: 500_000_000, base: 'g', unit: 'kg', perUnit: 1_000_000 }),
      consumed('milk-1', 200_000_000, 300_000_000),
    )
      .when(correct({ unit: 'g' }))
      .then(corrected({ amount: 300_000, unit: 'g', perUnit: 1000, bought: 500_000 }, { unit: 'g' })));

  test('a used-up ingredient that was not used up is back', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 1_000_000, 0))
      .when(correct({ amount: 200 }))
      .then(corrected({ amount: 200_000, bought: 1_200_000 }, { amount: 200 })));

  test('the unit of a used-up ingredient can still be corrected', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 1_000_000, 0))
      .when(correct({ unit: 'g' }))
      .then(corrected({ base: 'g', unit: 'g' }, { unit: 'g' })));

  test('no rounding makes it more than was bought', () =>
    // 31 are 937.4 of the new unit, but 938 of it by the six places that are shown.
    milk({ amount: 31, unit: 'tbsp', perUnit: 15_000 })
      .when(correct({ unit: 'lb' }))
      .then(corrected({ amount: 938, base: 'g', unit: 'lb', perUnit: 453_600, bought: 938 }, { unit: 'lb' })));

  test('an amount that rounds to nothing is refused', () =>
    milk()
      .when(correct({ amount: 0.0001 }))
      .thenRefuses('amount-too-small'));
});

describe('correcting its date', () => {
  test('a date that a person gives is theirs', () =>
    milk()
      .when(correct({ dueDate: '2026-04-01' }))
      .then(corrected({ dueDate: '2026-04-01', dueDateSource: 'user' })));

  test('a date by rule that a person confirms is theirs', () =>
    milk()
      .when(correct({ dueDate: '2026-03-17' }))
      .then(corrected({ dueDateSource: 'user' })));

  test('the first date of something is a best-before date', () =>
    homemade
      .when(correct({ dueDate: '2026-04-01' }))
      .then(corrected({ dueDate: '2026-04-01', dueDateSource: 'user', dueType: 'best_before' })));

  test('a date comes with its type', () =>
    homemade
      .when(correct({ dueDate: '2026-04-01', dueType: 'use_by' }))
      .then(corrected({ dueDate: '2026-04-01', dueDateSource: 'user', dueType: 'use_by' })));

  test('the type by itself leaves the date as it was', () =>
    milk()
      .when(correct({ dueType: 'best_before' }))
      .then(corrected({ dueType: 'best_before' })));

  test('the type of a date that is not there is nothing', () =>
    homemade.when(correct({ dueType: 'use_by' })).thenRefuses('nothing-to-do'));

  test('nor does it come in with something else', () =>
    homemade.when(correct({ dueType: 'use_by', price: 1000 })).then(corrected({ price: 1000 })));

  test('null takes the date away, and all that belongs to it', () =>
    milk()
      .when(correct({ dueDate: null }))
      .then(corrected({ dueDate: null, dueType: null, dueDateSource: null })));
});

describe('a date by rule, when something else is corrected', () => {
  const due = (past: { state: FridgeState }) => {
    const { dueDate, dueType, dueDateSource } = past.state.ingredients.get('milk-1')!;
    return [dueDate, dueType, dueDateSource];
  };
  const pork = { name: '돼지고기', foodId: 'pork', dueDate: '2026-03-14' } as const;
  const later = { at: '2026-03-13T03:00:00.000Z' };

  test('is that of the place where it is, counted from the day when it was put in', () =>
    milk(pork)
      .when(correct({ place: 'freezer' }), later)
      .then(byRule({ place: 'freezer', dueDate: '2026-09-06' }, { days: 180, from: '2026-03-10', place: 'freezer' })));

  test('is that of the food that it is, as is its type', () =>
    milk(pork)
      .when(correct({ name: '두유' }), later)
      .then(
        matching(
          1,
          { name: '두유', foodId: 'soy-milk', dueDate: '2026-09-06', dueType: 'best_before' },
          { days: 180, from: '2026-03-10', place: 'fridge' },
        ),
      ));

  test('counts from the day when it was opened', () =>
    milk()
      .when(correct({ openedAt: '2026-03-10T15:30:00.000Z' }), later) // 00:30 of the 11th in Seoul
      .then(
        byRule(
          { openedAt: '2026-03-10T15:30:00.000Z', dueDate: '2026-03-16' },
          { days: 5, from: '2026-03-11', place: 'fridge' },
        ),
      ));

  test('is not the later for being opened on its last day', () =>
    milk()
      .when(correct({ openedAt: '2026-03-17T03:00:00.000Z' }), { at: '2026-03-17T04:00:00.000Z' })
      .then(byRule({ openedAt: '2026-03-17T03:00:00.000Z' }, { days: 7, from: '2026-03-10', place: 'fridge' })));

  test('is that of a pack that was never opened after all', () =>
    assert.deepEqual(
      due(milk({ openedAt: '2026-03-09T22:00:00.000Z', dueDate: '2026-03-15' }).when(correct({ openedAt: null }))),
      ['2026-03-17', 'use_by', 'rule'],
    ));

  test('counts from the day in the kitchen when it was put in, also where that was told later', () => {
    const fridge = given(decider, opened(), action({ occurredAt: '2026-03-01T15:30:00.000Z' }, stored('milk-1')));
    assert.deepEqual(due(fridge.when(correct({ place: 'freezer' }))), ['2026-05-31', 'use_by', 'rule']);
  });

  test('stays where a person gives the date', () =>
    assert.deepEqual(due(milk(pork).when(correct({ place: 'freezer', dueDate: '2026-03-20' }))), [
      '2026-03-20',
      'use_by',
      'user',
    ]));

  test('goes where a person takes the date away', () =>
    assert.deepEqual(due(milk(pork).when(correct({ place: 'freezer', dueDate: null }))), [
      undefined,
      undefined,
      undefined,
    ]));

  for (const dueDateSource of ['printed', 'user'] as const)
    test(`leaves one that is ${dueDateSource} alone`, () =>
      milk({ ...pork, dueDateSource })
        .when(correct({ place: 'freezer', name: '두부' }))
        .then(matching(1, { place: 'freezer', name: '두부', foodId: 'tofu' })));

  test('keeps the type that a person gave it, while it is the same food', () => {
    const thought = milk(pork).when(correct({ dueType: 'best_before' }));
    assert.deepEqual(due(thought.when(correct({ place: 'freezer' }))), ['2026-09-06', 'best_before', 'rule']);
    assert.deepEqual(due(thought.when(correct({ food: 'milk' }))), ['2026-03-17', 'use_by', 'rule']);
    assert.deepEqual(due(thought.when(correct({ food: 'milk', dueType: 'best_before' }))), [
      ...['2026-03-17', 'best_before', 'rule'],
    ]);
  });

  test('is none where no rule knows one, and is back with what the rule goes by', () => {
    const astray = milk(pork).when(correct({ place: 'pantry' }));
    astray.then(corrected({ place: 'pantry', dueDate: null, dueType: null }));
    assert.deepEqual(due(astray.when(correct({ place: 'fridge' }))), ['2026-03-14', 'use_by', 'rule']);
    const nameless = milk(pork).when(correct({ name: pickles.name }));
    assert.deepEqual(due(nameless), [undefined, undefined, 'rule']);
    assert.deepEqual(due(nameless.when(correct({ food: 'pork' }))), ['2026-03-14', 'use_by', 'rule']);
  });

  test('is what it was once the correction is undone', () => {
    const fridge = milk(pork);
    const undone = fridge.when(correct({ place: 'freezer', food: 'soy-milk' }), { commandId: 'typo' }).when({
      ...{ do: 'undo', actionId: 'typo' },
    });
    undone.then([
      { type: 'ActionUndone', data: { actionId: 'typo' } },
      {
        type: 'IngredientRestored',
        data: {
          ...{ ingredientId: 'milk-1', reverses: 'typo', effects: [] },
          changed: { foodId: 'pork', place: 'fridge', dueDate: '2026-03-14', dueType: 'use_by' },
        },
      },
    ]);
    assert.deepEqual(due(undone), due(fridge));
  });

  test('is that of what was cooked, where the new name says so', () =>
    milk({ name: '파스타', foodId: 'pasta', place: 'fridge', dueDate: '2028-03-10', dueType: 'best_before' })
      .when(correct({ name: '남은 파스타' }), later)
      .then(
        byRule(
          { name: '남은 파스타', foodId: null, dueDate: '2026-03-13', dueType: 'use_by' },
          { days: 3, from: '2026-03-10', place: 'fridge' },
        ),
      ));

  test('is that of what is left, though it is the same food', () =>
    milk()
      .when(correct({ name: '남은 우유' }), later)
      .then(
        matching(0.7, { name: '남은 우유', dueDate: '2026-03-13' }, { days: 3, from: '2026-03-10', place: 'fridge' }),
      ));

  test('of what was cooked follows it into the freezer', () =>
    milk()
      .when(correct({ name: '남은 카레' }), later)
      .when(correct({ place: 'freezer' }), later)
      .then(byRule({ place: 'freezer', dueDate: '2026-06-08' }, { days: 90, from: '2026-03-10', place: 'freezer' })));

  test('is not touched by what no rule goes by', () =>
    milk({ dueDate: '2026-03-12' })
      .when(correct({ name: '저지방 우유', place: 'fridge', price: 2980 }))
      .then(matching(1, { name: '저지방 우유', price: 2980 })));
});

describe('correcting the rest', () => {
  const details = { openedAt: '2026-03-09T22:00:00.000Z', note: envelope(), barcode: '8801115114154', price: 2980 };

  for (const [field, value] of Object.entries(details)) {
    test(`${field} is given`, () =>
      printed()
        .when(correct({ [field]: value }))
        .then(corrected({ [field]: value })));

    test(`${field} is cleared`, () =>
      printed(details)
        .when(correct({ [field]: null }))
        .then(corrected({ [field]: null })));

    test(`${field} that is not there cannot be cleared`, () =>
      milk()
        .when(correct({ [field]: null }))
        .thenRefuses('nothing-to-do'));
  }

  test('it was not opened tomorrow', () =>
    milk()
      .when(correct({ openedAt: '2026-03-11T00:00:00.000Z' }))
      .thenRefuses('in-the-future', { errors: [{ path: 'openedAt', message: 'is in the future' }] }));

  test('a price of nothing is a price', () =>
    milk()
      .when(correct({ price: 0 }))
      .then(corrected({ price: 0 })));

  test('it is in another place', () =>
    printed()
      .when(correct({ place: 'freezer' }))
      .then(corrected({ place: 'freezer' })));

  test('a place that the fridge does not have is refused', () =>
    milk()
      .when(correct({ place: 'garage' }))
      .thenRefuses('unknown-place'));

  test('only what differs is in the fact', () =>
    printed(details)
      .when(correct({ name: '우유', amount: 1000, unit: 'ml', place: 'freezer', price: 2980, barcode: null }))
      .then(corrected({ place: 'freezer', barcode: null }, { amount: 1000, unit: 'ml' })));

  test('there is nothing to do where all is like that already', () =>
    milk({ ...details, dueDateSource: 'user' })
      .when(
        correct({
          ...{ name: '우유', food: 'milk', amount: 1000, unit: 'ml', place: 'fridge', price: 2980 },
          ...{ dueDate: '2026-03-17', dueType: 'use_by', openedAt: details.openedAt, barcode: details.barcode },
        }),
      )
      .thenRefuses('nothing-to-do'));

  test('there is nothing to do where nothing is said', () => milk().when(correct({})).thenRefuses('nothing-to-do'));

  test('a cleared field is gone from the ingredient', () => {
    const { state } = milk(details).when(correct({ price: null, openedAt: null, dueDate: null }));
    const fields = Object.keys(state.ingredients.get('milk-1')!);
    assert.deepEqual(
      fields.filter(field => /price|opened|due/.test(field)),
      [],
    );
  });

  test('an ingredient that never was is not found', () =>
    milk()
      .when(correct({ price: 1 }, 'milk-2'))
      .thenRefuses('ingredient-not-found'));
});
