import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { action, given, projecting, type Story } from '../../core/testing/given.ts';
import { sortKey } from '../../domain/sort-key.ts';
import { fromBase } from '../../domain/units.ts';
import { type FridgeEvent, fridgeFamily } from '../../events/fridge.ts';
import { opened } from '../../events/testing.ts';
import { ingredients } from '../../projections/ingredients.ts';
import type { FridgeCommand } from './fridge.decider.ts';
import type { FridgeState, Ingredient } from './fridge.state.ts';
import { decider } from './testing.ts';

type Fridge = Story<FridgeCommand, FridgeEvent, FridgeState>;

/** What the API lets through at most. */
const MOST_AMOUNT = 1_000_000;
const MOST_PRICE = 1_000_000_000;
const SEEDED = { seed: 20260310, numRuns: 150 };
const empty: Fridge = given(decider, action({ stream: fridgeFamily.streamOf('f1') }, opened()));

type Wish =
  | { do: 'store'; amount: number; unit: string; price: number }
  | { do: 'correct'; amount?: number | undefined; unit?: string | undefined; price?: number | undefined }
  | { do: 'consume' | 'discard' | 'cook'; left: number; amount: number; unit: string }
  | { do: 'undo' };

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const amount = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(MOST_AMOUNT, 999_999.999_999, 1, 0.001, 1e-6, 5e-324) },
  { weight: 1, arbitrary: fc.double({ min: 1e-9, max: MOST_AMOUNT, noNaN: true }) },
);
const anything = fc.oneof(amount, fc.constantFrom(1e15, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN));
const unit = fc.constantFrom('gallon', 'kg', 'mg', 'g', 'ml', '개', 'dozen', '한움큼씩');
const price = fc.constantFrom(0, 0.01, MOST_PRICE);
/** the share that is left of what there is */
const left = fc.constantFrom(0, 1e-12, 1e-6, 0.015, 0.5, 0.999_999);

const wishesOf = (amounts: fc.Arbitrary<number>) => {
  const storing = fc.record({ do: fc.constant('store' as const), amount: amounts, unit, price });
  const correcting = fc.record({
    ...{ do: fc.constant('correct' as const), amount: maybe(amounts), unit: maybe(unit), price: maybe(price) },
  });
  const using = fc.record({ do: fc.constantFrom('consume', 'discard', 'cook'), left, amount: amounts, unit });
  const wish: fc.Arbitrary<Wish> = fc.oneof(
    { weight: 5, arbitrary: using },
    { weight: 5, arbitrary: correcting },
    { weight: 1, arbitrary: storing },
    { weight: 1, arbitrary: fc.constant({ do: 'undo' as const }) },
  );
  return fc.tuple(storing, fc.array(wish, { maxLength: 30, size: 'max' })).map(([first, rest]) => [first, ...rest]);
};

/** Always of what was stored last. */
function commandOf(wished: Wish, { ingredients: there, last }: FridgeState): FridgeCommand {
  const one = [...there.values()].at(-1);
  const ingredientId = one?.ingredientId ?? 'none';
  switch (wished.do) {
    case 'store': {
      const { amount, unit, price } = wished;
      return { do: 'store', items: [{ name: 'big', amount, unit, price }] };
    }
    case 'correct': {
      const { do: _, ...patch } = wished;
      return { do: 'correct', ingredientId, patch };
    }
    case 'cook': {
      const leftovers = [{ name: 'rest', amount: wished.amount, unit: wished.unit }];
      const deductions = [{ ingredientId, amount: most(one, wished.left) }];
      return { do: 'cook', recipeId: 'r1', version: 1, servings: 1, deductions, leftovers };
    }
    case 'consume':
      return { do: 'consume', ingredientId, amount: most(one, wished.left) };
    case 'discard':
      return { do: 'discard', ingredientId, reason: 'other', amount: most(one, wished.left) };
    case 'undo':
      return { do: 'undo', actionId: last?.actionId ?? 'none' };
  }
}

const most = (one: Ingredient | undefined, share: number): number =>
  one ? fromBase(one.amount - Math.floor(one.amount * share), one.perUnit) : 1;

function live(wished: readonly Wish[]): Fridge {
  let fridge = empty;
  for (const [i, one] of wished.entries()) {
    const after = fridge.when(commandOf(one, fridge.state), { commandId: `c${i}` });
    if (after.past.length > fridge.past.length) fridge = after;
  }
  return fridge;
}

