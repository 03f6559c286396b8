import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { baseCatalogue } from './base-catalogue.ts';
import { parseLine, type WrittenLine } from './lines.ts';

/** The parsed line as one text: food, confidence if not certain, amount as shown and in base units, the rest. */
function read(written: WrittenLine): string {
  const {
    foodId,
    also = [],
    amount,
    base,
    shown,
    unit,
    preparation,
    optional,
    sure,
  } = parseLine(baseCatalogue, written);
  return [
    `${[foodId ?? 'nothing known', ...also].join(' + ')}${sure === (foodId ? 1 : 0) ? '' : ` (${sure})`}`,
    amount === undefined ? 'some' : `${shown} ${unit} = ${amount} ${base}`,
    ...(preparation === undefined ? [] : [preparation]),
    ...(optional ? ['optional'] : []),
  ].join(' | ');
}

const korean: [line: string, understood: string][] = [
  ['돼지고기 300g', 'pork | 300 g = 300000 g'],
  ['돼지고기 앞다리살 600g', 'pork-shoulder | 600 g = 600000 g'],
  ['돼지고기(앞다리살) 300g', 'pork-shoulder | 300 g = 300000 g'],
  ['돼지고기 300g (목살)', 'pork-neck | 300 g = 300000 g'],
  ['돼지고기(두부) 300g', 'pork | 300 g = 300000 g | 두부'],
  ['쇠고기(국거리용) 200그램', 'beef-brisket | 200 g = 200000 g'],
  ['무염버터 30g', 'butter | 30 g = 30000 g'],
  ['설탕 100  g', 'sugar | 100 g = 100000 g'],
  ['우유 1리터', 'milk | 1 l = 1000000 ml'],
  ['물 1.5L', 'water | 1.5 l = 1500000 ml'],
  ['우유 200ml', 'milk | 200 ml = 200000 ml'],
  ['쌀뜨물 3컵', 'water | 3 cup = 600000 ml'],
  ['1컵 우유', 'milk | 1 cup = 200000 ml'],
  ['두부 반모', 'tofu | 0.5 block = 500 block'],
  ['두부 반 모', 'tofu | 0.5 block = 500 block'],
  ['두부 ½모', 'tofu | 0.5 block = 500 block'],
  ['두부 1모(300g), 으깬 것', 'tofu | 1 block = 1000 block | 300g, 으깬 것'],
  ['배추김치 반 포기', 'kimchi | 0.5 head = 500 head'],
  ['김치 ¼ 포기', 'kimchi | 0.25 head = 250 head'],
  ['김칫국물 반컵', 'kimchi | 0.5 cup = 100000 ml'],
  ['양파 1½개', 'onion | 1.5 piece = 1500 piece'],
  ['양파 1 1/2개', 'onion | 1.5 piece = 1500 piece'],
  ['주먹밥(김치) 1개', 'nothing known | 1 piece = 1000 piece | 김치'],
  ['양파 (중) 1개', 'onion | 1 piece = 1000 piece | 중'],
  ['양파, 1개', 'onion | 1 piece = 1000 piece'],
  ['당근 1/3개', 'carrot | 0.333 piece = 333 piece'],
  ['물 2와1/2컵', 'water | 2.5 cup = 500000 ml'],
  ['물 2와 1/2컵', 'water | 2.5 cup = 500000 ml'],
  ['간장 1과½큰술', 'soy-sauce | 1.5 tbsp = 22500 ml'],
  ['우유 ⅓컵', 'milk | 0.333 cup = 66667 ml'],
  ['설탕 1½ 큰술', 'sugar | 1.5 tbsp = 22500 ml'],
  ['다진 마늘 1T', 'garlic | 1 tbsp = 15000 ml'],
  ['다진파2큰술', 'large-green-onion | 2 tbsp = 30000 ml'],
  ['간장 1t', 'soy-sauce | 1 tsp = 5000 ml'],
  ['식초 2 작은술', 'vinegar | 2 tsp = 10000 ml'],
  ['소금 1꼬집', 'salt | 1 pinch = 1000 pinch'],
  ['고춧가루 2-3큰술', 'gochugaru | 2 tbsp = 30000 ml'],
  ['고추장 2~3큰술', 'gochujang | 2 tbsp = 30000 ml'],
  ['½~1컵 우유', 'milk | 0.5 cup = 100000 ml'],
  ['시금치 한 줌', 'spinach | 1 handful = 1000 handful'],
  ['느타리버섯 한줌', 'oyster-mushroom | 1 handful = 1000 handful'],
  ['계란 두 개', 'egg | 2 piece = 2000 piece'],
  ['계란 2', 'egg | 2 piece = 2000 piece'],
  ['간장 한큰술', 'soy-sauce | 1 tbsp = 15000 ml'],
  ['깻잎10장', 'perilla-leaf | 10 sheet = 10000 sheet'],
  ['애호박1/2개', 'zucchini | 0.5 piece = 500 piece'],
  ['대파 2대, 송송 썬 것', 'large-green-onion | 2 stalk = 2000 stalk | 송송 썬 것'],
  ['국물용 멸치 10마리', 'dried-anchovy | 10 piece = 10000 piece'],
  ['(냉동) 새우 10마리', 'shrimp | 10 piece = 10000 piece | 냉동'],
  ['[양념] 간장 3큰술', 'soy-sauce | 3 tbsp = 45000 ml | 양념'],
  ['양념장: 간장 3큰술', 'soy-sauce | 3 tbsp = 45000 ml | 양념장'],
  ['유기농 우유 1팩', 'milk | 1 pack = 1000 pack'],
  ['다시마 (5x5cm) 2장', 'kelp | 2 sheet = 2000 sheet | 5x5cm'],
  ['설탕 2T(30g)', 'sugar | 2 tbsp = 30000 ml | 30g'],
  ['참치 1캔', 'canned-tuna | 1 can = 1000 can'],
  ['국수 2인분', 'noodles | 2 serving = 2000 serving'],
  ['소금 약간', 'salt | some'],
  ['소금, 후추 약간씩', 'salt + black-pepper | some'],
  ['소금과 후추 약간', 'salt + black-pepper | some'],
  ['식용유 적당량', 'cooking-oil | some'],
  ['후추 취향껏', 'black-pepper | some'],
  ['홍고추 1개 (선택)', 'red-chili | 1 piece = 1000 piece | optional'],
  ['홍고추 1개(생략 가능)', 'red-chili | 1 piece = 1000 piece | optional'],
  ['(선택) 파슬리 약간', 'parsley | some | optional'],
  ['할머니표 비밀소스 2큰술', 'nothing known | 2 tbsp = 30000 ml'],
];

