import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { convert } from './convert.ts';
import { parseLine, type WrittenLine } from './lines.ts';

/** The food of a line, and its amount as shown. */
function understood(line: WrittenLine): [food: string | undefined, amount: string] {
  const { foodId, shown, unit } = parseLine(baseCatalogue, line);
  return [foodId, shown === undefined ? 'some' : `${shown} ${unit}`];
}

const hard: Record<string, [line: string, food: string | undefined, amount: string][]> = {
  'thousands have a comma': [
    ['밀가루 1,000g', 'flour', '1000 g'],
    ['물 1,500ml', 'water', '1500 ml'],
  ],
  'D-22: spoons are written in two words': [
    ['설탕 1큰 술', 'sugar', '1 tbsp'],
    ['간장 1 큰 술', 'soy-sauce', '1 tbsp'],
    ['국간장 1/2작은 술', 'soup-soy-sauce', '0.5 tsp'],
  ],
  'Korean continues after the unit without a space': [
    ['참기름 1큰술씩', 'sesame-oil', '1 tbsp'],
    ['달걀 3개정도', 'egg', '3 piece'],
    ['달걀 3개 정도', 'egg', '3 piece'],
    ['새우 7마리~10마리', 'shrimp', '7 piece'],
    ['네모난 두부', 'tofu', 'some'],
  ],
  'and a half comes after the unit': [
    ['고춧가루 1큰술반', 'gochugaru', '1.5 tbsp'],
    ['고추장 2큰술 반', 'gochujang', '2.5 tbsp'],
    ['물 3컵 반', 'water', '3.5 cup'],
    ['라면 1개 반', 'ramen', '1.5 piece'],
  ],
  'numbers are words': [
    ['소금 한 꼬집', 'salt', '1 pinch'],
    ['소금 한꼬집', 'salt', '1 pinch'],
    ['간장 한 스푼', 'soy-sauce', '1 tbsp'],
    ['간장 두 숟갈', 'soy-sauce', '2 tbsp'],
    ['대파 한 뿌리', 'large-green-onion', '1 piece'],
    ['생강 한 톨', 'ginger', '1 clove'],
    ['무 한 토막', 'radish', '1 chunk'],
    ['밥 한 그릇', 'cooked-rice', '1 bowl'],
    ['마늘 다섯 쪽', 'garlic', '5 clove'],
    ['계란 열 개', 'egg', '10 piece'],
    ['마늘 두세 쪽', 'garlic', '2 clove'],
  ],
  'the amount stands in brackets': [
    ['당근(1/3개)', 'carrot', '0.333 piece'],
    ['소금(약간)', 'salt', 'some'],
  ],
  'a bracket is not closed': [
    ['양파 (', 'onion', 'some'],
    ['양파 1개 (다진 것', 'onion', '1 piece'],
  ],
  'numbers are part of the name': [
    ['3분카레', undefined, 'some'],
    ['3분카레 1개', undefined, '1 piece'],
    ['100% 카카오 10g', undefined, '10 g'],
    ['2% milk 1 cup', 'milk', '1 cup'],
    ['1등급 돼지고기 300g', 'pork', '300 g'],
    ['다시마 5*5cm 3조각', 'kelp', '3 slice'],
  ],
  'a whole and a fraction are joined': [
    ['1-1/2 cups flour', 'flour', '1.5 cup'],
    ['1 and 1/2 cups flour', 'flour', '1.5 cup'],
    ['1 to 1 1/2 teaspoons salt', 'salt', '1 tsp'],
  ],
  'a number of packs of a size': [
    ['Two (14 oz) cans chickpeas', 'chickpea', '28 oz'],
    ['1 14-oz can coconut milk', 'coconut-milk', '14 oz'],
    ['1 10 ounce can tomatoes', 'canned-tomato', '10 oz'],
    ['2 x 400g tins chopped tomatoes', 'canned-tomato', '800 g'],
    ['1 1/2 (8 ounce) packages cream cheese', 'cream-cheese', '12 oz'],
    ['1 (16 ounce package) spaghetti', 'pasta', '16 oz'],
    ['1 (1 1/2 pound) flank steak', 'beef-steak', '1.5 lb'],
    ['2-3 (4 ounce) salmon fillets', 'salmon', '8 oz'],
    ['1 (14.5 fl. oz.) can chicken broth', 'chicken-stock', '14.5 fl oz'],
    ['1 (2 inch) piece ginger', 'ginger', '1 piece'],
    ['1 1/2 ounces butter', 'butter', '1.5 oz'],
    ['두부 1모(300g)', 'tofu', '1 block'],
    ['양파 2 (200g)', 'onion', '2 piece'],
  ],
  'English numbers are words': [
    ['half a lemon', 'lemon', '0.5 piece'],
    ['A pinch of salt', 'salt', '1 pinch'],
    ['three eggs', 'egg', '3 piece'],
  ],
  'a comma is a decimal point': [
    ['1,5 dl cream', 'whipping-cream', '1.5 dl'],
    ['0,5 kg flour', 'flour', '0.5 kg'],
  ],
  'digits and dashes are other Unicode characters': [
    ['1⁄2 cup sugar', 'sugar', '0.5 cup'],
    ['설탕 1⁄2컵', 'sugar', '0.5 cup'],
    ['설탕 ２큰술', 'sugar', '2 tbsp'],
  ],
  'the amount makes no sense': [
    ['김 999999999g', 'laver', 'some'],
    ['물 0g', 'water', 'some'],
    ['물 1/0컵', 'water', 'some'],
    ['소금 0.0001g', 'salt', 'some'],
  ],
  'there is no digit before the point': [
    ['.5 cup sugar', 'sugar', '0.5 cup'],
    ['sugar .25 cup', 'sugar', '0.25 cup'],
    ['우유 .5컵', 'milk', '0.5 cup'],
    ['1.5 cups sugar', 'sugar', '1.5 cup'],
  ],
  'one amount is added to another': [
    ['간장 2T + 1t', 'soy-sauce', '2.333 tbsp'],
    ['국간장 1큰술+1작은술', 'soup-soy-sauce', '1.333 tbsp'],
    ['1 cup plus 2 tablespoons flour', 'flour', '1.15 cup'],
    ['1 + 1/2 cups flour', 'flour', '1.5 cup'],
  ],
  'the line states which one is meant': [
    ['양파 작은 것 1개', 'onion', '1 piece'],
    ['고구마 큰것 1개', 'sweet-potato', '1 piece'],
    ['참치캔 작은 것 1개', 'canned-tuna', '1 piece'],
    ['두부 으깬 것 1컵', 'tofu', '1 cup'],
  ],
  'it is an amount of each, or the yield of several': [
    ['파프리카 각 1/2개', 'bell-pepper', '0.5 piece'],
    ['달걀 흰자 3개분', 'egg', '3 piece'],
    ['레몬즙 1개분', 'lemon', '1 piece'],
    ['밥 2인분', 'cooked-rice', '2 serving'],
  ],
  'a size is written before the amount': [
    ['무 3cm 한 토막', 'radish', '1 chunk'],
    ['무 3cm 1토막', 'radish', '1 chunk'],
  ],
  'a colon separates name and amount': [
    ['간장:3큰술', 'soy-sauce', '3 tbsp'],
    ['간장 : 3큰술', 'soy-sauce', '3 tbsp'],
    ['간장：3큰술', 'soy-sauce', '3 tbsp'],
    ['For the sauce: 2 tbsp soy sauce', 'soy-sauce', '2 tbsp'],
  ],
  'the list has numbers or bullets': [
    ['1. 간장 2큰술', 'soy-sauce', '2 tbsp'],
    ['2) 두부 1모', 'tofu', '1 block'],
    ['① 두부 1모', 'tofu', '1 block'],
    ['- 간장 2큰술', 'soy-sauce', '2 tbsp'],
    ['• 1 cup milk', 'milk', '1 cup'],
    ['1.5컵 우유', 'milk', '1.5 cup'],
  ],
  'it comes out of a can': [
    ['2 (6 ounce) cans tuna, drained', 'canned-tuna', '12 oz'],
    ['1 can (5 oz) tuna', 'canned-tuna', '1 can'],
    ['고등어 1캔', 'canned-mackerel', '1 can'],
    ['옥수수 1캔', 'canned-corn', '1 can'],
    ['1 (15 ounce) can black beans, drained', 'black-bean', '15 oz'],
    ['1 can coconut milk', 'coconut-milk', '1 can'],
    ['2 tomatoes, as ripe as you can get', 'tomato', '2 piece'],
  ],
  'the food has an adjective with a comma, or is followed by a dash': [
    ['4 boneless, skinless chicken breasts', 'chicken-breast', '4 piece'],
    ['1 avocado - peeled, pitted, and sliced', 'avocado', '1 piece'],
  ],
};

