import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fromBase, knownUnit, toBase, unitLabel, unitOf } from './units.ts';

const SEEDED = { seed: 20260310, numRuns: 500 };
const CODES =
  'mg g kg oz lb ml cl dl l tsp tbsp cup piece bunch pinch handful can pack bag bottle slice sheet leaf clove block stalk stick head chunk bowl tray serving'.split(
    ' ',
  );

describe('a word as a unit', () => {
  for (const [spelling, code] of [
    ['그램', 'g'],
    ['g', 'g'],
    ['grams', 'g'],
    ['Kg', 'kg'],
    ['KILOGRAMS', 'kg'],
    ['온스', 'oz'],
    ['lbs', 'lb'],
    ['cc', 'ml'],
    ['L', 'l'],
    ['ℓ', 'l'],
    ['㎖', 'ml'],
    ['㎏', 'kg'],
    ['㎎', 'mg'],
    ['ｇ', 'g'],
    ['스틱', 'stick'],
    ['리터', 'l'],
    ['dl', 'dl'],
    ['centilitres', 'cl'],
    ['gallons', 'gallon'],
    ['dozen', 'dozen'],
    ['다스', 'dozen'],
    ['jar', 'bottle'],
    ['boxes', 'pack'],
    ['sprigs', 'stalk'],
    ['작은술', 'tsp'],
    ['teaspoon', 'tsp'],
    ['큰술', 'tbsp'],
    ['숟가락', 'tbsp'],
    ['Tablespoons', 'tbsp'],
    ['컵', 'cup'],
    ['Cups', 'cup'],
    ['개', 'piece'],
    ['마리', 'piece'],
    ['pcs', 'piece'],
    ['단', 'bunch'],
    ['꼬집', 'pinch'],
    ['tins', 'can'],
    ['팩', 'pack'],
    ['봉지', 'bag'],
    ['병', 'bottle'],
    ['장', 'sheet'],
    ['leaves', 'leaf'],
    ['쪽', 'clove'],
    ['모', 'block'],
    ['대', 'stalk'],
    ['포기', 'head'],
    ['토막', 'chunk'],
    ['공기', 'bowl'],
    ['판', 'tray'],
    ['인분', 'serving'],
  ] as const) {
    test(`${spelling} is ${code}`, () => assert.equal(unitOf(spelling).code, code));
  }

  test('a code means itself', () =>
    assert.deepEqual(
      CODES.map(code => unitOf(code).code),
      CODES,
    ));

  test('T is a tablespoon and t a teaspoon', () =>
    assert.deepEqual([unitOf('T').code, unitOf('t').code], ['tbsp', 'tsp']));

  test('the same with a full stop', () => assert.deepEqual([unitOf('T.').code, unitOf('t.').code], ['tbsp', 'tsp']));

  test('no other unit depends on case', () =>
    assert.deepEqual(
      CODES.map(code => unitOf(code.toUpperCase()).code),
      CODES,
    ));

  test('a full stop and spaces around do not matter', () =>
    assert.deepEqual([unitOf(' tsp. ').code, unitOf('Oz.').code, unitOf('큰술 ').code], ['tsp', 'oz', 'tbsp']));

  test('Hangul composition does not matter', () =>
    assert.deepEqual(
      ['큰술', '작은술', '킬로그램'].map(word => unitOf(word.normalize('NFD')).code),
      ['tbsp', 'tsp', 'kg'],
    ));

  test('one character for two letters equals those letters, for knownUnit too', () =>
    assert.deepEqual([knownUnit('㎖'), knownUnit('㎏.'), unitOf('㎖')], [unitOf('ml'), unitOf('kg'), unitOf('ml')]));

  test('an unknown word is a counted unit of that name', () =>
    assert.deepEqual(unitOf('항아리'), { code: '항아리', base: '항아리', perUnit: 1000 }));

  test('an unknown word is the same unit in any case and composition', () => {
    assert.deepEqual(unitOf(' Crate '), { code: 'crate', base: 'crate', perUnit: 1000 });
    assert.deepEqual(unitOf('항아리'.normalize('NFD')), unitOf('항아리'));
  });

  test('a word from Object.prototype is an unknown unit', () =>
    assert.deepEqual(unitOf('constructor'), { code: 'constructor', base: 'constructor', perUnit: 1000 }));

  test('known units can be distinguished from other words', () => {
    assert.equal(knownUnit('큰술')?.code, 'tbsp');
    assert.equal(knownUnit('항아리'), undefined);
    assert.equal(knownUnit(''), undefined);
  });
});

