import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { type Batch, consumptionOrder } from './larder.ts';
import type { Line } from './line.ts';
import { type Ranked, rank, type Wish } from './ranking.ts';
import { batch, kitchen, line, recipe, TODAY } from './ranking-sample.ts';

const ALL: Wish = { limit: 50 };
/** One recipe of these lines, before what is there; nothing where it is not offered. */
const ranked = (lines: readonly Line[], batches: readonly Batch[], wish: Partial<Wish> = {}): Ranked | undefined =>
  rank(baseCatalogue, [recipe('stew', lines, { servings: 2 })], kitchen(...batches), { ...ALL, ...wish })[0];
const used = (of: Ranked | undefined) => of?.uses.map(({ ingredientId, amount, base }) => [ingredientId, amount, base]);
const kimchi = line('kimchi', 300_000);

describe('an answer', () => {
  test('says everything in figures and ids', () =>
    assert.deepEqual(
      rank(
        baseCatalogue,
        [recipe('stew', [kimchi, line('tofu', 1000, 'block'), line('salt'), line(undefined, 50_000)], { version: 4 })],
        kitchen(batch('k', 'kimchi', { dueDate: '2026-03-12' }), batch('t', 'tofu', { base: 'block', amount: 250 })),
        ALL,
      ),
      [
        {
          ...{ recipeId: 'stew', version: 4, tier: 'shopping', coverage: 0.3906, score: 0.5656 },
          uses: [
            { ingredientId: 'k', foodId: 'kimchi', amount: 300_000, base: 'g' },
            { ingredientId: 't', foodId: 'tofu', amount: 250, base: 'block' },
          ],
          usesFirst: ['k'],
          missing: [{ line: 2 }],
          partial: [{ line: 1, foodId: 'tofu', have: 250, need: 1000, base: 'block' }],
          ...{ unmeasured: [], substitutions: [], unknown: [3], unsure: [], overdue: [] },
        },
      ],
    ));

  test('is the same for the same question, and changes nothing', () => {
    const there = kitchen(batch('b', 'kimchi', { dueDate: '2026-03-20' }), batch('a', 'kimchi'), batch('s', 'salt'));
    const recipes = [recipe('b', [kimchi]), recipe('a', [line('salt', 5000), kimchi])];
    const before = structuredClone([recipes, there]);
    assert.deepEqual(rank(baseCatalogue, recipes, there, ALL), rank(baseCatalogue, recipes, there, ALL));
    assert.deepEqual([recipes, there], before);
  });

  test('is nothing where there is nothing', () => {
    assert.deepEqual(rank(baseCatalogue, [], kitchen(batch('k', 'kimchi')), ALL), []);
    assert.deepEqual(rank(baseCatalogue, [recipe('stew', [kimchi])], kitchen(), ALL), []);
    assert.deepEqual(rank(baseCatalogue, [recipe('nothing', [])], kitchen(batch('k', 'kimchi')), ALL), []);
  });

  test('is no recipe that would use nothing of what is there', () =>
    assert.equal(ranked([kimchi], [batch('p', 'pork'), batch('e', 'kimchi', { amount: 0 })]), undefined));
});

