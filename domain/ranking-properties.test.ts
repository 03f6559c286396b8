import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { baseCatalogue } from './base-catalogue.ts';
import type { Batch } from './larder.ts';
import type { Line } from './line.ts';
import { type Candidate, rank, type Wish } from './ranking.ts';
import { kitchen, line } from './ranking-sample.ts';
import { statusOn } from './status.ts';

const SEEDED = { seed: 20260310, numRuns: 1000 };
const ALL = 1000;
/** weighed, counted and measured; with density, weights, both or neither; cuts, staples, water, and a removed food */
const FOODS = [
  'kimchi',
  'onion',
  'milk',
  'tofu',
  'garlic',
  'egg',
  'soy-sauce',
  'salt',
  'water',
  'unicorn',
  'pork',
  'pork-belly',
  'pork-neck',
];
const BASES = ['g', 'ml', 'piece', 'block', 'clove', 'can'];

const foodId = fc.constantFrom(...FOODS.slice(0, 4), ...FOODS);
const amount = fc.oneof(fc.integer({ min: 1, max: 2_000_000 }), fc.integer({ min: 1, max: 20 }), fc.constant(300_000));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const need: fc.Arbitrary<Line> = fc
  .tuple(maybe(foodId), maybe(amount), fc.constantFrom(...BASES), fc.constantFrom('left out', 'two', '', ''), foodId)
  .map(([food, of, base, how, other]) => ({
    ...line(food, of, base),
    ...(how === 'left out' && { optional: true as const }),
    ...(how === 'two' && food !== undefined && other !== food && { also: [other] }),
  }));
/** names that match their food with certainty, or less surely */
const names: Readonly<Record<string, string>> = { milk: '유기농 우유', kimchi: '김치', tofu: '우리 두부' };

const batchOf = (ids: fc.Arbitrary<string>): fc.Arbitrary<Batch> =>
  fc
    .record({
      ingredientId: ids,
      foodId,
      amount,
      base: fc.constantFrom(...BASES),
      dueDate: maybe(fc.constantFrom('2026-03-01', '2026-03-09', '2026-03-10', '2026-03-12', '2026-04-01')),
      dueType: fc.constantFrom('best_before' as const, 'use_by' as const),
      openedAt: maybe(fc.constantFrom('2026-03-02T00:00:00.000Z', '2026-03-08T00:00:00.000Z')),
      addedAt: fc.constantFrom('2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'),
    })
    .map(({ dueDate, dueType, openedAt, ...rest }) => ({
      ...rest,
      ...(names[rest.foodId] !== undefined && { name: names[rest.foodId]! }),
      ...(dueDate !== undefined && { dueDate, dueType }),
      ...(openedAt !== undefined && { openedAt }),
    }));
const stock = fc.uniqueArray(batchOf(fc.integer({ min: 1, max: 40 }).map(n => `i${n}`)), {
  selector: ({ ingredientId }) => ingredientId,
  maxLength: 12,
});
/** its id sorts before, between or after the others */
const another = batchOf(fc.constantFrom('a', 'i15x', 'z'));

