import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { amountOf } from './bought.ts';
import { excludedWith } from './exclusion.ts';
import { matchFood, meaningOf, SURE } from './foods.ts';
import { keepingOf } from './keeping.ts';
import { larderOf } from './larder.ts';
import { parseLine } from './lines.ts';
import { foodsNamed } from './mentions.ts';
import { batch, kitchen } from './ranking-sample.ts';
import { SHAPES } from './shapes.ts';
import { steps } from './steps.ts';

// Clients choose names and lines, and the event loop is blocked while one is parsed.

/** maximum length of a line, in characters */
const LONGEST = 500;

for (const [what, work] of Object.entries<(text: string) => unknown>({
  'the match of a name': name => matchFood(baseCatalogue, name),
  'every question about a name': name => {
    const meaning = meaningOf(baseCatalogue, name);
    amountOf(baseCatalogue, {}, meaning.match?.food, name);
    keepingOf(baseCatalogue, meaning.match?.food.id, name, meaning);
  },
  'the parsing of a line': line => parseLine(baseCatalogue, line, 'en'),
  'the parsing of a line in parts': text => parseLine(baseCatalogue, { name: text, amount: text }),
})) {
  describe(what, () => {
    for (const [shape, text] of Object.entries(SHAPES)) {
      test(`is linear in ${shape}`, () => {
        const [few, many] = [text(20), text(40)].map(one => steps(() => work(one))) as [number, number];
        assert.ok(many <= 2.5 * few + 200, `${few} steps for 20, ${many} for 40`);
      });

      test(`is bounded for ${shape}`, () => {
        const [longest, longer] = [text(LONGEST), text(20 * LONGEST)].map(one => steps(() => work(one))) as [
          number,
          number,
        ];
        assert.ok(longest <= 12_000, `${longest} steps`);
        assert.ok(longer <= longest * 1.1 + 200, `${longest} steps for the longest, ${longer} for a longer one`);
      });
    }
  });
}

describe('the search for foods in a text', () => {
  for (const [shape, text] of Object.entries({
    ...SHAPES,
    'Hangul in words of one syllable': (n: number) => Array(n).fill('가').join(' '),
    'names of foods in Korean': (n: number) => Array(n).fill('간장').join(' '),
  })) {
    test(`is linear in ${shape}`, () => {
      const [few, many] = [text(500), text(1000)].map(one => steps(() => foodsNamed(baseCatalogue, one))) as [
        number,
        number,
      ];
      assert.ok(many <= 2.5 * few + 200, `${few} steps for 500, ${many} for 1,000`);
    });
  }
});

describe('a text that is too long to be examined completely', () => {
  const words = (n: number) => Array(n).fill('fresh').join(' ');

  test('is matched by its end, and never surely', () => {
    assert.equal(matchFood(baseCatalogue, `${words(31)} milk`)?.sure, 1);
    assert.equal(matchFood(baseCatalogue, `${words(32)} milk`)?.food.id, 'milk');
    assert.ok(matchFood(baseCatalogue, `${words(32)} milk`)!.sure < SURE);
    assert.ok(matchFood(baseCatalogue, `${'a'.repeat(500)} milk`)!.sure < SURE);
  });

  test('is parsed from its beginning, and stored completely', () => {
    const line = `200 g tofu, ${words(80)} (optional)`;
    const { text, foodId, amount, optional } = parseLine(baseCatalogue, line);
    assert.deepEqual([text, foodId, amount, optional], [line, 'tofu', 200_000, undefined]);
    assert.equal(parseLine(baseCatalogue, `200 g tofu, ${words(60)} (optional)`).optional, true);
  });
});

test('the stock of a fridge is matched only when it is used', () => {
  const name = 'z '.repeat(95);
  const there = kitchen(
    ...Array.from({ length: 1000 }, (_, i) => batch(`b${i}`, 'milk', { name: `${name} ${i} milk` })),
  );
  const all = steps(() => larderOf(baseCatalogue, there));
  assert.ok(all <= 2000, `${all} steps`);
  const larder = larderOf(baseCatalogue, there);
  const match = steps(() => matchFood(baseCatalogue, there.batches[0]!.name!));
  for (const most of [match, 0]) {
    const first = steps(() => assert.equal(larder.isUnsure('b0'), true));
    assert.ok(first <= most + 10, `${first} steps, one match takes ${match}`);
  }
});

test('the foods excluded with a food are searched in the catalogue once', () => {
  const ids = baseCatalogue.foods.slice(0, 50).map(({ id }) => id);
  excludedWith(baseCatalogue, ids);
  const again = steps(() => excludedWith(baseCatalogue, [...ids, ...ids]));
  assert.ok(again <= 1000, `${again} steps`);
});