describe('coverage', () => {
  for (const [what, lines, batches, coverage] of [
    ['all of it', [kimchi], [batch('k', 'kimchi')], 1],
    ['exactly enough', [kimchi], [batch('k', 'kimchi', { amount: 300_000 })], 1],
    ['a third', [kimchi], [batch('k', 'kimchi', { amount: 100_000 })], 0.3333],
    ['one of two', [kimchi, line('pork', 1)], [batch('k', 'kimchi')], 0.5],
    ['all but a staple, which weighs a fifth', [kimchi, line('salt', 5000)], [batch('k', 'kimchi')], 0.8333],
    ['all but a seasoning, which weighs less', [kimchi, line('gochujang', 15_000)], [batch('k', 'kimchi')], 0.7692],
    ['all but what gives flavour only', [kimchi, line('garlic', 15_000)], [batch('k', 'kimchi')], 0.7692],
    ['nearly all, which is enough', [kimchi], [batch('k', 'kimchi', { amount: 285_000 })], 1],
    ['not quite nearly all', [kimchi], [batch('k', 'kimchi', { amount: 284_000 })], 0.9467],
    ['a little of something', [line('kimchi')], [batch('k', 'kimchi', { amount: 1 })], 1],
    ['millilitres of what is weighed', [line('milk', 100_000, 'ml')], [batch('m', 'milk', { amount: 51_500 })], 0.5],
    ['grams of what is counted', [line('egg', 110_000)], [batch('e', 'egg', { base: 'piece', amount: 1000 })], 0.5],
    [
      'two batches together',
      [kimchi],
      [batch('a', 'kimchi', { amount: 100_000 }), batch('b', 'kimchi', { amount: 50_000 })],
      0.5,
    ],
    ['cans of which nobody knows the weight: half', [line('pork', 1000, 'can')], [batch('p', 'pork')], 0.5],
    [
      'some, and cans of nobody knows how much',
      [kimchi],
      [batch('k', 'kimchi', { amount: 60_000 }), batch('c', 'kimchi', { base: 'can' })],
      0.5,
    ],
    [
      'more than half, and cans',
      [kimchi],
      [batch('k', 'kimchi', { amount: 210_000 }), batch('c', 'kimchi', { base: 'can' })],
      0.7,
    ],
  ] as [string, Line[], Batch[], number][]) {
    test(`is ${coverage} with ${what}`, () => assert.equal(ranked(lines, batches)!.coverage, coverage));
  }

  for (const [what, lines, batches] of [
    ['a staple only', [kimchi, line('salt', 5000)], [batch('s', 'salt')]],
    [
      'seasonings only',
      [line('gochujang', 1), line('sesame-seed')],
      ['gochujang', 'sesame-seed'].map(id => batch(id, id)),
    ],
    [
      'less than a fifth',
      [kimchi, ...['pork', 'tofu', 'egg', 'onion'].map(id => line(id, 1000))],
      [batch('k', 'kimchi', { amount: 280_000 })],
    ],
  ] as [string, Line[], Batch[]][]) {
    test(`of ${what} is no answer`, () => assert.equal(ranked(lines, batches), undefined));
  }

  test('of garlic may be one: it is pickled', () =>
    assert.equal(ranked([line('garlic', 1000), line('salt')], [batch('g', 'garlic')])!.coverage, 0.6));

  test('of a fifth is one', () =>
    assert.equal(
      ranked([kimchi, ...['pork', 'tofu', 'egg', 'onion'].map(id => line(id, 1000))], [batch('k', 'kimchi')])!.coverage,
      0.2,
    ));

  test('counts water as there, and never as used', () => {
    const soup = ranked([line('water', 500_000, 'ml'), kimchi], [batch('k', 'kimchi'), batch('w', 'water')])!;
    assert.deepEqual([soup.coverage, soup.tier, soup.missing, used(soup)], [1, 'ready', [], [['k', 300_000, 'g']]]);
    assert.equal(ranked([line('water', 500_000, 'ml')], [batch('w', 'water')]), undefined);
  });

  test('does not count what may be left out', () => {
    const stew = ranked([kimchi, { ...line('pork', 100_000), optional: true }], [batch('k', 'kimchi')])!;
    assert.deepEqual([stew.coverage, stew.tier, stew.missing], [1, 'ready', []]);
    const other = ranked([kimchi, { ...line(undefined), optional: true }], [batch('k', 'kimchi')])!;
    assert.deepEqual([other.tier, other.unknown], ['ready', []]);
  });

  test('gives the same gram to one line only', () => {
    const twice = [line('kimchi', 300_000), line('kimchi', 300_000)];
    const stew = ranked(twice, [batch('k', 'kimchi', { amount: 450_000 })])!;
    assert.equal(stew.coverage, 0.75);
    assert.deepEqual(used(stew), [
      ['k', 300_000, 'g'],
      ['k', 150_000, 'g'],
    ]);
    assert.deepEqual(stew.partial, [{ line: 1, foodId: 'kimchi', have: 150_000, need: 300_000, base: 'g' }]);
    assert.deepEqual(ranked(twice, [batch('k', 'kimchi', { amount: 300_000 })])!.missing, [
      { line: 1, amount: 300_000, base: 'g' },
    ]);
  });

  for (const [why, tiny] of [
    ['needs nothing', line('salt', 0)],
    ['needs next to nothing, and less still for fewer people', line('salt', 1)],
  ] as const) {
    test(`is a number where a line ${why}`, () => {
      const [answer] = rank(
        baseCatalogue,
        [recipe('feast', [kimchi, tiny], { servings: 1000 })],
        kitchen(batch('k', 'kimchi'), batch('s', 'salt')),
        {
          ...ALL,
          servings: 2,
        },
      );
      assert.ok(answer!.coverage >= 0 && answer!.coverage <= 1, `${answer!.coverage}`);
    });
  }
});

