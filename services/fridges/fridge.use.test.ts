import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { action, given } from '../../core/testing/given.ts';
import { fromBase } from '../../domain/units.ts';
import { consumed, corrected, opened, stored, storedPickles, TODAY } from '../../events/testing.ts';
import type { FridgeCommand } from './fridge.decider.ts';
import { decider } from './testing.ts';

type Amount = { amount?: number; unit?: string; ifMatch?: number };
const consume = (ingredientId: string, amount: Amount = {}): FridgeCommand => ({
  do: 'consume',
  ingredientId,
  ...amount,
});
const discard = (ingredientId: string, amount: Amount = {}): FridgeCommand => ({
  do: 'discard',
  ingredientId,
  reason: 'spoiled',
  ...amount,
});
const voided = { type: 'IngredientRestored', data: { ingredientId: 'milk-1', reverses: 'action-1' } } as const;
const milkGone = { ...voided, data: { ...voided.data, changed: { voided: true }, effects: [] } };

const fridge = given(decider, opened(), stored('milk-1'), stored('milk-2'));
const pound = { amount: 453_600, base: 'g', unit: 'lb', perUnit: 453_600 };

/** thousandths of a pack of gochugaru */
const TABLESPOON = 15;

describe('consuming', () => {
  test('takes a part', () =>
    fridge.when(consume('milk-1', { amount: 300 })).then([
      {
        type: 'IngredientConsumed',
        data: {
          ...{ ingredientId: 'milk-1', taken: 300_000, given: { amount: 300 } },
          ...{ amount: 700_000, date: TODAY },
        },
      },
    ]));

  test('takes in another unit of the same kind, and keeps what was said', () =>
    fridge.when(consume('milk-1', { amount: 2, unit: '컵' })).then([
      {
        type: 'IngredientConsumed',
        data: {
          ...{ ingredientId: 'milk-1', taken: 400_000, given: { amount: 2, unit: '컵' } },
          ...{ amount: 600_000, date: TODAY },
        },
      },
    ]));

  test('takes all where no amount is said', () =>
    fridge
      .when(consume('milk-1'))
      .then([
        { type: 'IngredientConsumed', data: { ingredientId: 'milk-1', taken: 1_000_000, amount: 0, date: TODAY } },
      ]));

  test('takes all where only a unit is said, and keeps that', () =>
    fridge.when(consume('milk-1', { unit: '팩' })).then([
      {
        type: 'IngredientConsumed',
        data: { ingredientId: 'milk-1', taken: 1_000_000, given: { unit: '팩' }, amount: 0, date: TODAY },
      },
    ]));

  test('takes all where what is said rounds to all', () =>
    given(decider, opened(), stored('milk-1', { amount: 333_333, unit: 'cup', perUnit: 200_000 }))
      .when(consume('milk-1', { amount: 1.666667 }))
      .then([
        {
          type: 'IngredientConsumed',
          data: {
            ...{ ingredientId: 'milk-1', taken: 333_333, given: { amount: 1.666667 } },
            ...{ amount: 0, date: TODAY },
          },
        },
      ]));

  test('a third taken three times is all of it', () => {
    const onion = given(decider, opened(), storedPickles('onion-1', { amount: 1000, bought: 1000 }));
    const third = consume('onion-1', { amount: 1 / 3 });
    const { past, state } = onion.when(third).when(third).when(third);
    assert.deepEqual(past.at(-1)!.data, {
      ...{ ingredientId: 'onion-1', taken: 334, given: { amount: 1 / 3 } },
      ...{ amount: 0, date: TODAY },
    });
    given(decider, ...past)
      .when(third)
      .thenRefuses('nothing-to-do');
    assert.equal(state.ingredients.get('onion-1')!.amount, 0);
  });

  for (const [what, left, there, quantity] of [
    ['a hundredth of what is weighed goes with the rest', 0, 101, 100],
    ['more than a hundredth of what is weighed stays', 1002, 101.002, 100],
  ] as const)
    test(what, () => {
      const flour = { amount: there * 1000, base: 'g', unit: 'g' };
      const { state } = given(decider, opened(), storedPickles('flour-1', flour)).when(
        consume('flour-1', { amount: quantity }),
      );
      assert.equal(state.ingredients.get('flour-1')!.amount, left);
    });

  test('the hundred-and-first egg stays when a hundred are taken', () => {
    const eggs = given(decider, opened(), storedPickles('eggs-1', { amount: 101_000 }));
    const left = (amount: number) => eggs.when(consume('eggs-1', { amount })).state.ingredients.get('eggs-1')!.amount;
    assert.deepEqual([100, 100.989, 100.99].map(left), [1000, 11, 0]);
  });

  test('nothing is refused or taken twice for dust', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 1, max: 300_000 }), (there, quantity) => {
        for (const base of ['g', 'piece']) {
          const fridge = given(decider, opened(), storedPickles('x', { amount: there, base, unit: base }));
          const { refusal, state } = fridge.when(consume('x', { amount: quantity / 1000 }));
          const { amount } = state.ingredients.get('x')!;
          assert.deepEqual(refusal?.code, quantity > there ? 'not-enough' : undefined);
          if (refusal) continue;
          assert.ok(
            amount === 0 || amount > (base === 'g' ? quantity : Math.min(quantity, 1000)) / 100,
            `${amount} is left`,
          );
          assert.ok(there - amount >= quantity && there - amount <= quantity * 1.01, `${there - amount} is taken`);
        }
      }),
      { seed: 20260310, numRuns: 500 },
    ));

  test('cannot take more than there is, and says what there is', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 250_000, 750_000))
      .when(consume('milk-1', { amount: 1, unit: 'l' }))
      .thenRefuses('not-enough', { available: { amount: 750, unit: 'ml' } }));

  test('what there is comes as the list shows it, to six places', () =>
    given(decider, opened(), stored('beef-1', { ...pound, amount: 353_592 }))
      .when(consume('beef-1', { amount: 2 }))
      .thenRefuses('not-enough', { available: { amount: fromBase(353_592, pound.perUnit), unit: 'lb' } }));

  test('sixteen ounces are a pound', () =>
    given(decider, opened(), stored('beef-1', pound))
      .when(consume('beef-1', { amount: 16, unit: 'oz' }))
      .then([
        {
          type: 'IngredientConsumed',
          data: {
            ...{ ingredientId: 'beef-1', taken: 453_600, given: { amount: 16, unit: 'oz' } },
            ...{ amount: 0, date: TODAY },
          },
        },
      ]));

  describe('what is kept by the pack', () => {
    const pack = { foodId: 'gochugaru', amount: 1000, base: 'pack', unit: 'pack', perUnit: 1000 };
    const chili = given(decider, opened(), stored('chili-1', pack));

    test('may be taken in any unit that its food is known in', () =>
      chili.when(consume('chili-1', { amount: 1, unit: '큰술' })).then([
        {
          type: 'IngredientConsumed',
          data: {
            ...{ ingredientId: 'chili-1', taken: TABLESPOON, given: { amount: 1, unit: '큰술' } },
            converted: { amount: 15_000, base: 'ml', own: TABLESPOON },
            ...{ amount: 1000 - TABLESPOON, date: TODAY },
          },
        },
      ]));

    test('cannot be taken in more than there is, nor in less than can be told', () => {
      chili.when(consume('chili-1', { amount: 2, unit: 'kg' })).thenRefuses('not-enough');
      chili.when(consume('chili-1', { amount: 1, unit: 'mg' })).thenRefuses('amount-too-small');
    });
  });

  test('cannot take pieces of what is measured in millilitres', () =>
    fridge.when(consume('milk-1', { amount: 1, unit: '개' })).thenRefuses('unit-not-comparable'));

  test('cannot take grams of what is counted', () =>
    given(decider, opened(), storedPickles('pickles-1'))
      .when(consume('pickles-1', { amount: 100, unit: 'g' }))
      .thenRefuses('unit-not-comparable'));

  test('cannot take an amount that rounds to nothing', () =>
    fridge.when(consume('milk-1', { amount: 0.0001 })).thenRefuses('amount-too-small'));

  test('there is nothing to do where all is used up', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 1_000_000, 0))
      .when(consume('milk-1'))
      .thenRefuses('nothing-to-do'));

  test('an ingredient that never was is not found', () =>
    fridge.when(consume('milk-3')).thenRefuses('ingredient-not-found'));

  test('an ingredient whose storing was undone is not found', () =>
    given(decider, opened(), stored('milk-1'), milkGone).when(consume('milk-1')).thenRefuses('ingredient-not-found'));

  test('the date is that in the kitchen, not in Greenwich', () =>
    fridge.when(consume('milk-1'), { at: '2026-03-10T15:00:00.000Z' }).then([
      {
        type: 'IngredientConsumed',
        data: { ingredientId: 'milk-1', taken: 1_000_000, amount: 0, date: '2026-03-11' },
      },
    ]));

  test('what happened before the storing gets its date', () =>
    given(decider, opened(), action({ at: '2026-03-10T03:00:00.000Z' }, stored('milk-1')))
      .when(consume('milk-1'), { at: '2026-03-12T03:00:00.000Z', occurredAt: '2026-03-08T03:00:00.000Z' })
      .then([
        {
          type: 'IngredientConsumed',
          data: { ingredientId: 'milk-1', taken: 1_000_000, amount: 0, date: '2026-03-10' },
        },
      ]));
});

