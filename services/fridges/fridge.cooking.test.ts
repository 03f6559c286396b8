import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createdId } from '../../core/ids.ts';
import { given } from '../../core/testing/given.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { addDays } from '../../domain/dates.ts';
import { consumed, opened, stored, TODAY } from '../../events/testing.ts';
import type { Cooking, FridgeCommand } from './fridge.decider.ts';
import type { FridgeState } from './fridge.state.ts';
import { fridgesApi } from './fridges.api.ts';
import { decider } from './testing.ts';

/** Beside what fridge.cook.test.ts tells of one cooking: many of them, their ids, and what comes after. */
const cook = (what: Partial<Cooking> = {}): FridgeCommand => ({
  ...{ do: 'cook', recipeId: 'stew', version: 1, servings: 2, deductions: [], leftovers: [] },
  ...what,
});
const two = given(decider, opened(), stored('milk-1'), stored('milk-2'));
const both = cook({
  deductions: [
    { ingredientId: 'milk-2', amount: 1, unit: 'l' },
    { ingredientId: 'milk-1', amount: 250 },
  ],
  leftovers: [{ name: '카레', amount: 2, unit: '인분' }, { food: 'cooked-rice' }],
});
const cooked = two.when(both, { commandId: 'cooked' });
const undo = (actionId: string): FridgeCommand => ({ do: 'undo', actionId });

/** What there is, without the numbers that every change moves on. */
const values = ({ ingredients }: FridgeState) =>
  [...ingredients.values()].flatMap(({ revision: _, voided, ...rest }) => (voided ? [] : [rest]));

describe('what a cooking makes', () => {
  test('has ids that the same command comes to again', () => {
    const again = two.when(both, { commandId: 'cooked' });
    assert.deepEqual(again.past, cooked.past);
    assert.deepEqual([...cooked.state.ingredients.keys()].slice(2), [createdId('cooked', 1), createdId('cooked', 2)]);
  });

  test('has other ids than another cooking of the same', () => {
    const seen = cooked.when(cook({ leftovers: [{ food: 'cooked-rice' }] }), { commandId: 'more' });
    assert.equal(new Set([...seen.state.ingredients.keys(), createdId('cooked', 0), createdId('more', 0)]).size, 7);
  });

  test('is kept like anything else: with its food, place and date', () => {
    const rice = cooked.state.ingredients.get(createdId('cooked', 2))!;
    const { shelfLife, place } = baseCatalogue.byId.get('cooked-rice')!;
    assert.deepEqual(
      [rice.foodId, rice.place, rice.dueDate],
      ['cooked-rice', place, addDays(TODAY, shelfLife[place]!)],
    );
  });

  test('can be eaten', () => {
    const { refusal, state } = cooked.when({ do: 'consume', ingredientId: createdId('cooked', 1), amount: 1 });
    assert.deepEqual([refusal, state.ingredients.get(createdId('cooked', 1))!.amount], [undefined, 1000]);
  });
});

describe('what a cooking takes', () => {
  test('is taken from each ingredient by itself', () =>
    assert.deepEqual(
      ['milk-1', 'milk-2'].map(one => cooked.state.ingredients.get(one)!.amount),
      [750_000, 0],
    ));

  test('is one ingredient once: named twice, all of it is refused', () => {
    const twice = [
      { ingredientId: 'milk-1', amount: 300 },
      { ingredientId: 'milk-1', amount: 300 },
    ];
    assert.deepEqual(two.when(cook({ deductions: twice })).past, two.past);
  });

  test('is one ingredient once already where the request comes in', () => {
    const request = { fridgeId: 'f1', recipeId: 'stew', version: 1, servings: 2 };
    const check = (...ids: string[]) =>
      fridgesApi.cook.input.safeParse({
        ...request,
        deductions: ids.map(ingredientId => ({ ingredientId, amount: 1 })),
      });
    assert.equal(check('a', 'b').success, true);
    assert.deepEqual(
      check('a', 'b', 'a').error?.issues.map(({ path, message }) => [path, message]),
      [[['deductions'], 'names an ingredient twice']],
    );
  });

  test('is more than there is after another cooking', () =>
    cooked.when(cook({ deductions: [{ ingredientId: 'milk-1', amount: 751 }] })).thenRefuses('not-enough', {
      available: { amount: 750, unit: 'ml' },
      errors: [{ path: 'deductions[0]', message: 'there is only 750 ml' }],
    }));

  test('is nothing of what is used up', () =>
    cooked.when(cook({ deductions: [{ ingredientId: 'milk-2', amount: 1 }] })).thenRefuses('nothing-to-do'));

  for (const [why, bad] of [
    ['too much of the last one', { deductions: [...deductionsOf(both), { ingredientId: 'milk-1', amount: 9999 }] }],
    ['an unknown one at the end', { deductions: [...deductionsOf(both), { ingredientId: 'milk-3', amount: 1 }] }],
    ['something left over of a food that nobody knows', { leftovers: [{ food: 'unicorn' }] }],
    ['something left over of which there is nothing', { leftovers: [{ name: '카레', amount: 0.0001 }] }],
  ] as const) {
    test(`leaves everything as it is where there is ${why}`, () => {
      const refused = two.when(cook(bad));
      assert.equal(refused.refusal?.name, 'Refused');
      assert.deepEqual(refused.past, two.past);
    });
  }
});

function deductionsOf(command: FridgeCommand): Cooking['deductions'] {
  return command.do === 'cook' ? command.deductions : [];
}

describe('taking a cooking back', () => {
  const undone = cooked.when(undo('cooked'), { commandId: 'oops' });
  const redone = undone.when(undo('oops'), { commandId: 'after all' });

  test('leaves what there was before', () => assert.deepEqual(values(undone.state), values(two.state)));

  test('and taking that back what there was after', () => assert.deepEqual(values(redone.state), values(cooked.state)));

  test('can go to and fro', () => assert.deepEqual(values(redone.when(undo('after all')).state), values(two.state)));

  test('makes its leftovers unknown', () => {
    const eat = { do: 'consume', ingredientId: createdId('cooked', 2) } as const;
    undone.when(eat).thenRefuses('ingredient-not-found');
    assert.equal(redone.when(eat).refusal, undefined);
  });

  test('is not possible once somebody has eaten of it', () =>
    cooked
      .when({ do: 'consume', ingredientId: createdId('cooked', 2) })
      .when(undo('cooked'))
      .thenRefuses('not-last-action'));

  test('takes back this cooking, not the one before', () => {
    const again = cooked.when(cook({ deductions: [{ ingredientId: 'milk-1', amount: 100 }] }), { commandId: 'again' });
    assert.deepEqual(values(again.when(undo('again')).state), values(cooked.state));
    again.when(undo('cooked')).thenRefuses('not-last-action');
  });

  test('counts what was eaten before it', () => {
    const before = given(decider, opened(), stored('milk-1'), consumed('milk-1', 400_000, 600_000));
    const { state } = before
      .when(cook({ deductions: [{ ingredientId: 'milk-1', amount: 600 }] }), { commandId: 'cooked' })
      .when(undo('cooked'));
    assert.equal(state.ingredients.get('milk-1')!.amount, 600_000);
  });
});

describe('who may cook', () => {
  test('members only', () => two.when(both, { actor: 'eve' }).thenRefuses('fridge-not-found'));
});