describe('the tier', () => {
  const salt = line('salt', 5000);
  const [k, s] = [batch('k', 'kimchi'), batch('s', 'salt')];
  for (const [tier, why, lines, batches] of [
    ['ready', 'all is there', [kimchi, salt], [k, s]],
    ['staples', 'a staple is missing', [kimchi, salt], [k]],
    ['staples', 'there is not enough of a staple', [kimchi, salt], [k, batch('s', 'salt', { amount: 1000 })]],
    ['shopping', 'a main ingredient is missing', [kimchi, line('pork', 1000), salt], [k, s]],
    ['shopping', 'there is not enough of a main one', [line('kimchi', 2_000_000), salt], [k, s]],
    ['shopping', 'nobody can say whether there is enough', [line('kimchi', 1000, 'can')], [k]],
    ['shopping', 'a line means nothing that we know', [kimchi, line(undefined, 1000)], [k]],
    ['shopping', 'a line means a food that is no more', [kimchi, line('unicorn', 1000)], [k, batch('u', 'unicorn')]],
  ] as [string, string, Line[], Batch[]][]) {
    test(`is ${tier} where ${why}`, () => assert.equal(ranked(lines, batches)!.tier, tier));
  }

  test('unknown lines are named, and are not missing: nobody knows', () => {
    const stew = ranked([line(undefined), kimchi, line('unicorn', 1000)], [k, batch('u', 'unicorn')])!;
    assert.deepEqual([stew.unknown, stew.missing], [[0, 2], []]);
  });
});

describe('amounts that cannot be compared', () => {
  const pack = (foodId: string, rest: Partial<Batch> = {}) =>
    batch(foodId, foodId, { base: 'crate', amount: 1000, ...rest });

  test('are enough of a staple or a seasoning', () => {
    const stew = ranked(
      [kimchi, line('soy-sauce', 30_000, 'ml'), line('gochujang', 15_000, 'ml'), line('garlic', 10_000)],
      [batch('k', 'kimchi'), pack('soy-sauce'), pack('gochujang'), pack('garlic')],
    )!;
    assert.deepEqual([stew.tier, stew.coverage, stew.unmeasured, stew.partial], ['ready', 1, [], []]);
    assert.deepEqual(used(stew), [
      ['k', 300_000, 'g'],
      ['soy-sauce', 0, 'crate'],
      ['gochujang', 0, 'crate'],
      ['garlic', 0, 'crate'],
    ]);
  });

  test('are enough of a seasoning beside a little that can be compared', () => {
    const sauce = batch('bottle', 'soy-sauce', { base: 'ml', amount: 5000 });
    const stew = ranked([kimchi, line('soy-sauce', 30_000, 'ml')], [batch('k', 'kimchi'), sauce, pack('soy-sauce')])!;
    assert.equal(stew.tier, 'ready');
    assert.deepEqual(used(stew)!.slice(1).toSorted(), [
      ['bottle', 5000, 'ml'],
      ['soy-sauce', 0, 'crate'],
    ]);
  });

  test('are half of anything else, which is neither missing nor there in part, and makes nothing ready', () => {
    const stew = ranked([line('milk', 200_000, 'ml'), kimchi], [pack('milk'), batch('k', 'kimchi')])!;
    assert.deepEqual([stew.tier, stew.coverage], ['shopping', 0.75]);
    assert.deepEqual([stew.unmeasured, stew.partial, stew.missing], [[0], [], []]);
    assert.deepEqual(used(stew), [
      ['milk', 0, 'crate'],
      ['k', 300_000, 'g'],
    ]);
  });
});

