import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { matchFood, meaningOf, SURE } from './foods.ts';

describe('words that do not change the food keep the match certain', () => {
  for (const [food, names] of Object.entries({
    onion: [
      '1 medium onion',
      'large onion',
      '2 small onions',
      'chopped onion',
      '큰 양파',
      '다진 양파',
      '국산 양파',
      '햇 양파',
    ],
    banana: ['1 large ripe banana', 'ripe bananas'],
    cheese: ['shredded Cheddar cheese', 'extra-sharp cheddar', 'reduced-fat cheddar cheese'],
    potato: [
      '4 medium potatoes',
      'Yukon Gold potatoes',
      'red-skinned potatoes',
      'peeled and diced potatoes',
      '1 kg of potatoes',
      '카레용 감자',
      '친환경 감자',
    ],
    'black-pepper': ['a pinch of black pepper', 'freshly ground black pepper'],
    'chicken-breast': ['boneless, skinless chicken breast', 'skinless boneless chicken breast halves'].map(name =>
      name.replace(',', ''),
    ),
    milk: ['유기농 우유', '유기농우유', '국산 우유', 'organic milk', 'cold milk', '어제 산 우유'],
    pork: ['국내산 돼지고기', '제주산 돼지고기', '냉장 돼지고기', 'diced pork'],
    shrimp: ['frozen shrimp', '냉동 새우', 'peeled and deveined shrimp', '손질 새우', '자연산 새우'],
    'soybean-sprout': ['국산콩나물', '무농약 콩나물', '친환경콩나물'],
    basil: ['fresh basil leaves'],
    thyme: ['fresh thyme sprigs'],
    breadcrumbs: ['fine dry bread crumbs'],
    'peanut-butter': ['creamy peanut butter'],
    walnut: ['ground walnuts'],
    'chicken-stock': ['low-sodium chicken stock', 'unsalted chicken broth', 'homemade chicken stock'],
    pasta: ['dried pasta', 'uncooked spaghetti'],
    almond: ['roasted almonds', 'slivered almonds', 'sliced almonds', '구운 아몬드'],
    egg: [
      'eggs',
      'large eggs',
      'free-range eggs',
      'boxes of eggs',
      '12 eggs',
      'a dozen eggs',
      '계란 한 판',
      '계란 10구',
    ],
    'canned-tuna': ['참치캔 3개', 'can of tuna', 'tinned tuna'],
    'canned-tomato': ['tin of tomatoes', 'cans of tomatoes', 'canned tomatoes'],
    'coconut-milk': ['can of coconut milk'],
  })) {
    for (const name of names)
      test(`${name} is ${food}`, () => {
        const match = matchFood(baseCatalogue, name);
        assert.deepEqual([match?.food.id, match && match.sure >= SURE], [food, true]);
      });
  }
});

describe('unknown words make the match uncertain', () => {
  for (const [food, names] of Object.entries({
    tofu: ['풀무원 두부', 'Nasoya tofu'],
    ketchup: ['Heinz 57 ketchup'],
    salmon: ['smoky salmon'],
    strawberry: ['dried strawberries'],
    egg: ['오메가3 계란'],
  })) {
    for (const name of names)
      test(`${name} may be ${food}`, () => {
        const match = matchFood(baseCatalogue, name);
        assert.deepEqual([match?.food.id, match?.sure], [food, 0.7]);
      });
  }
});

describe('words that turn it into another food', () => {
  for (const name of [
    'plant based milk',
    'plant-based milk',
    'non dairy milk',
    'non-dairy milk',
    'dairy free cheese',
    'gf flour',
    'gluten free pasta',
    'gluten-free pasta',
    '글루텐 프리 빵',
    '글루텐프리 빵',
    'egg free mayonnaise',
    'nut milk',
    'breast milk',
    "mother's milk",
    'sunflower butter',
    'nut butter',
    'cookie butter',
    'seed butter',
    'fish oil',
    'baby oil',
    '오트 요거트',
    '오트요거트',
    '비건치즈',
    '비건 버터',
    'oat yogurt',
    'vegan free range eggs',
    '강아지 우유',
    '고양이용 참치',
    'soy milk chocolate',
  ])
    test(`${name} is an unknown food`, () => assert.equal(matchFood(baseCatalogue, name), undefined));
});

describe('the preparation of a food', () => {
  for (const [prepared, names] of Object.entries({
    leftover: [
      'leftover spaghetti',
      '먹다 남은 파스타',
      '남은 카레',
      '남은카레',
      '어제 카레',
      "yesterday's curry",
      '남은 피자',
    ],
    cooked: [
      'cooked pasta',
      'cooked lentils',
      'mashed potatoes',
      '삶은 감자',
      '찐고구마',
      '데친 시금치',
      'hard-cooked shrimp',
    ],
    soaked: ['불린미역', '불린 쌀', 'soaked rice'],
    homemade: ['homemade chicken stock', '수제 요거트'],
  })) {
    for (const name of names)
      test(`${name} is ${prepared}`, () => assert.equal(matchFood(baseCatalogue, name)?.prepared, prepared));
  }

  for (const [name, prepared] of [
    ['남은 반찬', 'leftover'],
    ['남은치킨', 'leftover'],
    ['leftovers', 'leftover'],
    ['eggs boiled', 'cooked'],
    ['카레 남은 것', 'leftover'],
    ['엄마가 만든 반찬', 'homemade'],
    ['stir fried something', 'cooked'],
  ] as const)
    test(`is known for "${name}" even without a food`, () =>
      assert.deepEqual(
        [matchFood(baseCatalogue, name), meaningOf(baseCatalogue, name).prepared],
        [undefined, prepared],
      ));

  for (const name of [
    'roasted almonds',
    'toasted sesame seeds',
    '볶은 깨',
    'cooked ham',
    'raw chicken',
    'uncooked rice',
  ])
    test(`${name} counts as unprepared`, () => assert.equal(meaningOf(baseCatalogue, name).prepared, undefined));

  for (const name of ['cooked quinoa', 'cooked pasta', 'leftover turkey'])
    test(`an amount of ${name} is not an amount of it raw`, () =>
      assert.equal(matchFood(baseCatalogue, name)?.sure, 0.7));

  for (const name of ['삶은 감자', 'mashed bananas', '불린 쌀', 'grilled zucchini', 'hard-cooked eggs', '계란물'])
    test(`a recipe with ${name} means its food`, () => assert.ok(matchFood(baseCatalogue, name)!.sure >= SURE));
});
