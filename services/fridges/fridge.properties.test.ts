import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { action, envelope, given, projecting, type Story } from '../../core/testing/given.ts';
import { sortKey } from '../../domain/sort-key.ts';
import { fromBase } from '../../domain/units.ts';
import { type DiscardReason, discardReasons, type FridgeEvent, fridgeFamily } from '../../events/fridge.ts';
import { opened } from '../../events/testing.ts';
import { ingredients } from '../../projections/ingredients.ts';
import type { Patch } from './correction.ts';
import type { FridgeCommand } from './fridge.decider.ts';
import type { FridgeState, Ingredient } from './fridge.state.ts';
import type { NewIngredient } from './stock.ts';
import { decider } from './testing.ts';

/** What somebody would like to do; `on` picks one of the ingredients that there are by then. */
type Wish =
  | Extract<FridgeCommand, { do: 'store' }>
  | { do: 'consume'; on: number; some: Some }
  | { do: 'discard'; on: number; some: Some; reason: DiscardReason }
  | { do: 'correct'; on: number; patch: Patch }
  | { do: 'cook'; of: readonly { on: number; some: Some }[]; leftovers: readonly NewIngredient[] }
  | { do: 'undo' };
type Some = { share?: number; amount?: number; unit?: string | undefined };
type Fridge = Story<FridgeCommand, FridgeEvent, FridgeState>;

const SEEDED = { seed: 20260310, numRuns: 150 };
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
const clearable = <T>(value: fc.Arbitrary<T>) =>
  fc.option(fc.option(value, { nil: null }), { nil: undefined, freq: 1 });
const amount = fc.oneof(
  fc.integer({ min: 1, max: 3000 }),
  fc.double({ min: 0.001, max: 4, noNaN: true, noDefaultInfinity: true }),
);
const unit = fc.constantFrom('g', 'kg', 'ml', '컵', 'T', '개', 'oz', '모', 'ml', 'ml', 'l');
const food = fc.constantFrom('milk', 'egg', 'tofu', 'soy-sauce', 'kimchi');
const name = fc.constantFrom('우유', '유기농 두부', '달걀', 'whole milk', '비밀반찬');
const place = fc.constantFrom('fridge', 'freezer', 'pantry');
const dueDate = fc.constantFrom('2026-03-01', '2026-03-20', '2027-01-01');
const dueType = fc.constantFrom('best_before' as const, 'use_by' as const);
const price = fc.integer({ min: 0, max: 20_000 });
const openedAt = fc.constantFrom('2026-03-09T00:00:00.000Z', '2026-03-10T00:00:00.000Z');
const note = fc.constantFrom(envelope('mina', 'b25l'), envelope('mina', 'dHdv'));
const on = fc.nat(5);

const item = fc.record({
  ...{ food: maybe(food), name, amount: maybe(amount), unit: maybe(unit), place: maybe(place), price: maybe(price) },
  ...{ dueDate: maybe(dueDate), dueType: maybe(dueType), openedAt: maybe(openedAt), note: maybe(note) },
});
const patch = fc.record({
  ...{ name: maybe(name), food: clearable(food), amount: maybe(amount), unit: maybe(unit), place: maybe(place) },
  ...{ dueDate: clearable(dueDate), dueType: maybe(dueType), openedAt: clearable(openedAt), note: clearable(note) },
  ...{ price: clearable(price), barcode: clearable(fc.constantFrom('8801', '8802')) },
});
/** some of what is there, all of it, or any amount in any unit, which is often too much or makes no sense */
const some = fc.oneof(
  { weight: 5, arbitrary: fc.record({ share: fc.integer({ min: 1, max: 100 }) }) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ amount, unit: maybe(unit) }) },
);
const does = <D extends FridgeCommand['do']>(what: D) => fc.constant(what);
const storing = fc.record({ do: does('store'), items: fc.array(item, { minLength: 1, maxLength: 3 }) });
const cooking = fc.record({
  do: does('cook'),
  of: fc.array(fc.record({ on, some }), { maxLength: 3 }),
  leftovers: fc.array(item, { maxLength: 2 }),
});
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 2, arbitrary: storing },
  { weight: 4, arbitrary: fc.record({ do: does('consume'), on, some }) },
  { weight: 3, arbitrary: fc.record({ do: does('discard'), on, some, reason: fc.constantFrom(...discardReasons) }) },
  { weight: 4, arbitrary: fc.record({ do: does('correct'), on, patch }) },
  { weight: 2, arbitrary: cooking },
  { weight: 2, arbitrary: fc.record({ do: does('undo') }) },
);
const wishes = fc
  .tuple(storing, fc.array(wish, { minLength: 1, maxLength: 20, size: 'max' }))
  .map(([first, rest]) => [first, ...rest]);