describe('a food and its cuts', () => {
  const neck = line('pork-neck', 200_000);

  test('stand in for each other, which is said: the food for its cut at a discount, a cut for it in full', () => {
    const meat = batch('p', 'pork', { amount: 300_000 });
    const stew = ranked([neck], [meat])!;
    assert.deepEqual([stew.tier, stew.coverage, used(stew)], ['staples', 0.8, [['p', 200_000, 'g']]]);
    assert.deepEqual(stew.substitutions, [{ foodId: 'pork-neck', by: 'pork' }]);
    const cut = ranked([line('pork', 1000)], [batch('n', 'pork-neck')])!;
    assert.deepEqual([cut.tier, cut.coverage, cut.substitutions], ['ready', 1, [{ foodId: 'pork', by: 'pork-neck' }]]);
  });

  test('are not what another cut is', () => assert.equal(ranked([neck], [batch('b', 'pork-belly')]), undefined));

  test('are taken where the food itself does not suffice', () => {
    const there = [
      batch('p', 'pork', { dueDate: '2026-03-12' }),
      batch('n', 'pork-neck', { amount: 50_000 }),
      batch('b', 'pork-belly', { dueDate: '2026-03-11' }),
    ];
    const stew = ranked([neck], there)!;
    assert.deepEqual(used(stew), [
      ['n', 50_000, 'g'],
      ['p', 150_000, 'g'],
    ]);
    assert.deepEqual(ranked([line('pork', 1000)], there)!.substitutions, []);
  });

  test('are taken in the order of their dates, whichever cut they are', () => {
    const cut = (id: string, dueDate: string) => batch(id, id, { amount: 100_000, dueDate });
    const there = [cut('pork-belly', '2026-03-20'), cut('pork-neck', '2026-03-19'), cut('pork-loin', '2026-03-21')];
    assert.deepEqual(
      ranked([line('pork', 300_000)], there)!.uses.map(use => use.foodId),
      ['pork-neck', 'pork-belly', 'pork-loin'],
    );
  });

  test('are compared by weight: a piece of one is no piece of the other', () => {
    const breasts = batch('c', 'chicken-breast', { base: 'piece', amount: 2000 });
    const stew = ranked([line('chicken', 600_000)], [breasts])!;
    assert.deepEqual([stew.coverage, used(stew)], [0.5, [['c', 2000, 'piece']]]);
  });

  test('are parts of a whole that is asked for, however much of them there is', () => {
    const breasts = batch('c', 'chicken-breast', { amount: 5_000_000 });
    const chicken = (text: string) => ({ ...line('chicken', 1_500_000), text });
    for (const one of [line('chicken', 1000, 'piece'), chicken('1 whole chicken'), chicken('통닭 1.5kg')]) {
      const stew = ranked([one], [breasts])!;
      assert.deepEqual([stew.tier, stew.coverage], ['staples', 0.8], one.text);
      assert.deepEqual(stew.substitutions, [{ foodId: 'chicken', by: 'chicken-breast' }]);
    }
    assert.equal(ranked([chicken('닭고기 1.5kg')], [breasts])!.tier, 'ready');
    assert.equal(ranked([line('mushroom', 3000, 'piece')], [batch('s', 'shiitake')])!.tier, 'ready');
  });

  test('are no stand-in where the general food is a mix', () =>
    assert.equal(ranked([line('walnut', 50_000)], [batch('m', 'mixed-nuts')]), undefined));
});