for (const [why, lines] of Object.entries(hard)) {
  describe(`a line is hard to parse: ${why}`, () => {
    for (const [line, food, amount] of lines) {
      test(`${line} = ${amount} of ${food ?? 'an unknown food'}`, () =>
        assert.deepEqual(understood(line), [food, amount]));
    }
  });
}

describe('a measure that is not in the table', () => {
  for (const [line, food] of [
    ['소고기 1근', 'beef'],
    ['쌀 2되', 'rice'],
    ['대파 10cm', 'large-green-onion'],
    ['소주 1잔', 'soju'],
    ['우유 1C', 'milk'],
    ['2 C flour', 'flour'],
    ['1 quart vegetable oil', 'cooking-oil'],
    ['1 pint milk', 'milk'],
    ['13 fluid ounces milk', 'milk'],
  ] as const) {
    test(`neither becomes pieces nor hides the food: ${line}`, () => {
      const { foodId, unit } = parseLine(baseCatalogue, line);
      assert.equal(foodId, food);
      assert.notEqual(unit, 'piece');
    });
  }

  test('a geun is 600 g of meat, and unknown for anything else', () => {
    const grams = (line: string) => {
      const { foodId, amount, base } = parseLine(baseCatalogue, line);
      return convert(baseCatalogue.byId.get(foodId!)!, amount!, base!, 'g');
    };
    assert.equal(grams('돼지고기 2근'), 1_200_000);
    assert.equal(grams('감자 1근'), undefined);
  });

  for (const [line, base, amount] of [
    ['13 fl. oz. milk', 'ml', 384_462],
    ['1 gallon milk', 'ml', 3_785_410],
    ['1,5 dl cream', 'ml', 150_000],
    ['1 dozen eggs', 'piece', 12_000],
    ['1 pint milk', 'ml', 473_176],
    ['1 quart milk', 'ml', 946_353],
    ['쌀 2되', 'ml', 3_600_000],
    ['다시마 3큐브', '큐브', 3000],
  ] as const) {
    test(`${line} is ${amount} ${base}`, () => {
      const read = parseLine(baseCatalogue, line);
      assert.deepEqual([read.base, read.amount], [base, amount]);
    });
  }

  test('does not turn a date into two thousand pieces', () =>
    assert.deepEqual(understood({ name: '양파', amount: '2011-03-04' }), ['onion', 'some']));
});

describe('one food is not mistaken for another', () => {
  for (const [line, other] of [
    ['18 fresh Scotch Bonnet peppers', 'black-pepper'],
    ['1 cup chicken or vegetable stock', 'chicken'],
    ['4 (8 ounce) salmon fillets or steaks', 'beef-steak'],
  ] as const) {
    test(`${line}: no ${other}`, () => assert.notEqual(parseLine(baseCatalogue, line).foodId, other));
  }
});
