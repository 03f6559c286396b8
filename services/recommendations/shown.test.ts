import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { parseLine } from '../../domain/lines.ts';
import type { RankedRecipe } from '../../events/recommendation.ts';
import type { Stock } from '../fridges/fridges.api.ts';
import type { RecipeRow } from '../recipes/recipe-index.ts';
import { recommended } from './shown.ts';

const stew: RecipeRow = {
  ...{
    recipeId: 'stew',
    version: 2,
    revision: 1,
    title: '김치찌개',
    lang: 'ko',
    tags: [],
    steps: [],
    visibility: 'public',
    named: [],
  },
  lines: ['김치 300g', '두부 1모', '소금 약간', '비밀 재료 2큰술', '김치 100g'].map(line =>
    parseLine(baseCatalogue, line),
  ),
  addedAt: '2026-03-01T00:00:00.000Z',
};
const ranked: RankedRecipe = {
  ...{ recipeId: 'stew', version: 2, tier: 'shopping', coverage: 0.4286, score: 0.6036 },
  uses: [
    { ingredientId: 'k', foodId: 'kimchi', amount: 300_000, base: 'g' },
    { ingredientId: 't', foodId: 'tofu', amount: 500, base: 'block' },
    { ingredientId: 'k', foodId: 'kimchi', amount: 100_000, base: 'g' },
  ],
  usesFirst: ['t', 'k'],
  missing: [{ line: 2 }, { line: 3, amount: 30_000, base: 'ml' }],
  partial: [{ line: 1, foodId: 'tofu', have: 500, need: 1000, base: 'block' }],
  unknown: [3],
  overdue: ['k'],
};
const kept = { unit: 'g', base: 'g', perUnit: 1000, amount: 500_000, addedAt: '2026-03-01T00:00:00.000Z' };
const kimchi = { ...kept, ingredientId: 'k', foodId: 'kimchi', name: '엄마 김치', dueDate: '2026-03-09' };
const tofu = { ...kept, ingredientId: 't', foodId: 'tofu', name: '손두부', dueDate: '2026-03-11', base: 'block' };
const stock = (...batches: Stock['batches'][number][]): Stock => ({
  ...{ revision: 9, today: '2026-03-10', dueSoonDays: 5, batches },
});

describe('a recommended recipe', () => {
  const shown = recommended(baseCatalogue, ranked, stew, stock(kimchi, tofu), 'ko');

  test('goes out with names, dates and sentences', () =>
    assert.deepEqual(shown, {
      ...{ recipeId: 'stew', version: 2, title: '김치찌개', tier: 'shopping', coverage: 0.4286, score: 0.6036 },
      uses: [
        { ingredientId: 'k', foodId: 'kimchi', amount: 400, unit: 'g', dueDate: '2026-03-09', status: 'overdue' },
        { ingredientId: 't', foodId: 'tofu', amount: 0.5, unit: 'block', dueDate: '2026-03-11', status: 'due_soon' },
      ],
      usesFirst: ['t', 'k'],
      missing: [
        { text: '소금 약간', name: '소금', foodId: 'salt' },
        { text: '비밀 재료 2큰술', name: '비밀 재료 2큰술', amount: 2, unit: 'tbsp' },
      ],
      partial: [{ foodId: 'tofu', name: '두부', have: 0.5, need: 1, unit: 'block' }],
      substitutions: [],
      explanation: [
        '재료의 42%가 집에 있어요.',
        '곧 기한이 되는 재료를 먼저 써요: 손두부, 엄마 김치',
        '없는 재료: 소금, 비밀 재료 2큰술',
      ],
      warnings: ['품질유지기한이 지났으니 상태를 확인하세요: 엄마 김치', '확인하지 못한 재료: 비밀 재료 2큰술'],
    }));

  test('speaks the language of who asks; what the household named keeps its name', () => {
    const { explanation } = recommended(baseCatalogue, ranked, stew, stock(kimchi, tofu), 'en');
    assert.deepEqual(explanation.slice(1), [
      'Uses first what is due soon: 손두부, 엄마 김치',
      'Missing: salt, 비밀 재료 2큰술',
    ]);
  });

  test('names what would stand in, and what nobody can compare', () => {
    const newer = { ...ranked, unmeasured: [1], substitutions: [{ foodId: 'pork-neck', by: 'pork' }] };
    const { substitutions, explanation, warnings } = recommended(baseCatalogue, newer, stew, stock(tofu), 'en');
    assert.deepEqual(substitutions, [{ foodId: 'pork-neck', by: 'pork' }]);
    assert.deepEqual(explanation[2], 'Uses something of the same kind: pork for pork neck');
    assert.deepEqual(warnings[1], 'Amount not compared: 두부 1모');
  });

  test('names each missing food once, with all that is needed, in the unit of the line', () => {
    const lines = ['1 cup milk', '간장 2큰술', '간장 1큰술', '간장 약간', 'salt and pepper', '1/3 cup milk'].map(line =>
      parseLine(baseCatalogue, line, 'en'),
    );
    const { missing, partial, explanation } = recommended(
      baseCatalogue,
      {
        ...ranked,
        missing: [
          { line: 1, amount: 30_000, base: 'ml' },
          { line: 2, amount: 15_000, base: 'ml' },
          { line: 3 },
          { line: 4, foodId: 'black-pepper' },
          { line: 5, amount: 160_000, base: 'ml' },
        ],
        partial: [{ line: 0, foodId: 'milk', have: 120_000, need: 240_000, base: 'ml' }],
        unknown: [],
      },
      { ...stew, lines },
      stock(kimchi, tofu),
      'en',
    );
    assert.deepEqual(missing, [
      { text: '간장 2큰술, 간장 1큰술, 간장 약간', name: 'soy sauce', foodId: 'soy-sauce', amount: 3, unit: 'tbsp' },
      { text: 'salt and pepper', name: 'black pepper', foodId: 'black-pepper' },
      { text: '1/3 cup milk', name: 'milk', foodId: 'milk', amount: 0.666, unit: 'cup' },
    ]);
    assert.deepEqual(partial, [{ foodId: 'milk', name: 'milk', have: 0.5, need: 1, unit: 'cup' }]);
    assert.deepEqual(explanation.at(-1), 'Missing: soy sauce, black pepper, milk');
  });

  test('warns of what is there under a name that may mean another food, by that name', () => {
    const { warnings } = recommended(
      baseCatalogue,
      { ...ranked, unknown: [], unsure: ['t'] },
      stew,
      stock(kimchi, tofu),
      'en',
    );
    assert.deepEqual(warnings.at(-1), 'Not checked: 손두부');
  });

  test('says how long it takes, where that is known', () =>
    assert.equal(recommended(baseCatalogue, ranked, { ...stew, minutes: 25 }, stock(kimchi, tofu), 'ko').minutes, 25));

  test('shows the state of food as it is now', () => {
    const later = { ...stock({ ...tofu, dueDate: '2026-04-01' }, kimchi), today: '2026-03-08' };
    assert.deepEqual(
      recommended(baseCatalogue, ranked, stew, later, 'ko').uses.map(({ status }) => status),
      ['due_soon', 'fresh'],
    );
  });

  test('names nothing that has been used up since', () => {
    const { uses, explanation, warnings } = recommended(baseCatalogue, ranked, stew, stock(tofu), 'en');
    assert.deepEqual(uses[0], { ingredientId: 'k', foodId: 'kimchi', amount: 400, unit: 'g' });
    assert.deepEqual(explanation[1], 'Uses first what is due soon: 손두부');
    assert.deepEqual(warnings, ['Not checked: 비밀 재료 2큰술']);
  });
});