const english: [line: string, understood: string][] = [
  ['2 large eggs', 'egg (0.95) | 2 piece = 2000 piece'],
  ['1 cup milk', 'milk | 1 cup = 200000 ml'],
  ['1 cup 2% milk', 'milk | 1 cup = 200000 ml'],
  ['1/2 cup all-purpose flour, sifted', 'flour | 0.5 cup = 100000 ml | sifted'],
  ['½ cup sugar', 'sugar | 0.5 cup = 100000 ml'],
  ['1½ cups rice', 'rice | 1.5 cup = 300000 ml'],
  ['1½-2 cups rice', 'rice | 1.5 cup = 300000 ml'],
  ['1 ½ cups flour', 'flour | 1.5 cup = 300000 ml'],
  ['2 1/4 teaspoons sugar', 'sugar | 2.25 tsp = 11250 ml'],
  ['1 (14 oz) can chickpeas', 'chickpea | 14 oz = 396900 g'],
  ['2 (15 ounce) cans kidney beans, drained and rinsed', 'kidney-bean | 30 oz = 850500 g | drained and rinsed'],
  ['2 cloves garlic, minced', 'garlic | 2 clove = 2000 clove | minced'],
  ['1 medium onion (chopped)', 'onion | 1 piece = 1000 piece | chopped'],
  ['1 T sugar', 'sugar | 1 tbsp = 15000 ml'],
  ['1 t salt', 'salt | 1 tsp = 5000 ml'],
  ['2 Tbsp. soy sauce', 'soy-sauce | 2 tbsp = 30000 ml'],
  ['1 TSP salt', 'salt | 1 tsp = 5000 ml'],
  ['8 oz. cream cheese, softened', 'cream-cheese | 8 oz = 226800 g | softened'],
  ['1 stick butter, melted', 'butter | 1 stick = 1000 stick | melted'],
  ['1 kg of potatoes', 'potato | 1 kg = 1000000 g'],
  ['2-3 carrots', 'carrot (0.95) | 2 piece = 2000 piece'],
  ['2 to 3 carrots', 'carrot (0.95) | 2 piece = 2000 piece'],
  ['2 – 3 carrots', 'carrot (0.95) | 2 piece = 2000 piece'],
  ['low-sodium chicken stock 1 cup', 'chicken-stock | 1 cup = 200000 ml'],
  ['1/4 teaspoon black pepper (optional)', 'black-pepper | 0.25 tsp = 1250 ml | optional'],
  ['parsley, optional', 'parsley | some | optional'],
  ['salt to taste', 'salt | some'],
  ['salt and pepper', 'salt + black-pepper | some'],
  ['kosher salt & freshly ground black pepper', 'salt + black-pepper | some'],
  ['olive oil for frying', 'olive-oil | some'],
  ['SALT', 'salt | some'],
  ['1 large unicorn horn, grated', 'nothing known | 1 piece = 1000 piece | grated'],
];