const opening: Fridge = given(decider, action({ stream: fridgeFamily.streamOf('f1') }, opened()));

const recipe = { recipeId: 'r1', version: 1, servings: 2 };

function commandOf(wished: Wish, { ingredients: there, last }: FridgeState): FridgeCommand {
  const nth = (number: number) => [...there.values()][number % there.size]!;
  switch (wished.do) {
    case 'store':
      return wished;
    case 'undo':
      return { do: 'undo', actionId: last?.actionId ?? 'none' };
    case 'correct':
      return { do: 'correct', ingredientId: nth(wished.on).ingredientId, patch: wished.patch };
    case 'cook': {
      const used = new Map(wished.of.map(({ on: number, some: part }) => [nth(number), part]));
      const deductions = [...used].map(([one, part]) => ({ amount: 1, ...amountOf(one, part) }));
      return { do: 'cook', ...recipe, deductions, leftovers: wished.leftovers };
    }
    case 'consume':
      return { do: 'consume', ...amountOf(nth(wished.on), wished.some) };
    case 'discard':
      return { do: 'discard', reason: wished.reason, ...amountOf(nth(wished.on), wished.some) };
  }
}

function amountOf({ ingredientId, amount: there, perUnit }: Ingredient, { share, ...rest }: Some) {
  const part = share && { amount: fromBase(Math.round((there * share) / 100), perUnit) };
  return { ingredientId, ...rest, ...part };
}

/** The fridge after each wish that was granted. Which are refused is for other tests. */
function live(wished: readonly Wish[]): Fridge[] {
  const fridges = [opening];
  for (const [i, one] of wished.entries()) {
    const before = fridges.at(-1)!;
    const after = before.when(commandOf(one, before.state), {
      commandId: `c${i}`,
      at: new Date(Date.UTC(2026, 2, 10, i)).toISOString(),
    });
    if (after.past.length > before.past.length) fridges.push(after);
  }
  return fridges;
}

const sorted = ({ ingredients: all }: FridgeState): Ingredient[] =>
  [...all.values()].sort((a, b) => (a.ingredientId < b.ingredientId ? -1 : 1));

/** What there is, but for the numbers that every change moves on. */
const values = (state: FridgeState) =>
  sorted(state).flatMap(({ revision: _revision, voided, ...rest }) => (voided ? [] : [rest]));

/** The amount that each price was paid for: what a discard costs goes by it. */
const paidFor = (state: FridgeState) => sorted(state).flatMap(({ bought, voided }) => (voided ? [] : [bought]));

/** Compares a fridge with itself when the last action is undone, and with itself when that is undone too. */
const undoneAndRedone = (compared: (state: FridgeState) => unknown) =>
  fc.assert(
    fc.property(wishes, wished => {
      const fridges = live(wished);
      const before = fridges.at(-2)!;
      const after = fridges.at(-1)!;
      const undone = after.when({ do: 'undo', actionId: after.state.last!.actionId }, { commandId: 'undo' });
      assert.deepEqual(compared(undone.state), compared(before.state));
      const redone = undone.when({ do: 'undo', actionId: 'undo' }, { commandId: 'redo' });
      assert.deepEqual(compared(redone.state), compared(after.state));
    }),
    SEEDED,
  );