const COUNTED = new Set(['amount', 'bought', 'taken', 'perUnit']);

/** Where in a fact a number stands that could not be kept as it is. */
function unkept(value: unknown, path = ''): string[] {
  if (typeof value === 'number') {
    const field = path.slice(path.lastIndexOf('.') + 1);
    const isCounted = COUNTED.has(field) && !path.includes('given');
    const isKept = isCounted ? Number.isSafeInteger(value) && value >= 0 : Number.isFinite(value);
    return isKept ? [] : [`${path}: ${value}`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => unkept(inner, `${path}.${name}`));
}

describe('absurd amounts', () => {
  for (const [title, amounts] of [
    ['that the API lets through', amount],
    ['that it would not', anything],
  ] as const) {
    test(`${title}: no sequence of commands makes a fact that could not be kept`, () =>
      fc.assert(
        fc.property(wishesOf(amounts), wished => {
          const { past } = live(wished);
          assert.deepEqual(
            past.flatMap(({ type, data }) => unkept(data, type)),
            [],
          );
        }),
        SEEDED,
      ));
  }

  test('and what comes of them fits into the view', () =>
    fc.assert(
      fc.asyncProperty(wishesOf(amount), async wished => {
        const { past, state } = live(wished);
        const rows = [...state.ingredients.values()]
          .sort((a, b) => (a.ingredientId < b.ingredientId ? -1 : 1))
          .map(one => ({
            ...one,
            fridgeId: 'f1',
            present: state.present.has(one.ingredientId),
            nameKey: sortKey(one.name),
          }));
        await projecting(ingredients, ...past).shows(rows);
      }),
      { ...SEEDED, numRuns: 40 },
    ));

  test('reach the bound, or the tests above would say little', () => {
    const all = fc.sample(wishesOf(amount), { seed: SEEDED.seed, numRuns: 150 });
    const bought = all.flatMap(wished => [...live(wished).state.ingredients.values()].map(one => one.bought));
    assert.ok(bought.filter(number => number === Number.MAX_SAFE_INTEGER).length >= 5, String(Math.max(...bought)));
  });

  test('in one correction after several uses leave what was bought at what can still be counted', () => {
    const wished: Wish[] = [
      { do: 'store', amount: MOST_AMOUNT, unit: 'kg', price: 1000 },
      ...Array.from({ length: 4 }, (): Wish => ({ do: 'consume', left: 0.015, amount: 1, unit: 'kg' })),
      { do: 'correct', amount: MOST_AMOUNT, unit: 'gallon' },
    ];
    const { past } = live(wished);
    const last = past.at(-1)!;
    assert.deepEqual([past.length, last.type], [7, 'IngredientCorrected']);
    assert.deepEqual('changed' in last.data && last.data.changed, {
      ...{ amount: 3_785_410_000_000, base: 'ml', unit: 'gallon', perUnit: 3_785_410 },
      bought: Number.MAX_SAFE_INTEGER,
    });
  });

  for (const [title, what] of [
    ['beyond what can be counted', 1e10],
    ['that is endless', Number.POSITIVE_INFINITY],
    ['that is none', Number.NaN],
  ] as const) {
    test(`an amount ${title} is refused, and its field is named`, () => {
      const refused = { errors: [{ path: 'amount', message: 'the amount is too large to be kept' }] };
      const item = { name: 'big', amount: what, unit: 'gallon' };
      const gallon = live([{ do: 'store', amount: 1, unit: 'gallon', price: 0 }]);
      const [ingredientId] = [...gallon.state.ingredients.keys()] as [string];
      for (const command of [
        { do: 'store', items: [item] },
        { do: 'consume', ingredientId, amount: what },
        { do: 'discard', ingredientId, amount: what, reason: 'other' },
        { do: 'correct', ingredientId, patch: { amount: what } },
      ] satisfies FridgeCommand[]) {
        gallon.when(command).thenRefuses('amount-too-large', refused);
      }
      const cooking = { do: 'cook', recipeId: 'r1', version: 1, servings: 1 } as const;
      const placed = (path: string) => ({ errors: [{ ...refused.errors[0], path }] });
      gallon
        .when({ ...cooking, deductions: [{ ingredientId, amount: what }], leftovers: [] })
        .thenRefuses('amount-too-large', placed('deductions[0].amount'));
      gallon
        .when({ ...cooking, deductions: [], leftovers: [item] })
        .thenRefuses('amount-too-large', placed('leftovers[0].amount'));
    });
  }
});