/** Lines without a usable meaning; parsing them must not invent one. */
const odd: [line: string, understood: string][] = [
  ['', 'nothing known | some'],
  ['  ', 'nothing known | some'],
  ['(', 'nothing known | some'],
  ['()', 'nothing known | some'],
  [', ', 'nothing known | some'],
  ['약간', 'nothing known | some'],
  ['g', 'nothing known | some'],
  ['1', 'nothing known | 1 piece = 1000 piece'],
  ['300g', 'nothing known | 300 g = 300000 g'],
  ['물 100000ml', 'water | 100000 ml = 100000000 ml'],
];

for (const [language, table] of Object.entries({ Korean: korean, English: english, odd })) {
  describe(`${language} lines`, () => {
    for (const [line, understood] of table) test(`${line} = ${understood}`, () => assert.equal(read(line), understood));
  });
}

describe('separate names and amounts', () => {
  for (const [name, amount, understood] of [
    ['돼지고기', '600g', 'pork | 600 g = 600000 g'],
    ['두부', '반모', 'tofu | 0.5 block = 500 block'],
    ['다진마늘', '1/2T', 'garlic | 0.5 tbsp = 7500 ml'],
    ['물', '2와1/2컵', 'water | 2.5 cup = 500000 ml'],
    ['소금', '약간', 'salt | some'],
    ['소금', '', 'salt | some'],
    ['소금', undefined, 'salt | some'],
    ['물', '0g', 'water | some'],
    ['물', '1/0컵', 'water | some'],
    ['물', '100001ml', 'water | some'],
    ['물', '99999999999999999999999999999999g', 'water | some'],
    ['달걀(삶은 것)', '2개(작은 것)', 'egg | 2 piece = 2000 piece | 작은 것, 삶은 것'],
    ['3분카레', '1개', 'nothing known | 1 piece = 1000 piece'],
    ['2% 우유', '1컵', 'milk (0.7) | 1 cup = 200000 ml'],
  ] as const) {
    test(`${name}, ${amount} = ${understood}`, () =>
      assert.equal(read({ name, ...(amount !== undefined && { amount }) }), understood));
  }
});

describe('D-30: a name is kept unchanged', () => {
  for (const name of ['컵라면', 'LA갈비', '3분카레', '(냉동)새우', '［국산］ 두부', ')양파', '7분도미'] as const) {
    test(`D-30: ${name} is kept, alone and with an amount`, () => {
      assert.equal(parseLine(baseCatalogue, name).text, name);
      assert.equal(parseLine(baseCatalogue, `${name} 1개`).text, `${name} 1개`);
      assert.equal(parseLine(baseCatalogue, { name, amount: '1개' }).text, `${name} 1개`);
    });
  }

  test('D-30: cup noodles and LA ribs are matched by their whole names', () => {
    assert.equal(read('컵라면 1개'), 'ramen | 1 piece = 1000 piece');
    assert.equal(read('LA갈비 1kg'), 'beef-short-ribs | 1 kg = 1000000 g');
  });

  test('D-30: a name may start with a bracket', () =>
    assert.equal(read('(냉동)새우 10마리'), 'shrimp | 10 piece = 10000 piece | 냉동'));
});

