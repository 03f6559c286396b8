import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { SURE } from './foods.ts';
import { needsOf } from './line.ts';
import { parseLine } from './lines.ts';

describe('a line that names two foods', () => {
  for (const [line, foods, each] of [
    ['새우와 오징어 200g', ['shrimp', 'squid'], 100_000],
    ['당근과 양파 1/2개씩', ['carrot', 'onion'], 500],
    ['당근·양파 각 1개', ['carrot', 'onion'], 1000],
    ['shrimp and peanuts', ['shrimp', 'peanut'], undefined],
    ['shrimp, peanuts', ['shrimp', 'peanut'], undefined],
    ['butter and flour', ['butter', 'flour'], undefined],
    ['소금/후추 약간', ['salt', 'black-pepper'], undefined],
    ['소금·후추 약간씩', ['salt', 'black-pepper'], undefined],
    ['소금이랑 후추', ['salt', 'black-pepper'], undefined],
    ['salt, pepper, and garlic', ['salt', 'black-pepper', 'garlic'], undefined],
  ] as const) {
    test(`needs both: ${line}`, () => {
      const read = parseLine(baseCatalogue, line);
      assert.deepEqual([read.foodId, ...(read.also ?? [])], foods);
      assert.ok(read.sure >= SURE);
      const needs = foods.map(foodId => ({ foodId, ...(each !== undefined && { amount: each }) }));
      assert.deepEqual(needsOf(read), needs);
    });
  }

  for (const [line, food] of [
    ['garlic and herb seasoned dry bread crumbs', 'breadcrumbs'],
    ['butter/margarine 50g', 'butter'],
    ['설탕/꿀 2큰술', 'sugar'],
    ['1 (14.75 ounce) can salmon', 'salmon'],
  ] as const) {
    test(`may mean only one, or another: ${line}`, () => {
      const { foodId, also, sure } = parseLine(baseCatalogue, line);
      assert.deepEqual([foodId, also, sure < SURE], [food, undefined, true]);
    });
  }

  for (const line of [
    '사과 식초 1큰술',
    'half and half',
    '1 onion, chopped',
    '버섯(표고)',
    '2 tablespoons milk, water, or juice',
  ])
    test(`names one: ${line}`, () => assert.equal(parseLine(baseCatalogue, line).also, undefined));
});

describe('a heading', () => {
  for (const line of [
    'Dressing:',
    '[양념]',
    '양념장',
    'For the sauce:',
    'For the sauce',
    '【소스】',
    '<양념>',
    '기본 재료',
    '양념 재료:',
    '- 양념장:',
    'Salt:',
    '(양념)',
  ])
    test(`is ${line}`, () => assert.deepEqual(parseLine(baseCatalogue, line), { text: line, heading: true, sure: 0 }));
  test('has no amount either if name and amount are separate', () =>
    assert.equal(parseLine(baseCatalogue, { name: '양념장', amount: '' }).heading, true));

  for (const line of [
    '양념장 2큰술',
    '간장: 약간',
    '드레싱',
    '(소금)',
    'Sauce: 1 cup ketchup',
    '소금',
    '[양념] 간장 3큰술',
    '',
    '()',
  ])
    test(`is not ${line || 'an empty line'}`, () => assert.equal(parseLine(baseCatalogue, line).heading, undefined));
});

describe('a cup', () => {
  for (const [line, lang, amount] of [
    ['1 cup milk', 'en', 240_000],
    ['1/3 cup milk', 'en', 80_000],
    ['1 cup milk', 'ko', 200_000],
    ['1 cup milk', undefined, 200_000],
    ['우유 1컵', 'ko', 200_000],
    ['milk (1 cup)', 'en', 240_000],
    ['1 cup plus 2 tablespoons flour', 'en', 270_000],
    ['1 tbsp milk', 'en', 15_000],
    ['100 ml milk', 'en', 100_000],
  ] as const)
    test(`of a recipe in ${lang ?? 'no known language'}: ${line} is ${amount / 1000} ml`, () =>
      assert.equal(parseLine(baseCatalogue, line, lang).amount, amount));
});
