import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RankedRecipe } from '../../events/recommendation.ts';
import { type Named, sentences } from './sentences.ts';

type Tier = RankedRecipe['tier'];
const nothing: Omit<Named, 'language'> = {
  ...{ used: [], overdue: [], unknown: [], unmeasured: [], substitutions: [], missing: [] },
};
const ranked = (tier: Tier, coverage: number): RankedRecipe => ({
  ...{ recipeId: 'stew', version: 1, tier, coverage, score: coverage, uses: [], usesFirst: [] },
  ...{ missing: [], partial: [], unknown: [], overdue: [] },
});
const ko = (tier: Tier, coverage: number, named: Partial<Named> = {}) =>
  sentences(ranked(tier, coverage), { language: 'ko', ...nothing, ...named });
const en = (tier: Tier, coverage: number, named: Partial<Named> = {}) =>
  sentences(ranked(tier, coverage), { language: 'en', ...nothing, ...named });

describe('what can be cooked at once', () => {
  test('needs one sentence', () => {
    assert.deepEqual(ko('ready', 1), { explanation: ['재료가 모두 있어요.'], warnings: [] });
    assert.deepEqual(en('ready', 1), { explanation: ['You have everything.'], warnings: [] });
  });

  test('says what it uses first', () => {
    assert.deepEqual(ko('ready', 1, { used: ['두부', '콩나물'] }).explanation, [
      '재료가 모두 있어요.',
      '곧 기한이 되는 재료를 먼저 써요: 두부, 콩나물',
    ]);
    assert.deepEqual(en('ready', 1, { used: ['tofu', 'bean sprouts'] }).explanation, [
      'You have everything.',
      'Uses first what is due soon: tofu, bean sprouts',
    ]);
  });
});

describe('what stands in for something else', () => {
  test('is named with it', () => {
    const substitutions = [
      { food: '돼지고기 목살', by: '돼지고기' },
      { food: '버섯', by: '팽이버섯' },
    ];
    assert.deepEqual(ko('ready', 1, { substitutions }).explanation, [
      '재료가 모두 있어요.',
      '비슷한 재료로 대신해요: 돼지고기 목살 대신 돼지고기, 버섯 대신 팽이버섯',
    ]);
    assert.deepEqual(en('ready', 1, { substitutions: [{ food: 'pork neck', by: 'pork' }] }).explanation, [
      'You have everything.',
      'Uses something of the same kind: pork for pork neck',
    ]);
  });
});

describe('what lacks staples only', () => {
  test('says so, and how much there is', () => {
    assert.deepEqual(ko('staples', 0.8333, { missing: ['간장'] }), {
      explanation: ['기본 양념만 더 있으면 돼요.', '재료의 83%가 집에 있어요.', '없는 재료: 간장'],
      warnings: [],
    });
    assert.deepEqual(en('staples', 0.8333, { missing: ['soy sauce'] }), {
      explanation: ['Only staples are missing.', 'You have 83% of what it needs.', 'Missing: soy sauce'],
      warnings: [],
    });
  });

  test('need not lack any of them wholly', () =>
    assert.deepEqual(
      sentences(
        { ...ranked('staples', 0.9), partial: [{ line: 0, foodId: 'salt', have: 1, need: 2, base: 'g' }] },
        { language: 'en', ...nothing },
      ).explanation,
      ['Only staples are missing.', 'You have 90% of what it needs.'],
    ));
});

describe('what is there, as far as anybody can say', () => {
  test('is said to be so', () => {
    assert.deepEqual(en('staples', 1, { unknown: ['old cheese'] }), {
      explanation: ['You seem to have what it needs; have a look first.', 'You have 100% of what it needs.'],
      warnings: ['Not checked: old cheese'],
    });
    assert.deepEqual(ko('staples', 1).explanation, [
      '재료가 있는 듯해요. 먼저 확인하세요.',
      '재료의 100%가 집에 있어요.',
    ]);
  });
});

describe('what needs shopping', () => {
  test('says how much there is, what is used first, and what is missing', () => {
    assert.deepEqual(ko('shopping', 0.5, { used: ['두부'], missing: ['돼지고기', '대파'] }), {
      explanation: ['재료의 50%가 집에 있어요.', '곧 기한이 되는 재료를 먼저 써요: 두부', '없는 재료: 돼지고기, 대파'],
      warnings: [],
    });
    assert.deepEqual(en('shopping', 0.5, { used: ['tofu'], missing: ['pork', 'leek'] }), {
      explanation: ['You have 50% of what it needs.', 'Uses first what is due soon: tofu', 'Missing: pork, leek'],
      warnings: [],
    });
  });
});

describe('the share of what is there', () => {
  const percent = (coverage: number) => /(\d+)%/.exec(en('shopping', coverage).explanation[0]!)![1];

  test('is never said to be all where something is lacking', () => {
    assert.equal(percent(0.9999), '99');
    assert.equal(percent(0.0001), '0');
  });

  test('is what it is, for every whole percentage', () =>
    assert.deepEqual(
      Array.from({ length: 100 }, (_, n) => percent(n / 100)),
      Array.from({ length: 100 }, (_, n) => String(n)),
    ));
});

describe('warnings', () => {
  test('name what is past its best-before date, and what nobody checked', () => {
    assert.deepEqual(ko('ready', 1, { overdue: ['요거트'], unknown: ['실고추 약간'] }).warnings, [
      '품질유지기한이 지났으니 상태를 확인하세요: 요거트',
      '확인하지 못한 재료: 실고추 약간',
    ]);
    assert.deepEqual(en('shopping', 0.5, { overdue: ['yogurt'], unknown: ['2 leaves kale'] }).warnings, [
      'Past its best-before date, look before you use it: yogurt',
      'Not checked: 2 leaves kale',
    ]);
  });

  test('name what is there in amounts that nobody can compare', () => {
    assert.deepEqual(ko('shopping', 0.5, { unmeasured: ['우유 200ml'] }).warnings, [
      '양을 비교하지 못한 재료: 우유 200ml',
    ]);
    assert.deepEqual(en('shopping', 0.5, { unmeasured: ['200 ml milk'], unknown: ['kale'] }).warnings, [
      'Not checked: kale',
      'Amount not compared: 200 ml milk',
    ]);
  });

  test('come one by one', () => {
    assert.deepEqual(en('ready', 1, { overdue: ['yogurt'] }).warnings, [
      'Past its best-before date, look before you use it: yogurt',
    ]);
    assert.deepEqual(en('shopping', 0.5, { unknown: ['kale'] }).warnings, ['Not checked: kale']);
  });
});

describe('names', () => {
  const twice = ['tofu', 'egg', 'tofu'];

  test('are named once each, in the order in which they come', () => {
    const { explanation, warnings } = en('shopping', 0.5, {
      ...{ used: twice, missing: twice, overdue: twice, unknown: twice },
    });
    assert.deepEqual(
      [...explanation.slice(1), ...warnings].map(sentence => sentence.split(': ')[1]),
      ['tofu, egg', 'tofu, egg', 'tofu, egg', 'tofu, egg'],
    );
  });

  test('stay as they are, whatever is in them', () =>
    assert.deepEqual(en('ready', 1, { used: ['$& %s {0}'] }).explanation[1], 'Uses first what is due soon: $& %s {0}'));
});