describe('D-22: an amount is parsed as people and models write it', () => {
  for (const [amount, understood] of [
    ['300g', '300 g = 300000 g'],
    ['300그램', '300 g = 300000 g'],
    ['1큰술', '1 tbsp = 15000 ml'],
    ['1/2개', '0.5 piece = 500 piece'],
    ['0.5개', '0.5 piece = 500 piece'],
    ['약간', 'some'],
  ] as const) {
    test(`D-22: 양파 ${amount}`, () => assert.equal(read(`양파 ${amount}`), `onion | ${understood}`));
  }
});

describe('any line', () => {
  const token = fc.constantFrom(
    '양파',
    'milk',
    '소금',
    '1',
    '2',
    '1/2',
    '½',
    '1/0',
    '0',
    '.',
    ',',
    '-',
    '~',
    '(',
    ')',
    '[',
    '와',
    '과',
    '반',
    '한',
    'g',
    'T',
    ':',
    '+',
    '/',
    '·',
    '큰술',
    '컵',
    'cups',
    '약간',
    'to',
    'taste',
    ' ',
    ' ',
    '\t',
    '９',
    '⁄',
    'ㅎ',
    '\u1112\u1161',
    '\ud83c',
    '👨‍👩‍👧',
  );
  const line = fc.oneof(
    fc.array(token, { maxLength: 30, size: 'max' }).map(tokens => tokens.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.double({ noNaN: true }).map(amount => `우유 ${amount}ml`),
  );
  const written: fc.Arbitrary<WrittenLine> = fc.oneof(
    line,
    fc.record({ name: line, amount: line }, { requiredKeys: ['name'] }),
  );
  const SEEDED = { seed: 20260310, numRuns: 3000 };

  test('is parsed, and kept as written', () =>
    fc.assert(
      fc.property(written, given => {
        const whole = typeof given === 'string' ? given : [given.name, given.amount].filter(Boolean).join(' ');
        assert.equal(parseLine(baseCatalogue, given).text, whole.normalize('NFC').trim());
      }),
      SEEDED,
    ));

  test('has a positive whole amount, or none', () =>
    fc.assert(
      fc.property(written, given => {
        const { amount, base, shown, unit } = parseLine(baseCatalogue, given);
        if (amount === undefined) return assert.deepEqual([base, shown, unit], [undefined, undefined, undefined]);
        assert.ok(Number.isSafeInteger(amount) && amount > 0, `${amount}`);
        assert.ok(base && unit && shown !== undefined && shown > 0, `${shown} ${unit}`);
      }),
      SEEDED,
    ));

  test('has a confidence above 0 if and only if it has a food', () =>
    fc.assert(
      fc.property(written, given => {
        const { foodId, sure } = parseLine(baseCatalogue, given);
        assert.ok(foodId === undefined ? sure === 0 : sure > 0 && sure <= 1);
      }),
      SEEDED,
    ));

  test('means the same in any Hangul composition', () => {
    for (const [text, understood] of korean) assert.equal(read(text.normalize('NFD')), understood.normalize('NFC'));
    assert.equal(parseLine(baseCatalogue, '두부 반모'.normalize('NFD')).text, '두부 반모');
  });

  test('may be very long', () => {
    for (const part of ['(', ')', '1 ', '1/', ' ', '½', '가', 'a,', '약간 ', '(소) ', '2와'])
      assert.equal(parseLine(baseCatalogue, `두부 ${part.repeat(1000)}`).text, `두부 ${part.repeat(1000)}`.trim());
  });
});

const PUBLIC = join(process.env.KOREAN_RECIPES ?? '', 'recipe_ingredients.json');

test('of 4,820 lines of public recipes, 95 % mean a food', {
  skip: !existsSync(PUBLIC) && `KOREAN_RECIPES=<folder of the public recipes> runs this`,
}, () => {
  const lines = JSON.parse(readFileSync(PUBLIC, 'utf8').replaceAll(/\bNaN\b/g, 'null')) as {
    name: string;
    amount: string | null;
  }[];
  const known = lines.filter(
    ({ name, amount }) => parseLine(baseCatalogue, { name, ...(amount && { amount }) }).foodId !== undefined,
  );
  assert.equal(lines.length, 4820);
  assert.ok(known.length / lines.length >= 0.95, `${known.length} of ${lines.length}`);
});
