import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import type { Food } from './food.ts';
import { matchFood, plain } from './foods.ts';
import { knownUnit, unitOf } from './units.ts';

const words = baseCatalogue.foods.flatMap(food =>
  [food.name.ko, food.name.en, ...food.aliases.ko, ...food.aliases.en].map(word => ({ food, word })),
);
/** The id of the matched food, and the confidence of the match. */
const matched = (name: string) => {
  const match = matchFood(baseCatalogue, name);
  return match && [match.food.id, match.sure];
};

describe('every word of the catalogue', () => {
  test('means its own food with certainty', () => {
    assert.ok(words.length > 1000);
    const strays = words.filter(
      ({ food, word }) => matchFood(baseCatalogue, word)?.food !== food || matchFood(baseCatalogue, word)?.sure !== 1,
    );
    assert.deepEqual(
      strays.map(({ food, word }) => [food.id, word, matched(word)]),
      [],
    );
  });

  test('means it in any Hangul composition, in capitals, and without spaces', () => {
    for (const { food, word } of words) {
      for (const written of [word.normalize('NFD'), word.toUpperCase(), word.replaceAll(' ', ''), ` ${word} `]) {
        assert.deepEqual([written, matched(written)], [written, [food.id, 1]]);
      }
    }
  });
});

describe('every food of the catalogue', () => {
  test('is found by its id, which is unique', () => {
    for (const food of baseCatalogue.foods) assert.equal(baseCatalogue.byId.get(food.id), food);
    assert.equal(new Set(baseCatalogue.foods.map(({ id }) => id)).size, baseCatalogue.foods.length);
    assert.equal(baseCatalogue.byId.get('unicorn'), undefined);
    assert.equal(baseCatalogue.byId.get('constructor'), undefined);
  });

  test('has a weight for its counted unit, or for its pack or bottle', () => {
    const boughtIn = ['pack', 'bottle', 'bag', 'can', 'block', 'piece', 'bunch', 'head'];
    const isWeighed = ({ unit, weights = {} }: Food) =>
      ['g', 'ml'].includes(unit) ? boughtIn.some(each => weights[each]) : weights[unit];
    assert.deepEqual(
      baseCatalogue.foods.filter(food => !isWeighed(food)).map(({ id }) => id),
      [],
    );
  });

  test('that is usually counted has a counted usual unit', () => {
    for (const id of ['mushroom', 'cherry-tomato', 'strawberry', 'shrimp', 'shishito', 'egg', 'garlic'])
      assert.ok(!['g', 'ml'].includes(baseCatalogue.byId.get(id)!.unit), id);
  });

  test('has a known usual unit', () =>
    assert.deepEqual(
      baseCatalogue.foods.filter(({ unit }) => knownUnit(unit)?.code !== unit),
      [],
    ));

  test('has weights under canonical unit codes', () =>
    assert.deepEqual(
      baseCatalogue.foods
        .flatMap(({ weights = {} }) => Object.keys(weights))
        .filter(unit => unitOf(unit).base !== unit),
      [],
    ));

  test('keeps for at least one whole day, also in its usual place', () => {
    for (const { id, shelfLife, opened = {}, place } of baseCatalogue.foods) {
      for (const days of [...Object.values(shelfLife), ...Object.values(opened)])
        assert.ok(Number.isInteger(days) && days >= 1, `${id}: ${days}`);
      assert.ok(shelfLife[place] !== undefined, `${id} in the ${place}`);
    }
  });

  test('is a kind of at most one food, which is not a kind itself', () => {
    const kinds = baseCatalogue.foods.filter(({ kindOf }) => kindOf !== undefined);
    const strays = kinds.filter(
      ({ kindOf }) => !baseCatalogue.byId.get(kindOf!) || baseCatalogue.byId.get(kindOf!)!.kindOf !== undefined,
    );
    assert.deepEqual(strays, []);
    assert.equal(baseCatalogue.byId.get('pork-belly')?.kindOf, 'pork');
    assert.ok(kinds.length >= 20);
  });

  test('that is a mix has no kinds: it never substitutes one of its ingredients', () => {
    const mixes = ['mixed-nuts', 'mixed-grains', 'mixed-greens', 'frozen-vegetables', 'fruit-cocktail'];
    for (const mix of mixes) assert.ok(baseCatalogue.byId.get(mix), mix);
    const strays = baseCatalogue.foods.filter(({ kindOf, substitutes }) =>
      [kindOf, ...substitutes].some(id => mixes.includes(id!)),
    );
    assert.deepEqual(
      strays.filter(({ id }) => !mixes.includes(id)).map(({ id }) => id),
      [],
    );
  });

  test('has positive weights, and substitutes that exist', () => {
    for (const { id, weights = {}, density = 1, substitutes } of baseCatalogue.foods) {
      for (const grams of [...Object.values(weights), density]) assert.ok(grams > 0, id);
      for (const other of substitutes) assert.ok(baseCatalogue.byId.get(other) && other !== id, `${id}: ${other}`);
    }
  });
});

