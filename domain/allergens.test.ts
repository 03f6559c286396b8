import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { matchFood } from './foods.ts';

/** Words in a name that show an allergen, and names with the same words that do not. */
const named: Record<string, [says: RegExp, but?: RegExp]> = {
  crustacean: [/새우|랍스터|가재|대게|꽃게|게장|게살|게맛살|크랩|shrimp|prawn|lobster|crab|crayfish/i],
  mollusc: [
    /전복|굴|홍합|조개|바지락|문어|낙지|[주쭈]꾸미|가리비|꼬막|골뱅이|abalone|oyster|mussel|clam|octopus|scallop|cockle|whelk/i,
    /굴비|oyster mushroom/i,
  ],
  squid: [/오징어|한치|진미채|squid|calamari/i],
  fish: [
    /멸치|참치|연어|고등어|대구|명란|가[쓰츠]오|어묵|액젓|생선|동태|황태|anchov|tuna|salmon|mackerel|\bcod\b|fish|pollock|kimchi|김치/i,
    /jellyfish|cuttlefish|kimchi cabbage/i,
  ],
  peanut: [/땅콩|피넛|peanut/i, /땅콩호박/],
  tree_nut: [/호두|아몬드|캐슈|피칸|피스타치오|헤이즐넛|walnut|almond|cashew|pecan|pistachio|hazelnut/i],
  pine_nut: [/^잣|pine nut|pesto|페스토/i],
  milk: [
    /우유|치즈|버터|크림|요[거구]|밀크|milk|cheese|butter|cream|yog/i,
    /(?:아몬드|귀리|오트|코코넛|땅콩|피넛) ?(?:우유|밀크|버터|크림)|(?:almond|oat|coconut|soya?|peanut) ?(?:milk|butter|cream)|cream of tartar|타르타르|cream-style|creamed corn|butternut|버터넛|butter (?:lettuce|bean)|버터호박/i,
  ],
  egg: [/계란|달걀|마요|egg|mayo/i, /eggplant|reggiano|veggie/i],
  wheat: [
    /밀가루|식빵|빵가루|라면|우동|밀국수|만두|flour|bread|spaghetti|pasta|wheat/i,
    /(?:soya?|soybean|rice|tapioca|almond|corn) ?flour|(?:spaghetti|pasta) sauce|bread machine yeast|buckwheat/i,
  ],
  buckwheat: [/메밀|buckwheat|soba/i, /메밀소스|메밀장국|oi-sobagi/i],
  soy: [/간장|된장|두부|콩가루|대두|두유|soy|tofu|miso|edamame/i, /땅콩가루/i],
  sesame: [/참깨|참기름|오리엔탈|sesame|tahini/i, /sesame lea/i],
  mustard: [/겨자|머스타드|mustard/i, /sea mustard|mustard (?:greens|lea)|겨자잎/i],
  celery: [/셀러리|celery/i],
  pork: [/돼지|삼겹|pork/i, /우삼겹|돼지호박/i],
  beef: [/소고기|쇠고기|beef/i, /beef tomato/i],
  chicken: [/닭|치킨|chicken/i, /치킨튀김가루|치킨 ?무|chicken mu/i],
  peach: [/복숭아|peach/i],
  tomato: [/토마토|tomato/i],
};
const words = baseCatalogue.foods.flatMap(food =>
  [food.name.ko, food.name.en, ...food.aliases.ko, ...food.aliases.en].map(word => ({ food, word })),
);

describe('a food with an allergen in one of its names carries that allergen', () => {
  for (const [allergen, [says, but]] of Object.entries(named)) {
    test(allergen, () => {
      const matching = words.filter(({ word }) => says.test(word) && !but?.test(word));
      assert.ok(matching.length > 0);
      const lost = matching.filter(({ food }) => !food.allergens.includes(allergen));
      assert.deepEqual(
        lost.map(({ food, word }) => `${food.id}: ${word}`),
        [],
      );
    });
  }
});

describe('the allergens of a name', () => {
  for (const [name, ...allergens] of [
    ['전복죽', 'mollusc'],
    ['새우만두', 'crustacean'],
    ['김치만두', 'fish', 'crustacean'],
    ['백김치', 'fish', 'crustacean'],
    ['물김치', 'fish', 'crustacean'],
    ['바질페스토', 'pine_nut', 'milk'],
    ['오리엔탈드레싱', 'sesame', 'soy'],
    ['카레', 'wheat', 'milk'],
    ['삶은 계란', 'egg'],
    ['반숙란', 'egg'],
    ['주꾸미', 'mollusc'],
    ['miso', 'soy'],
  ] as const)
    test(`${name}: ${allergens.join(', ')}`, () => {
      const carried = matchFood(baseCatalogue, name)?.food.allergens;
      assert.deepEqual(
        allergens.filter(one => !carried?.includes(one)),
        [],
      );
    });
});