describe('what nobody is sure of', () => {
  const unsure = { ...kimchi, text: '비건 김치 300g', sure: 0.7 };

  test('is a line that may mean another food: it counts, is named, and makes nothing ready', () => {
    const stew = ranked([line('tofu', 1000), unsure], [batch('k', 'kimchi'), batch('t', 'tofu')])!;
    assert.deepEqual([stew.tier, stew.coverage, stew.unknown, stew.missing], ['staples', 1, [1], []]);
  });

  test('is only missing where nothing of it is there', () => {
    const stew = ranked([line('tofu', 1000), unsure], [batch('t', 'tofu')])!;
    assert.deepEqual([stew.tier, stew.unknown, stew.missing.map(one => one.line)], ['shopping', [], [1]]);
  });

  test('does not hide what is missing beside it', () => {
    const there = [batch('k', 'kimchi'), batch('t', 'tofu')];
    const tier = (...more: Line[]) => ranked([line('tofu', 1000), unsure, ...more], there)!.tier;
    assert.deepEqual([tier(line('salt')), tier(line('pork', 1000))], ['staples', 'shopping']);
  });

  test('is food whose name may mean another', () => {
    const of = (name: string) => ranked([line('cheese', 50_000)], [batch('c', 'cheese', { name })])!;
    const doubts = ({ tier, coverage, unknown, unsure: batches }: Ranked) => [tier, coverage, unknown, batches];
    assert.deepEqual(doubts(of('왠지 치즈')), ['staples', 1, [], ['c']]);
    assert.deepEqual(doubts(of('치즈')), ['ready', 1, [], []]);
    assert.deepEqual(doubts(of('Emma’s best')), ['ready', 1, [], []]);
  });

  test('is not a plural', () =>
    assert.equal(
      ranked([{ ...line('onion', 1000), sure: 0.95 }], [batch('o', 'onion', { name: 'onions' })])!.tier,
      'ready',
    ));
});

describe('a line of two foods', () => {
  const both = { ...line('shrimp', 200_000), also: ['squid'] };
  const [shrimp, squid] = [batch('a', 'shrimp'), batch('b', 'squid')];

  test('needs both, and of an amount its share of each', () => {
    const stew = ranked([both], [shrimp, squid])!;
    assert.deepEqual([stew.tier, stew.coverage], ['ready', 1]);
    assert.deepEqual(used(stew), [
      ['a', 100_000, 'g'],
      ['b', 100_000, 'g'],
    ]);
  });

  test('says which of them is missing', () => {
    const stew = ranked([both], [shrimp])!;
    assert.deepEqual([stew.tier, stew.coverage], ['shopping', 0.5]);
    assert.deepEqual(stew.missing, [{ line: 0, foodId: 'squid', amount: 100_000, base: 'g' }]);
    assert.deepEqual(ranked([both], [squid])!.missing, [{ line: 0, amount: 100_000, base: 'g' }]);
  });

  test('lacks staples only where both are', () => {
    const seasoned = { ...line('salt'), also: ['black-pepper'] };
    const stew = ranked([kimchi, seasoned], [batch('k', 'kimchi'), batch('s', 'salt')])!;
    assert.deepEqual([stew.tier, stew.missing], ['staples', [{ line: 1, foodId: 'black-pepper' }]]);
  });
});

test('a heading is neither counted nor unknown', () => {
  const stew = ranked([{ text: '[양념]', heading: true, sure: 0 }, kimchi], [batch('k', 'kimchi')])!;
  assert.deepEqual([stew.tier, stew.coverage, stew.unknown, stew.missing], ['ready', 1, [], []]);
});