describe('how units compare', () => {
  const inBase = (amount: number, spelling: string) => {
    const unit = unitOf(spelling);
    return [toBase(amount, unit), unit.base];
  };

  test('masses are in thousandths of a gram', () =>
    assert.deepEqual(
      [inBase(1, 'mg'), inBase(1, 'g'), inBase(1.5, 'kg')],
      [
        [1, 'g'],
        [1000, 'g'],
        [1_500_000, 'g'],
      ],
    ));

  test('sixteen ounces equal a pound', () => {
    assert.deepEqual(inBase(1, 'lb'), [453_600, 'g']);
    assert.deepEqual(inBase(16, 'oz'), inBase(1, 'lb'));
  });

  test('spoons and cups are metric', () =>
    assert.deepEqual(
      [inBase(1, 'tsp'), inBase(1, 'tbsp'), inBase(1, 'cup'), inBase(1, 'l')],
      [
        [5000, 'ml'],
        [15_000, 'ml'],
        [200_000, 'ml'],
        [1_000_000, 'ml'],
      ],
    ));

  test('counted units compare only with themselves', () => {
    const counted = CODES.filter(code => !['g', 'ml'].includes(unitOf(code).base));
    for (const code of counted) assert.deepEqual(unitOf(code), { code, base: code, perUnit: 1000 });
    assert.equal(counted.length, CODES.length - 12);
  });

  test('a dozen equals twelve pieces', () =>
    assert.deepEqual(unitOf('dozen'), { code: 'dozen', base: 'piece', perUnit: 12_000 }));

  test('every unit is a whole number of thousandths', () => {
    for (const code of CODES) assert.ok(Number.isSafeInteger(unitOf(code).perUnit) && unitOf(code).perUnit > 0, code);
  });
});

describe('decimals outside, whole numbers inside', () => {
  const code = fc.constantFrom(...CODES);

  test('an amount is preserved to three places', () =>
    fc.assert(
      fc.property(code, fc.integer({ min: 1, max: 1_000_000_000 }), (spelling, thousandths) => {
        const unit = unitOf(spelling);
        fc.pre(unit.perUnit % 1000 === 0); // excludes mg, oz and lb
        const amount = thousandths / 1000;
        assert.equal(fromBase(toBase(amount, unit), unit.perUnit), amount);
      }),
      SEEDED,
    ));

  test('no amount is off by more than half a thousandth of its base unit', () =>
    fc.assert(
      fc.property(code, fc.double({ min: 0, max: 1e6, noNaN: true }), (spelling, amount) => {
        const { perUnit } = unitOf(spelling);
        const shown = 1e-6;
        assert.ok(Math.abs(fromBase(toBase(amount, { perUnit }), perUnit) - amount) <= 0.5 / perUnit + shown);
      }),
      SEEDED,
    ));

  test('the stored amount can be restored from the shown one', () =>
    fc.assert(
      fc.property(code, fc.integer({ min: 0, max: 1e12 }), (spelling, inside) => {
        const unit = unitOf(spelling);
        assert.equal(toBase(fromBase(inside, unit.perUnit), unit), inside);
      }),
      SEEDED,
    ));

  test('a shown amount has at most six places', () =>
    fc.assert(
      fc.property(code, fc.integer({ min: 0, max: 1e9 }), (spelling, inside) => {
        const shown = fromBase(inside, unitOf(spelling).perUnit);
        assert.equal(shown, Number(shown.toFixed(6)));
      }),
      SEEDED,
    ));

  test('stored amounts are whole numbers', () =>
    fc.assert(
      fc.property(code, fc.double({ min: 0, max: 1e6, noNaN: true }), (spelling, amount) => {
        assert.ok(Number.isSafeInteger(toBase(amount, unitOf(spelling))));
      }),
      SEEDED,
    ));

  test('a third of a cup is stored to a thousandth of a millilitre', () =>
    assert.equal(fromBase(toBase(1 / 3, unitOf('컵')), unitOf('컵').perUnit), 0.333335));
});

describe('the label of a unit', () => {
  test('is its code in English', () =>
    assert.deepEqual(
      CODES.map(code => unitLabel(code, 'en')),
      CODES,
    ));

  test('is Hangul in Korean, except for units written in Latin letters', () =>
    assert.deepEqual(
      CODES.filter(code => !/^[가-힣]+$/.test(unitLabel(code, 'ko'))),
      ['mg', 'g', 'kg', 'oz', 'lb', 'ml', 'cl', 'dl', 'l'],
    ));

  test('is parsed as the same unit again', () =>
    assert.deepEqual(
      CODES.map(code => unitOf(unitLabel(code, 'ko')).code),
      CODES,
    ));

  test('is the name of an unknown unit', () => assert.equal(unitLabel('항아리', 'en'), '항아리'));
});