describe('discarding', () => {
  const priced = given(decider, opened(), stored('milk-1', { price: 2980 }));
  const thrown = (taken: number, amount: number, rest: object = {}) =>
    [
      {
        type: 'IngredientDiscarded',
        data: { ingredientId: 'milk-1', reason: 'spoiled', taken, amount, date: TODAY, ...rest },
      },
    ] as const;

  test('of what has no price has no value', () => fridge.when(discard('milk-1')).then(thrown(1_000_000, 0)));

  test('costs the share of the price, to two places', () =>
    priced
      .when(discard('milk-1', { amount: 333 }))
      .then(thrown(333_000, 667_000, { given: { amount: 333 }, value: 992.34 })));

  test('of the rest costs what the rest was bought for', () =>
    given(decider, opened(), stored('milk-1', { price: 2980 }), consumed('milk-1', 750_000, 250_000))
      .when(discard('milk-1'))
      .then(thrown(250_000, 0, { value: 745 })));

  test('of what was free costs nothing', () =>
    given(decider, opened(), stored('milk-1', { price: 0 }))
      .when(discard('milk-1'))
      .then(thrown(1_000_000, 0, { value: 0 })));

  test('goes by the corrected price', () =>
    given(decider, opened(), stored('milk-1', { price: 2980 }), corrected('milk-1', { price: 1000 }))
      .when(discard('milk-1'))
      .then(thrown(1_000_000, 0, { value: 1000 })));

  test('of a corrected amount costs the whole price', () =>
    priced
      .when({ do: 'correct', ingredientId: 'milk-1', patch: { amount: 500 } })
      .when(discard('milk-1'))
      .then(thrown(500_000, 0, { value: 2980 })));

  test('goes by what the facts say was bought', () =>
    given(
      decider,
      opened(),
      stored('milk-1', { price: 2980 }),
      corrected('milk-1', { amount: 500_000, bought: 1_490_000 }),
    )
      .when(discard('milk-1'))
      .then(thrown(500_000, 0, { value: 1000 })));

  test('of an amount that was corrected after some was used costs the share of all that was bought', () =>
    // 1 l, of which 250 ml were used; 500 ml are left, so that 750 ml were bought for the price.
    given(decider, opened(), stored('milk-1', { price: 3000 }), consumed('milk-1', 250_000, 750_000))
      .when({ do: 'correct', ingredientId: 'milk-1', patch: { amount: 500 } })
      .when(discard('milk-1'))
      .then(thrown(500_000, 0, { value: 2000 })));

  test('of what an undo has brought back costs what it cost before', () =>
    given(
      decider,
      opened(),
      stored('milk-1', { price: 2980 }),
      action({ commandId: 'drunk' }, consumed('milk-1', 600_000, 400_000)),
    )
      .when({ do: 'undo', actionId: 'drunk' })
      .when(discard('milk-1'))
      .then(thrown(1_000_000, 0, { value: 2980 })));

  test('goes by the amount that was bought when an undo has put the unit back', () =>
    // 1 l bought, 600 ml used: the 400 ml that are left cost two fifths, whatever was corrected and undone between.
    given(decider, opened(), stored('milk-1', { price: 1000 }), consumed('milk-1', 600_000, 400_000))
      .when({ do: 'correct', ingredientId: 'milk-1', patch: { amount: 4, unit: 'pack' } }, { commandId: 'packs' })
      .when({ do: 'undo', actionId: 'packs' })
      .when(discard('milk-1'))
      .then(thrown(400_000, 0, { value: 400 })));

  test('goes by the unit that was meant from the start', () =>
    // 500 g of beef went in as 500 kg, and 200 of it were used before anybody saw: three fifths are left.
    given(
      decider,
      opened(),
      stored('milk-1', { amount: 500_000_000, base: 'g', unit: 'kg', perUnit: 1_000_000, price: 10_000 }),
      consumed('milk-1', 200_000_000, 300_000_000),
    )
      .when({ do: 'correct', ingredientId: 'milk-1', patch: { unit: 'g' } })
      .when(discard('milk-1'))
      .then(thrown(300_000, 0, { value: 6000 })));

  test('keeps the reason', () =>
    fridge.when({ ...discard('milk-1'), reason: 'past_use_by' } as FridgeCommand).then([
      {
        type: 'IngredientDiscarded',
        data: { ingredientId: 'milk-1', reason: 'past_use_by', taken: 1_000_000, amount: 0, date: TODAY },
      },
    ]));

  test('has the date of the kitchen, a day before that of Greenwich', () =>
    given(decider, opened({ timeZone: 'America/Los_Angeles' }), stored('milk-1'))
      .when(discard('milk-1'), { at: '2026-03-10T06:30:00.000Z' })
      .then(thrown(1_000_000, 0, { date: '2026-03-09' })));

  test('cannot take more than there is', () =>
    fridge
      .when(discard('milk-1', { amount: 1001 }))
      .thenRefuses('not-enough', { available: { amount: 1000, unit: 'ml' } }));

  test('has nothing to do where all is used up', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 1_000_000, 0))
      .when(discard('milk-1'))
      .thenRefuses('nothing-to-do'));
});