describe('the batches that are used', () => {
  const hundred = { amount: 100_000 };
  const inOrder = (...batches: Batch[]) =>
    ranked([line('kimchi', 500_000)], batches)!.uses.map(use => use.ingredientId);

  test('are the opened first, then the first due, then the first in, then by id', () =>
    assert.deepEqual(
      inOrder(
        batch('z', 'kimchi', hundred),
        batch('y', 'kimchi', { ...hundred, addedAt: '2026-02-01T00:00:00.000Z' }),
        batch('a', 'kimchi', hundred),
        batch('due', 'kimchi', { ...hundred, dueDate: '2026-03-15' }),
        batch('open', 'kimchi', { ...hundred, dueDate: '2026-04-01', openedAt: '2026-03-09T00:00:00.000Z' }),
      ),
      ['open', 'due', 'y', 'a', 'z'],
    ));

  test('are no more than needed', () =>
    assert.deepEqual(inOrder(batch('b', 'kimchi', { dueDate: '2026-03-15' }), batch('a', 'kimchi')), ['b']));

  test('are ordered one way only', () => {
    const some = [
      batch('a', 'kimchi'),
      batch('b', 'kimchi', { dueDate: '2026-03-15' }),
      batch('c', 'kimchi', { openedAt: '2026-03-09T00:00:00.000Z' }),
    ];
    for (const one of some) {
      assert.equal(consumptionOrder(one, one), 0);
      for (const other of some) assert.equal(consumptionOrder(one, other), 0 - consumptionOrder(other, one));
    }
  });

  test('of which only a little is needed are named without an amount', () =>
    assert.deepEqual(used(ranked([line('kimchi')], [batch('b', 'kimchi'), batch('a', 'kimchi')])), [['a', 0, 'g']]));

  test('are taken in their own units, the whole of one before the next', () =>
    assert.deepEqual(
      used(ranked([line('tofu', 600_000)], [batch('b', 'tofu'), batch('a', 'tofu', { base: 'block', amount: 1500 })])),
      [
        ['a', 1500, 'block'],
        ['b', 150_000, 'g'],
      ],
    ));

  test('are those whose amounts can be compared, if there are any', () =>
    assert.deepEqual(used(ranked([kimchi], [batch('a', 'kimchi', { base: 'can' }), batch('b', 'kimchi')])), [
      ['b', 300_000, 'g'],
    ]));
});

describe('dates', () => {
  const past = '2026-03-09';

  test('past the use-by date food never counts, on the day itself it does', () => {
    assert.equal(ranked([kimchi], [batch('k', 'kimchi', { dueDate: past, dueType: 'use_by' })]), undefined);
    const today = ranked([kimchi], [batch('k', 'kimchi', { dueDate: TODAY, dueType: 'use_by' })])!;
    assert.deepEqual([today.coverage, today.usesFirst, today.overdue], [1, ['k'], []]);
  });

  test('past the best-before date it counts, and is named', () => {
    const stew = ranked([kimchi], [batch('k', 'kimchi', { dueDate: past, dueType: 'best_before' })])!;
    assert.deepEqual([stew.tier, stew.usesFirst, stew.overdue], ['ready', ['k'], ['k']]);
  });

  test('only what would be used is named', () => {
    const stew = ranked(
      [kimchi],
      [
        batch('open', 'kimchi', { openedAt: '2026-03-01T00:00:00.000Z' }),
        batch('over', 'kimchi', { dueDate: past, dueType: 'best_before' }),
      ],
    )!;
    assert.deepEqual([stew.usesFirst, stew.overdue], [[], []]);
  });

  test('what is due soon is used first, in order; what is fresh or without a date is not', () => {
    const lines = ['kimchi', 'pork', 'tofu', 'onion', 'garlic', 'egg'].map(food => line(food));
    const stew = ranked(lines, [
      ...[batch('k', 'kimchi', { dueDate: '2026-03-15' }), batch('p', 'pork', { dueDate: '2026-03-16' })],
      ...[batch('t', 'tofu', { dueDate: past }), batch('o', 'onion'), batch('g', 'garlic', { dueDate: '2026-03-12' })],
      batch('e', 'egg', { dueDate: '2026-03-12' }),
    ])!;
    assert.deepEqual(stew.usesFirst, ['t', 'e', 'g', 'k']);
  });
});