describe('whatever is done to a fridge', () => {
  test('undoing the last action gives the ingredients as they were, and undoing that as they became', () =>
    undoneAndRedone(values));

  test('undoing and redoing leave what was paid for', () => undoneAndRedone(paidFor));

  test('amounts are whole, and never negative', () =>
    fc.assert(
      fc.property(wishes, wished => {
        const used = live(wished).flatMap(({ state }) => sorted(state).flatMap(one => [one.amount, one.bought]));
        assert.deepEqual(
          used.filter(number => !Number.isSafeInteger(number) || number < 0),
          [],
        );
      }),
      SEEDED,
    ));

  test('there is never more than was bought', () =>
    fc.assert(
      fc.property(wishes, wished => {
        for (const { state } of live(wished)) for (const one of sorted(state)) assert.ok(one.amount <= one.bought);
      }),
      SEEDED,
    ));

  test('using it leaves what was bought as it was', () =>
    fc.assert(
      fc.property(wishes, wished => {
        const fridges = live(wished);
        for (const [i, { past, state }] of fridges.entries()) {
          const corrected = new Set(
            past.flatMap(({ type, data }) => (type === 'IngredientCorrected' ? [data.ingredientId] : [])),
          );
          for (const { ingredientId, bought } of sorted(fridges[i - 1]?.state ?? state)) {
            if (!corrected.has(ingredientId)) assert.equal(state.ingredients.get(ingredientId)!.bought, bought);
          }
        }
      }),
      SEEDED,
    ));

  test('what is taken was there', () =>
    fc.assert(
      fc.property(wishes, wished => {
        let state = decider.initial();
        for (const event of live(wished).at(-1)!.past) {
          if (event.type === 'IngredientConsumed' || event.type === 'IngredientDiscarded') {
            const { ingredientId, taken, amount: left } = event.data;
            assert.equal(state.ingredients.get(ingredientId)!.amount, taken + left);
          }
          state = decider.evolve(state, event);
        }
      }),
      SEEDED,
    ));

  test('taking as much as is shown takes all', () =>
    fc.assert(
      fc.property(wishes, wished => {
        const fridge = live(wished).at(-1)!;
        for (const { ingredientId, amount: there, perUnit, voided } of sorted(fridge.state)) {
          if (there === 0 || voided) continue;
          const { state, refusal } = fridge.when({ do: 'consume', ingredientId, amount: fromBase(there, perUnit) });
          assert.deepEqual([refusal, state.ingredients.get(ingredientId)!.amount], [undefined, 0]);
        }
      }),
      SEEDED,
    ));

  test('a date by rule is that of storing it as it is now, on the day when it was stored', () =>
    fc.assert(
      fc.property(wishes, wished => {
        const { state } = live(wished).at(-1)!;
        for (const { foodId, place, openedAt, addedAt, dueDate, dueDateSource } of sorted(state)) {
          if (dueDateSource !== 'rule') continue;
          const about = { at: '2026-03-11T00:00:00.000Z', occurredAt: addedAt };
          const item = { ...(foodId === undefined ? { name: 'nothing known' } : { food: foodId }), place, openedAt };
          const anew = opening.when({ do: 'store', items: [item] }, about);
          assert.equal([...anew.state.ingredients.values()][0]!.dueDate, dueDate);
        }
      }),
      SEEDED,
    ));

  test('folding comes to the same state each time, from the log as from memory', () =>
    fc.assert(
      fc.property(wishes, wished => {
        const { past, state } = live(wished).at(-1)!;
        const fromLog = given(decider, ...(JSON.parse(JSON.stringify(past)) as typeof past));
        assert.deepEqual(fromLog.state, state);
        assert.deepEqual(fromLog.state, fromLog.state);
      }),
      SEEDED,
    ));

  test('the view of the ingredients shows what the rules know', () =>
    fc.assert(
      fc.asyncProperty(wishes, async wished => {
        const { past, state } = live(wished).at(-1)!;
        const rows = sorted(state).map(ingredient => ({
          ...ingredient,
          fridgeId: 'f1',
          present: state.present.has(ingredient.ingredientId),
          nameKey: sortKey(ingredient.name),
        }));
        await projecting(ingredients, ...past).shows(rows);
      }),
      { ...SEEDED, numRuns: 60 },
    ));

  test('most wishes were granted, or the tests above would say little', () => {
    const all = fc.sample(wishes, { seed: SEEDED.seed, numRuns: 100 });
    const facts = all.flatMap(wished => live(wished).at(-1)!.past);
    const count = (type: FridgeEvent['type']) => facts.filter(one => one.type === type).length;
    for (const type of [
      'IngredientStored',
      'IngredientConsumed',
      'IngredientDiscarded',
      'IngredientCorrected',
      'CookingRecorded',
      'IngredientRestored',
    ] as const)
      assert.ok(count(type) >= 50, `${type}: ${count(type)}`);
  });
});
