import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import type { Kitchen } from './larder.ts';
import { type Candidate, rank, type Wish } from './ranking.ts';
import { batch, kitchen, line, recipe } from './ranking-sample.ts';

const ids = (recipes: readonly Candidate[], there: Kitchen, wish: Partial<Wish> = {}) =>
  rank(baseCatalogue, recipes, there, { limit: 50, ...wish }).map(({ recipeId }) => recipeId);
const kimchi = line('kimchi', 300_000);
const pork = line('pork', 200_000);
const tofu = line('tofu', 300_000);
const there = kitchen(batch('k', 'kimchi'), batch('p', 'pork'), batch('t', 'tofu', { dueDate: '2026-03-12' }));

describe('what comes first', () => {
  test('is what needs least', () =>
    assert.deepEqual(
      ids(
        [recipe('a', [kimchi, line('egg', 1)]), recipe('b', [kimchi]), recipe('c', [kimchi, line('salt', 1)])],
        there,
      ),
      ['b', 'c', 'a'],
    ));

  test('is what uses food that is due, where there is as much of both', () =>
    assert.deepEqual(ids([recipe('a', [pork]), recipe('b', [tofu])], there), ['b', 'a']));

  test('is what uses more food that is due', () => {
    const due = kitchen(...['kimchi', 'pork', 'tofu'].map(food => batch(food, food, { dueDate: '2026-03-12' })));
    assert.deepEqual(ids([recipe('a', [tofu]), recipe('b', [tofu, pork]), recipe('c', [tofu, pork, kimchi])], due), [
      'c',
      'b',
      'a',
    ]);
  });

  test('is not what is hardly there, however urgent', () =>
    assert.deepEqual(ids([recipe('a', [tofu, line('egg', 1), line('onion', 1)]), recipe('b', [kimchi])], there), [
      'b',
      'a',
    ]));

  test('is, of those that are nearly as good, what the member can read', () => {
    const recipes = [recipe('a', [kimchi], { lang: 'en' }), recipe('b', [kimchi], { lang: 'ko' })];
    assert.deepEqual(ids(recipes, there, { language: 'ko' }), ['b', 'a']);
    assert.deepEqual(ids(recipes, there, { language: 'en' }), ['a', 'b']);
    const better = [recipe('a', [kimchi], { lang: 'en' }), recipe('b', [kimchi, line('salt', 1)], { lang: 'ko' })];
    assert.deepEqual(ids(better, there, { language: 'ko' }), ['a', 'b']);
  });

  test('is in the language of the member, though another is better by some', () => {
    const [en, ko] = [
      recipe('a', [kimchi, pork, tofu], { lang: 'en' }),
      recipe('b', [kimchi, pork, tofu, line('salt', 1)]),
    ];
    const orderIn = (lang: string) =>
      ids([en, { ...ko, lang }], kitchen(batch('k', 'kimchi'), batch('p', 'pork')), { language: 'ko' });
    assert.deepEqual(
      [orderIn('ko'), orderIn('en')],
      [
        ['b', 'a'],
        ['a', 'b'],
      ],
    );
  });

  test('goes by id where all else is the same', () =>
    assert.deepEqual(
      ids(
        ['c', 'a', 'B', 'b'].map(id => recipe(id, [kimchi])),
        there,
      ),
      ['B', 'a', 'b', 'c'],
    ));

  test('is all that is asked for', () => {
    const many = Array.from({ length: 30 }, (_, n) => recipe(`r${String(n).padStart(2, '0')}`, [kimchi]));
    assert.deepEqual(ids(many, there, { limit: 3 }), ['r00', 'r01', 'r02']);
    assert.equal(ids(many, there).length, 30);
    assert.deepEqual(
      rank(baseCatalogue, [recipe('z', [kimchi]), recipe('a', [kimchi, line('egg', 1)])], there, { limit: 1 }).map(
        one => one.recipeId,
      ),
      ['z'],
    );
  });
});

