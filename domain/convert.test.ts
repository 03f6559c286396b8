import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { baseCatalogue } from './base-catalogue.ts';
import { convert } from './convert.ts';
import type { Food } from './food.ts';

const food = (rest: Partial<Food>): Food => ({
  id: 'thing',
  name: { ko: '것', en: 'thing' },
  aliases: { ko: [], en: [] },
  category: 'other',
  unit: 'g',
  shelfLife: {},
  place: 'fridge',
  dueType: 'best_before',
  allergens: [],
  substitutes: [],
  ...rest,
});
const garlic = food({ density: 0.95, weights: { clove: 5, head: 40 } });

describe('an amount in another unit', () => {
  for (const [amount, from, to, expected] of [
    [15_000, 'ml', 'g', 14_250],
    [14_250, 'g', 'ml', 15_000],
    [3000, 'clove', 'g', 15_000],
    [15_000, 'g', 'clove', 3000],
    [1000, 'head', 'clove', 8000],
    [1000, 'clove', 'head', 125],
    [15_000, 'ml', 'clove', 2850],
    [100_000, 'g', 'ml', 105_263],
    [1, 'g', 'head', 0],
    [0, 'g', 'clove', 0],
  ] as const) {
    test(`${amount} of ${from} is ${expected} of ${to}`, () =>
      assert.equal(convert(garlic, amount, from, to), expected));
  }

  test('is unchanged in its own unit', () => {
    assert.equal(convert(food({}), 333, 'jar', 'jar'), 333);
    assert.equal(convert(garlic, 333, 'g', 'g'), 333);
  });

  for (const [from, to, of] of [
    ['ml', 'g', food({ weights: { piece: 50 } })],
    ['g', 'piece', food({ density: 1 })],
    ['piece', 'g', food({})],
    ['piece', 'can', food({ weights: { piece: 50 } })],
    ['clove', 'bag', garlic],
    ['constructor', 'g', garlic],
  ] as const) {
    test(`cannot be known from ${from} to ${to} without a density or a weight`, () => {
      assert.equal(convert(of, 1000, from, to), undefined);
      assert.equal(convert(of, 1000, to, from), undefined);
    });
  }

  test('uses the catalogue', () => {
    assert.equal(convert(baseCatalogue.byId.get('egg')!, 2000, 'piece', 'g'), 110_000);
    assert.equal(convert(baseCatalogue.byId.get('milk')!, 200_000, 'ml', 'g'), 206_000);
    assert.equal(convert(baseCatalogue.byId.get('tofu')!, 500, 'block', 'g'), 150_000);
  });
});

const foods = ['garlic', 'milk', 'onion', 'tofu', 'salt', 'kimchi', 'pork'].map(id => baseCatalogue.byId.get(id)!);
const some = fc.record({
  of: fc.constantFrom(garlic, ...foods),
  amount: fc.nat(100_000_000),
  from: fc.constantFrom('g', 'ml', 'piece', 'clove', 'head', 'block', 'pack'),
  to: fc.constantFrom('g', 'ml', 'piece', 'clove', 'head', 'block', 'pack'),
});
const SEEDED = { seed: 20260310, numRuns: 2000 };

describe('any conversion', () => {
  test('gives whole amounts, never negative', () =>
    fc.assert(
      fc.property(some, ({ of, amount, from, to }) => {
        const converted = convert(of, amount, from, to) ?? 0;
        assert.ok(Number.isSafeInteger(converted) && converted >= 0);
      }),
      SEEDED,
    ));

  test('works in both directions or in neither', () =>
    fc.assert(
      fc.property(some, ({ of, from, to }) => {
        assert.equal(convert(of, 1000, from, to) === undefined, convert(of, 1000, to, from) === undefined);
      }),
      SEEDED,
    ));

  test('loses less than a thousandth of the coarser unit in a round trip', () =>
    fc.assert(
      fc.property(some, ({ of, amount, from, to }) => {
        const there = convert(of, amount, from, to);
        if (there === undefined) return;
        const one = Math.max(1, convert(of, 1000, to, from)! / 1000);
        assert.ok(Math.abs(convert(of, there, to, from)! - amount) <= one);
      }),
      SEEDED,
    ));

  test('is monotonic', () =>
    fc.assert(
      fc.property(some, fc.nat(1000), ({ of, amount, from, to }, more) => {
        const less = convert(of, amount, from, to);
        if (less !== undefined) assert.ok(convert(of, amount + more, from, to)! >= less);
      }),
      SEEDED,
    ));
});