describe('cooking', () => {
  const cook = (...deductions: { ingredientId: string; amount: number; unit?: string }[]): FridgeCommand => ({
    ...{ do: 'cook', recipeId: 'latte', version: 1, servings: 2 },
    ...{ deductions, leftovers: [] },
  });
  const some = { ingredientId: 'milk-1', amount: 100 };

  for (const [how, ...deductions] of [
    ['in the same amount', some, some],
    ['in other units', some, { ...some, amount: 1, unit: '컵' }],
    ['with another between', some, { ...some, ingredientId: 'milk-2' }, some],
  ] as const) {
    test(`cannot take from one ingredient twice: ${how}`, () => {
      const { refusal } = fridge.when(cook(...deductions));
      assert.deepEqual([refusal?.kind, refusal?.code], ['invalid', 'named-twice']);
      assert.deepEqual(refusal?.data, { errors: [{ path: 'deductions', message: 'names an ingredient twice' }] });
    });
  }

  test('takes from two ingredients of the same food', () => {
    const { state } = fridge.when(cook(some, { ...some, ingredientId: 'milk-2' }));
    assert.deepEqual(
      [...state.ingredients.values()].map(({ amount }) => amount),
      [900_000, 900_000],
    );
  });
});

describe('what the client last saw', () => {
  const used = given(decider, opened(), stored('milk-1'), stored('milk-2'), consumed('milk-1', 1000, 999_000));

  test('an ingredient that is as it was seen is changed', () =>
    used.when(consume('milk-1', { amount: 1, ifMatch: 3 })).then([
      {
        type: 'IngredientConsumed',
        data: {
          ...{ ingredientId: 'milk-1', taken: 1000, given: { amount: 1 } },
          ...{ amount: 998_000, date: TODAY },
        },
      },
    ]));

  for (const command of [
    consume('milk-1', { ifMatch: 1 }),
    discard('milk-1', { ifMatch: 1 }),
    { do: 'correct', ingredientId: 'milk-1', ifMatch: 1, patch: { place: 'freezer' } },
  ] satisfies FridgeCommand[]) {
    test(`an ingredient that was changed since is left alone: ${command.do}`, () =>
      used.when(command).thenRefuses('revision-mismatch', { revision: 3 }));
  }

  test('what happened to others does not matter', () =>
    used
      .when(consume('milk-2', { ifMatch: 2 }))
      .then([
        { type: 'IngredientConsumed', data: { ingredientId: 'milk-2', taken: 1_000_000, amount: 0, date: TODAY } },
      ]));

  test('an undo is a change too', () =>
    used
      .when({ do: 'undo', actionId: 'action-3' })
      .when(consume('milk-1', { ifMatch: 1 }))
      .thenRefuses('revision-mismatch', { revision: 5 }));
});