describe('the food that a name means', () => {
  for (const [name, food, sure] of [
    ['우유', 'milk', 1],
    ['milk', 'milk', 1],
    ['MILK', 'milk', 1],
    ['우 유', 'milk', 1],
    ['우유'.normalize('NFD'), 'milk', 1],
    ['ｍｉｌｋ', 'milk', 1],
    ['달걀', 'egg', 1],
    ['eggs', 'egg', 0.95],
    ['potatos', 'potato', 0.95],
    ['chicken stocks', 'chicken-stock', 0.95],
    ['유기농 우유', 'milk', 1],
    ['유기농 우유'.normalize('NFD'), 'milk', 1],
    ['제주 무농약 당근', 'carrot', 0.7],
    ['boxes of eggs', 'egg', 0.95],
    ['fresh basil leaves', 'basil', 1],
    ['chicken stock', 'chicken-stock', 1],
    ['homemade chicken stock', 'chicken-stock', 1],
    ['soy sauce', 'soy-sauce', 1],
    ['peanut butter', 'peanut-butter', 1],
    ['coconut milk', 'coconut-milk', 1],
    ['sour cream', 'sour-cream', 1],
    ['almond milk', 'almond-milk', 1],
    ['아몬드 우유', 'almond-milk', 1],
    ['oat milk', 'oat-milk', 1],
    ['귀리 우유', 'oat-milk', 1],
    ['unsweetened oat milk', 'oat-milk', 1],
    ['almond flour', 'almond-flour', 1],
    ['rice flour', 'rice-flour', 1],
    ['쌀가루', 'rice-flour', 1],
    ['almond butter', 'almond-butter', 1],
    ['coconut oil', 'coconut-oil', 1],
    ['egg noodles', 'egg-noodles', 1],
    ['garlic salt', 'garlic-salt', 1],
    ['lemon pepper', 'lemon-pepper', 1],
    ['cayenne pepper', 'cayenne', 1],
    ['chili powder', 'chili-powder', 1],
    ['Korean chili powder', 'gochugaru', 1],
    ['white pepper', 'white-pepper', 1],
    ['흰후추', 'white-pepper', 1],
    ['water chestnuts', 'water-chestnut', 1],
    ['두부 면', 'tofu-noodles', 1],
    ['피칸', 'pecan', 1],
    ['갓 지은 밥', 'cooked-rice', 1],
    ['chipotle pepper', 'dried-chili', 1],
    ['nutritional yeast', 'nutritional-yeast', 1],
    ['cooked white rice', 'cooked-rice', 1],
    ['딸기 우유', 'flavored-milk', 1],
    ['돼지고기 앞다리', 'pork-shoulder', 1],
    ['불고기', 'thin-sliced-beef', 1],
    ['갈비', 'beef-short-ribs', 1],
    ['열무김치', 'yeolmu-kimchi', 1],
    ['skinless boneless chicken breast halves', 'chicken-breast', 1],
    ['smoked bacon slices', 'bacon', 1],
    ['fresh thyme sprigs', 'thyme', 0.95],
  ] as const) {
    test(`${name} is ${food}, with confidence ${sure}`, () => assert.deepEqual(matched(name), [food, sure]));
  }

  for (const name of [
    '',
    '   ',
    '-',
    '비밀반찬',
    'unicorn meat',
    'apple pie',
    'milk chocolate',
    'gas',
    's',
    'es',
    'constructor',
  ]) {
    test(`"${name}" is no food`, () => assert.equal(matchFood(baseCatalogue, name), undefined));
  }

  for (const name of [
    'vegan butter',
    'gluten-free flour',
    'hemp milk',
    'rose water',
    '메밀 밀가루',
    'cinnamon salt',
    'cashew milk',
    '쌀 우유',
    '비건 마요네즈',
    'turkey bacon',
    'apple butter',
    'garlic oil',
    '비건 치즈',
    '식물성 버터',
    '콜리플라워 쌀',
    'salmon in butter',
  ]) {
    test(`"${name}" is not the food of its last word`, () => assert.equal(matchFood(baseCatalogue, name), undefined));
  }

  for (const [name, allergens] of [
    ['almond milk', ['tree_nut']],
    ['귀리 우유', ['wheat']],
    ['two cartons of soy milk', ['soy']],
    ['toasted almond flour', ['tree_nut']],
    ['white rice flour', []],
    ['soy flour', ['soy']],
    ['peanut oil', ['peanut']],
    ['roasted peanut butter', ['peanut']],
    ['dried egg noodles', ['wheat', 'egg']],
    ['두부 면', ['soy']],
    ['pecans', ['tree_nut']],
    ['sour cream', ['milk']],
  ] as const) {
    test(`${name}: ${allergens.join(', ') || 'nothing'} as allergens`, () =>
      assert.deepEqual(matchFood(baseCatalogue, name)?.food.allergens, allergens));
  }

  test('a cut may follow the name of its food, and a variety that of its kind', () => {
    assert.deepEqual(matched('pork lean belly pork'), ['pork-belly', 0.7]);
    assert.deepEqual(matched('penne pasta'), ['pasta', 0.7]);
  });

  test('chicken stock is not chicken', () =>
    assert.notEqual(matchFood(baseCatalogue, 'chicken stock')?.food.id, 'chicken'));

  test('the first words only describe', () => {
    for (const food of ['우유', '두부', '계란', '간장'])
      assert.equal(matchFood(baseCatalogue, `아무말 ${food}`)?.food, matchFood(baseCatalogue, food)?.food);
  });
});

describe('equal names', () => {
  test('case, spaces, hyphens and composition do not matter', () => {
    for (const name of ['Soy Sauce', 'soy-sauce', 'soysauce', ' SOY  sauce ', 'soy_sauce'])
      assert.equal(plain(name), 'soysauce');
    assert.equal(plain('한우 국거리'.normalize('NFD')), plain('한우국거리'));
  });

  test('other letters matter', () => assert.notEqual(plain('파'), plain('배')));
});
