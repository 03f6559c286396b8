import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { amountOf } from './bought.ts';
import { convert } from './convert.ts';
import { matchFood } from './foods.ts';
import { typed } from './typed.ts';
import { unitOf } from './units.ts';

const shown = (name: string, input: { amount?: number; unit?: string } = {}): string => {
  const food = matchFood(baseCatalogue, name)?.food;
  const { amount, unit } = amountOf(baseCatalogue, input, food, name);
  return `${food?.id} ${amount} ${unitOf(unit).code}`;
};

describe('an amount that was typed with the name', () => {
  for (const [name, understood] of [
    ['12 eggs', 'egg 12 piece'],
    ['eggs 12', 'egg 12 piece'],
    ['a dozen eggs', 'egg 12 piece'],
    ['2 dozen eggs', 'egg 24 piece'],
    ['계란 10구', 'egg 10 piece'],
    ['계란 30구', 'egg 30 piece'],
    ['계란 한 판', 'egg 30 piece'],
    ['계란 2판', 'egg 60 piece'],
    ['우유 1L', 'milk 1 l'],
    ['우유(1L)', 'milk 1 l'],
    ['우유 900ml 2개', 'milk 1800 ml'],
    ['2 pints milk', 'milk 2 pint'],
    ['1 lb ground beef', 'ground-beef 1 lb'],
    ['돼지고기 목살 600g', 'pork-neck 600 g'],
    ['삼겹살 한 근', 'pork-belly 600 g'],
    ['쌀 10kg', 'rice 10 kg'],
    ['참치캔 3개', 'canned-tuna 3 piece'],
    ['참치캔 150g 3캔', 'canned-tuna 450 g'],
    ['2 tins of tomatoes', 'canned-tomato 2 can'],
    ['콩나물 1봉', 'soybean-sprout 1 bag'],
    ['두부 반 모', 'tofu 0.5 block'],
    ['라면 5개입', 'ramen 5 piece'],
    ['비밀반찬 2팩', 'undefined 2 pack'],
    ['비밀반찬 3개', 'undefined 3 piece'],
  ] as const)
    test(`${name}: ${understood}`, () => assert.equal(shown(name), understood));

  for (const [name, understood] of [
    ['Heinz 57 ketchup', 'ketchup 1 bottle'],
    ['2% milk', 'milk 1 l'],
    ['오메가3 계란', 'egg 10 piece'],
    ['3분카레', 'undefined 1 piece'],
    ['7 grain cookies', 'undefined 1 piece'],
    ['1등급 한우', 'beef 1 pack'],
    ['국 2일차', 'undefined 1 piece'],
  ] as const)
    test(`${name} has none: ${understood}`, () => assert.equal(shown(name), understood));

  test('gives way to one that was said by itself', () => {
    assert.equal(shown('12 eggs', { amount: 6 }), 'egg 6 piece');
    assert.equal(shown('우유 1L', { amount: 2, unit: '팩' }), 'milk 2 pack');
    assert.equal(shown('우유 1L', { unit: '팩' }), 'milk 1 pack');
  });

  test('leaves the rest of the name as it was typed', () => {
    assert.equal(typed('돼지고기  목살 600g').name, '돼지고기 목살');
    assert.deepEqual(typed(' 비밀 반찬 '), { name: '비밀 반찬' });
    assert.deepEqual(typed('600g'), { name: '600g' });
  });
});

describe('a name alone is what one buys', () => {
  for (const [name, understood] of [
    ['계란', 'egg 10 piece'],
    ['eggs', 'egg 10 piece'],
    ['식빵', 'sliced-bread 1 pack'],
    ['bread', 'bread 1 pack'],
    ['베이컨', 'bacon 1 pack'],
    ['치즈', 'cheese 1 pack'],
    ['만두', 'dumpling 1 bag'],
    ['딸기', 'strawberry 1 pack'],
    ['마늘', 'garlic 1 head'],
    ['milk', 'milk 1 l'],
    ['우유', 'milk 1 l'],
    ['대파', 'large-green-onion 1 bunch'],
    ['양파', 'onion 1 piece'],
    ['돼지고기', 'pork 1 pack'],
    ['비밀반찬', 'undefined 1 piece'],
  ] as const)
    test(`${name}: ${understood}`, () => assert.equal(shown(name), understood));

  test('but a number or a unit by itself is of the usual unit, or one of it', () => {
    assert.equal(shown('계란', { amount: 2 }), 'egg 2 piece');
    assert.equal(shown('식빵', { unit: 'slice' }), 'sliced-bread 1 slice');
  });

  test('and can be weighed, so that a recipe may take a piece of it', () => {
    for (const food of baseCatalogue.foods) {
      if (!food.bought) continue;
      const { base, code } = unitOf(food.bought.unit);
      assert.equal(code, food.bought.unit, food.id);
      assert.ok(convert(food, 1000, base, 'g'), `${food.id}: ${base}`);
    }
  });

  test('and nobody buys one of what is small', () => {
    const small = baseCatalogue.foods.filter(({ unit, weights = {}, bought }) => !bought && (weights[unit] ?? 99) < 15);
    assert.deepEqual(
      small.map(({ id }) => id),
      ['seasoned-laver'], // which comes in packs of 5 g
    );
    assert.deepEqual(baseCatalogue.byId.get('egg')?.bought, { amount: 10, unit: 'piece' });
  });
});
