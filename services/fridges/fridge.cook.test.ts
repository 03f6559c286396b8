import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createdId } from '../../core/ids.ts';
import { action, given } from '../../core/testing/given.ts';
import type { FridgeEvent } from '../../events/fridge.ts';
import { opened, pickles, restored, stored, storedPickles, TODAY, undone } from '../../events/testing.ts';
import type { Cooking, FridgeCommand } from './fridge.decider.ts';
import { decider } from './testing.ts';

const cook = (what: Partial<Cooking> = {}): FridgeCommand => ({
  ...{ do: 'cook', recipeId: 'latte', version: 1, servings: 2, deductions: [], leftovers: [] },
  ...what,
});
const id = (index: number) => createdId('cooked', index);
const header = (rest: object = {}): FridgeEvent => ({
  type: 'CookingRecorded',
  data: { cookingId: id(0), recipeId: 'latte', version: 1, servings: 2, ...rest },
});
const byCooking = { commandId: 'cooked' };

const fridge = given(decider, opened(), stored('milk-1'), storedPickles('pickles-1'));
const latte = cook({
  deductions: [
    { ingredientId: 'milk-1', amount: 2, unit: '컵' },
    { ingredientId: 'pickles-1', amount: 2 },
  ],
  leftovers: [{ name: pickles.name, amount: 1 }],
});

describe('cooking', () => {
  test('takes what it needs and keeps what is left, as one action', () =>
    fridge.when(latte, byCooking).then([
      header(),
      {
        type: 'IngredientConsumed',
        data: {
          ...{ ingredientId: 'milk-1', taken: 400_000, given: { amount: 2, unit: '컵' }, amount: 600_000 },
          ...{ date: TODAY, cookingId: id(0) },
        },
      },
      {
        type: 'IngredientConsumed',
        data: {
          ...{ ingredientId: 'pickles-1', taken: 2000, given: { amount: 2 }, amount: 0 },
          ...{ date: TODAY, cookingId: id(0) },
        },
      },
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(1), ...pickles, amount: 1000, bought: 1000, given: { amount: 1 } },
          cookingId: id(0),
        },
      },
    ]));

  test('is recorded even where nothing is taken', () => fridge.when(cook(), byCooking).then([header()]));

  test('says which recommendation it follows', () =>
    fridge.when(cook({ recommendationId: 'r1' }), byCooking).then([header({ recommendationId: 'r1' })]));

  for (const [refused, deduction] of [
    ['not-enough', { ingredientId: 'milk-1', amount: 2000 }],
    ['unit-not-comparable', { ingredientId: 'milk-1', amount: 1, unit: '개' }],
    ['ingredient-not-found', { ingredientId: 'milk-9', amount: 1 }],
  ] as const) {
    test(`is refused as a whole where one ingredient is ${refused}`, () =>
      fridge.when(cook({ deductions: [{ ingredientId: 'pickles-1', amount: 1 }, deduction] })).thenRefuses(refused));
  }

  test('is refused as a whole where what is left cannot be kept', () =>
    fridge.when(cook({ leftovers: [{ name: '라떼', place: 'garage' }] })).thenRefuses('unknown-place'));

  test('did not happen before the last of its ingredients was stored', () => {
    const late = given(
      decider,
      opened(),
      action({ at: '2026-03-08T03:00:00.000Z' }, stored('milk-1')),
      action({ at: '2026-03-10T03:00:00.000Z' }, storedPickles('pickles-1')),
    );
    const { past } = late.when(latte, { at: '2026-03-12T03:00:00.000Z', occurredAt: '2026-03-01T03:00:00.000Z' });
    assert.equal(past.at(-1)!.meta.occurredAt, '2026-03-10T03:00:00.000Z');
  });
});

describe('undoing a cooking', () => {
  const cooked = fridge.when(latte, byCooking);
  const eaten = { kind: 'consumed', date: TODAY, member: 'mina', sign: -1 } as const;

  test('brings back what it took, takes away what it left', () =>
    cooked
      .when({ do: 'undo', actionId: 'cooked' })
      .then([
        undone('cooked'),
        restored('milk-1', 'cooked', { amount: 1_000_000 }, [
          { ...eaten, of: 4, foodId: 'milk', amount: 400_000, base: 'ml' },
        ]),
        restored('pickles-1', 'cooked', { amount: 2000 }, [{ ...eaten, of: 5, amount: 2000, base: 'piece' }]),
        restored(id(1), 'cooked', { voided: true }),
      ]));

  test('can be undone in turn', () =>
    cooked
      .when({ do: 'undo', actionId: 'cooked' }, { commandId: 'oops' })
      .when({ do: 'undo', actionId: 'oops' })
      .then([
        undone('oops'),
        restored('milk-1', 'oops', { amount: 600_000 }, [
          { ...eaten, of: 4, foodId: 'milk', amount: 400_000, base: 'ml', sign: 1 },
        ]),
        restored('pickles-1', 'oops', { amount: 0 }, [{ ...eaten, of: 5, amount: 2000, base: 'piece', sign: 1 }]),
        restored(id(1), 'oops', { voided: null }),
      ]));

  test('is possible where nothing was taken', () =>
    fridge
      .when(cook(), byCooking)
      .when({ do: 'undo', actionId: 'cooked' })
      .then([undone('cooked')]));
});