describe('wishes', () => {
  const recipes = [
    recipe('slow', [kimchi, pork], { minutes: 60 }),
    recipe('quick', [kimchi, tofu], { minutes: 20 }),
    recipe('unsaid', [pork]),
  ];

  test('a time limit leaves out what takes longer, and what does not say', () => {
    assert.deepEqual(ids(recipes, there, { maxMinutes: 20 }), ['quick']);
    assert.deepEqual(ids(recipes, there, { maxMinutes: 19 }), []);
    assert.deepEqual(ids(recipes, there, { maxMinutes: 60 }).toSorted(), ['quick', 'slow']);
  });

  test('foods that must be in it', () => {
    assert.deepEqual(ids(recipes, there, { include: ['pork'] }).toSorted(), ['slow', 'unsaid']);
    assert.deepEqual(ids(recipes, there, { include: ['pork', 'kimchi'] }), ['slow']);
    assert.deepEqual(ids(recipes, there, { include: ['egg'] }), []);
    assert.equal(ids(recipes, there, { include: [] }).length, 3);
  });

  test('foods that must not, not even where they may be left out', () => {
    assert.deepEqual(ids(recipes, there, { exclude: ['pork'] }), ['quick']);
    assert.deepEqual(ids(recipes, there, { exclude: ['pork', 'tofu'] }), []);
    const maybe = recipe('maybe', [kimchi, { ...pork, optional: true }]);
    assert.deepEqual(ids([maybe], there, { exclude: ['pork'] }), []);
  });

  test('a food is wished for with its cuts, a cut by itself', () => {
    const meaty = [recipe('neck', [kimchi, line('pork-neck', 1)]), recipe('any', [kimchi, pork])];
    assert.deepEqual(ids(meaty, there, { include: ['pork'] }).toSorted(), ['any', 'neck']);
    assert.deepEqual(ids(meaty, there, { exclude: ['pork'] }), []);
    assert.deepEqual(ids(meaty, there, { include: ['pork-neck'] }), ['neck']);
    assert.deepEqual(ids(meaty, there, { exclude: ['pork-neck'] }), ['any']);
  });

  test('nothing of its allergen stands in for what is excluded, or comes in with what stands in', () => {
    const nutty = [recipe('cake', [line('cashew', 50_000), kimchi])];
    const uses = (exclude: string[], ...there: string[]) =>
      rank(baseCatalogue, nutty, kitchen(batch('k', 'kimchi'), ...there.map(id => batch(id, id))), {
        limit: 1,
        exclude,
      })[0]!.uses.map(use => use.foodId);
    assert.deepEqual(uses([], 'mixed-nuts'), ['kimchi']);
    assert.deepEqual(uses(['peanut'], 'mixed-nuts'), ['kimchi']);
    assert.deepEqual(uses(['peanut'], 'cashew'), ['cashew', 'kimchi']);
    const noodles = [recipe('soup', [line('noodles', 100_000), kimchi])];
    const named = batch('s', 'somyeon', { name: '새우 소면' });
    const soup = (exclude: string[]) =>
      rank(baseCatalogue, noodles, kitchen(batch('k', 'kimchi'), named), { limit: 1, exclude });
    assert.equal(soup(['pork'])[0]!.coverage, 1);
    assert.deepEqual(soup(['shrimp']), []);
  });

  test('a food that must and must not be in it', () =>
    assert.deepEqual(ids(recipes, there, { include: ['pork'], exclude: ['pork'] }), []));

  test('servings scale what is needed', () => {
    const stew = [recipe('stew', [kimchi], { servings: 2 })];
    const need = (servings?: number) => {
      const [answer] = rank(baseCatalogue, stew, there, { limit: 1, ...(servings !== undefined && { servings }) });
      return [answer!.coverage, answer!.uses[0]!.amount, answer!.partial];
    };
    assert.deepEqual(need(), [1, 300_000, []]);
    assert.deepEqual(need(4), [1, 600_000, []]);
    assert.deepEqual(need(1), [1, 150_000, []]);
    assert.deepEqual(need(10), [
      ...[0.6667, 1_000_000],
      [{ line: 0, foodId: 'kimchi', have: 1_000_000, need: 1_500_000, base: 'g' }],
    ]);
  });

  test('servings scale nothing where the recipe does not say for how many it is', () =>
    assert.equal(
      rank(baseCatalogue, [recipe('stew', [kimchi])], there, { limit: 1, servings: 8 })[0]!.uses[0]!.amount,
      300_000,
    ));
});