const candidates: fc.Arbitrary<Candidate[]> = fc
  .array(fc.record({ lines: fc.array(need, { maxLength: 6 }), servings: maybe(fc.integer({ min: 1, max: 50 })) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map(recipes =>
    recipes.map(({ lines, servings }, n) => ({
      recipeId: `r${n % 3}${n}`,
      version: 1,
      lines,
      ...(servings !== undefined && { servings }),
    })),
  );
const wish: fc.Arbitrary<Wish> = maybe(fc.integer({ min: 1, max: 50 })).map(servings => ({
  limit: ALL,
  ...(servings !== undefined && { servings }),
}));

const byId = (recipes: readonly Candidate[], batches: readonly Batch[], wished: Wish) =>
  new Map(rank(baseCatalogue, recipes, kitchen(...batches), wished).map(answer => [answer.recipeId, answer]));

describe('any recipes and any stock', () => {
  test('more food never lowers the coverage', () =>
    fc.assert(
      fc.property(candidates, stock, another, wish, (recipes, batches, more, wished) => {
        const { status } = statusOn('2026-03-10', more, 5);
        fc.pre(status !== 'expired');
        const before = byId(recipes, batches, wished);
        const after = byId(recipes, [...batches, more], wished);
        for (const [recipeId, { coverage }] of before) {
          const now = after.get(recipeId)?.coverage ?? -1;
          assert.ok(now >= coverage, `${recipeId}: ${coverage}, with ${more.ingredientId} ${now}`);
        }
      }),
      { ...SEEDED, numRuns: 3000 },
    ));

  test('expired food changes nothing', () =>
    fc.assert(
      fc.property(candidates, stock, another, wish, (recipes, batches, more, wished) => {
        const expired: Batch = { ...more, dueDate: '2026-03-09', dueType: 'use_by' };
        assert.deepEqual(byId(recipes, [...batches, expired], wished), byId(recipes, batches, wished));
      }),
      SEEDED,
    ));

  test('no batch is used beyond its amount', () =>
    fc.assert(
      fc.property(candidates, stock, wish, (recipes, batches, wished) => {
        const there = new Map(batches.map(batch => [batch.ingredientId, batch]));
        for (const { uses } of byId(recipes, batches, wished).values()) {
          for (const [ingredientId, of] of Map.groupBy(uses, use => use.ingredientId)) {
            const batch = there.get(ingredientId)!;
            const sum = of.reduce((total, use) => total + use.amount, 0);
            assert.ok(sum <= batch.amount, `${sum} of ${batch.amount}`);
            for (const use of of) {
              assert.ok(Number.isSafeInteger(use.amount) && use.amount >= 0, `${use.amount}`);
              assert.deepEqual([use.foodId, use.base], [batch.foodId, batch.base]);
            }
          }
        }
      }),
      SEEDED,
    ));

  test('coverage is between 0 and 1, and a ready recipe lacks nothing and has no doubts', () =>
    fc.assert(
      fc.property(candidates, stock, wish, (recipes, batches, wished) => {
        for (const answer of byId(recipes, batches, wished).values()) {
          const { coverage, tier, missing, partial, unmeasured, unknown, unsure } = answer;
          assert.ok(coverage >= 0 && coverage <= 1, `${coverage}`);
          const doubts = [...missing, ...partial, ...unmeasured, ...unknown, ...unsure].length;
          if (tier === 'ready') assert.deepEqual([coverage, doubts], [1, 0]);
          else assert.ok(doubts > 0 || coverage < 1);
        }
      }),
      SEEDED,
    ));

  test('each food of a line is used, missing, unknown, water, or optional; never both missing and unknown', () =>
    fc.assert(
      fc.property(candidates, stock, (recipes, batches) => {
        for (const [recipeId, answer] of byId(recipes, batches, { limit: ALL })) {
          const { uses, missing, substitutions, unknown, partial } = answer;
          const { lines } = recipes.find(recipe => recipe.recipeId === recipeId)!;
          const used = new Set(uses.map(use => use.foodId));
          const isUsed = (food: string) =>
            used.has(food) || substitutions.some(({ foodId, by }) => foodId === food && used.has(by));
          const isMissing = (food: string, n: number) =>
            missing.some(one => one.line === n && (one.foodId ?? lines[n]!.foodId) === food);
          lines.forEach((one, n) => {
            for (const food of [one.foodId, ...(one.also ?? [])]) {
              if (food === 'water') continue;
              if (one.optional) assert.ok(![...missing, ...partial].some(({ line: at }) => at === n), one.text);
              else if (food === undefined || food === 'unicorn') assert.ok(unknown.includes(n) && !isMissing(food!, n));
              else assert.ok(isMissing(food, n) || isUsed(food), one.text);
            }
            if (unknown.includes(n) && !one.also) assert.ok(!missing.some(({ line: at }) => at === n), one.text);
          });
        }
      }),
      SEEDED,
    ));

  test('partial amounts are between 0 and the amount needed', () =>
    fc.assert(
      fc.property(candidates, stock, wish, (recipes, batches, wished) => {
        for (const { partial } of byId(recipes, batches, wished).values())
          for (const { have, need: whole } of partial) assert.ok(have >= 0 && have <= whole, `${have} of ${whole}`);
      }),
      SEEDED,
    ));

  test('the order of recipes and stock does not matter', () =>
    fc.assert(
      fc.property(candidates, stock, wish, fc.infiniteStream(fc.nat()), (recipes, batches, wished, numbers) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map(one => ({ one, at: numbers.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
        assert.deepEqual(
          rank(baseCatalogue, shuffled(recipes), kitchen(...shuffled(batches)), wished),
          rank(baseCatalogue, recipes, kitchen(...batches), wished),
        );
      }),
      SEEDED,
    ));

  test('the best recipes come first, and a limit only cuts the list', () =>
    fc.assert(
      fc.property(candidates, stock, wish, fc.integer({ min: 1, max: 8 }), (recipes, batches, wished, limit) => {
        const all = rank(baseCatalogue, recipes, kitchen(...batches), wished);
        for (const [i, { score, recipeId }] of all.entries()) {
          const next = all[i + 1];
          if (next) assert.ok(score > next.score || (score === next.score && recipeId < next.recipeId));
        }
        assert.deepEqual(rank(baseCatalogue, recipes, kitchen(...batches), { ...wished, limit }), all.slice(0, limit));
      }),
      SEEDED,
    ));

  test('the random recipes reach every tier often enough', () => {
    const tiers = fc
      .sample(fc.tuple(candidates, stock, wish), { seed: SEEDED.seed, numRuns: 3000 })
      .flatMap(([recipes, batches, wished]) => [...byId(recipes, batches, wished).values()].map(({ tier }) => tier));
    for (const tier of ['ready', 'staples', 'shopping'] as const) {
      const count = tiers.filter(one => one === tier).length;
      assert.ok(count >= 15, `${tier}: ${count}`);
    }
  });
});
