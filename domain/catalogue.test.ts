import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { matchFood } from './foods.ts';

describe('foods that are not the same', () => {
  for (const names of [
    ['낙지', '문어', '주꾸미'],
    ['대구', '동태', '코다리', '황태'],
    ['wasabi', 'horseradish', 'mustard'],
    ['광어', '가자미', 'halibut'],
    ['수정과', '식혜'],
    ['쌈무', '단무지', '치킨무'],
    ['shallot', 'onion'],
    ['miso', 'doenjang'],
    ['jalapeño', '청양고추', '풋고추'],
    ['pumpkin', 'kabocha', 'butternut squash', '애호박'],
  ])
    test(`${names.join(', ')} have different ids`, () => {
      const ids = names.map(name => matchFood(baseCatalogue, name)?.food.id);
      assert.ok(!ids.includes(undefined), ids.join(', '));
      assert.equal(new Set(ids).size, names.length);
    });

  test('생태 (fresh) and 동태 (frozen) are one food, and the plural of jalapeño is still jalapeño', () => {
    assert.equal(matchFood(baseCatalogue, '생태')?.food.id, 'pollock');
    assert.equal(matchFood(baseCatalogue, '2 jalapeno peppers')?.food.id, 'jalapeno');
  });
});

describe('every counted unit of a food has a weight', () => {
  for (const [id, units] of Object.entries({
    lettuce: 'head leaf handful bunch pack',
    'iceberg-lettuce': 'head leaf',
    cabbage: 'head leaf',
    celery: 'stalk head',
    garlic: 'clove head pack',
    ginger: 'piece clove slice pack',
    onion: 'piece slice bag',
    potato: 'piece bag',
    carrot: 'piece stick bag',
    cucumber: 'piece slice',
    tomato: 'piece slice can',
    broccoli: 'head stalk',
    cauliflower: 'head',
    cilantro: 'bunch stalk leaf',
    parsley: 'bunch stalk leaf',
    basil: 'leaf bunch stalk',
    spinach: 'bunch bag handful',
    'large-green-onion': 'stalk bunch pack',
    'green-onion': 'stalk bunch',
    asparagus: 'stalk bunch',
    'napa-cabbage': 'head leaf',
    bread: 'slice loaf pack',
    'sliced-bread': 'slice loaf pack',
    cheese: 'slice block pack',
    butter: 'stick block pack',
    bacon: 'slice pack',
    ham: 'slice pack',
    sausage: 'piece pack bag',
    egg: 'piece tray',
    tofu: 'block pack slice',
    'canned-tuna': 'can piece',
    'canned-corn': 'can piece',
    'canned-tomato': 'can piece',
    chickpea: 'can',
    'coconut-milk': 'can',
    dumpling: 'piece bag pack',
    strawberry: 'piece pack',
    shrimp: 'piece pack bag',
    banana: 'piece bunch',
    grape: 'bunch',
    'pork-belly': 'pack geun',
    kimchi: 'head pack leaf',
    laver: 'sheet pack',
    salmon: 'slice piece pack',
  })) {
    test(id, () => {
      const { weights = {} } = baseCatalogue.byId.get(id)!;
      assert.deepEqual(
        units.split(' ').filter(unit => !((weights[unit] ?? 0) > 0)),
        [],
      );
    });
  }
});
