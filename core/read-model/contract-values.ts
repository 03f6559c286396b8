import assert from 'node:assert/strict';
import { at, built, filled, type Group, gone, parkedOf, put, sample, type Thing, thing } from './contract-sample.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** Texts that are known to break stores. */
const TEXTS = {
  'no characters': '',
  'trailing spaces': 'milk  ',
  'quotes and SQL': `'); DROP TABLE "things"; -- \\ \` ? :a $b % _`,
  'operators of a document store': '{"$gt": ""}',
  emoji: '👩🏽‍🍳🥕🇩🇪',
  'composed letters': 'crème brûlée',
  'decomposed letters': 'crème brûlée'.normalize('NFD'),
  'several scripts': 'Ελλάδα Привет 漢字 עברית عربي',
  'lines and tabs': 'a\r\nb\tc\n',
  'a NUL character': 'a\0b',
  'the highest character': '\u{10FFFF}\uFFFF',
  '100,000 characters': 'ä€😀x'.repeat(20_000),
};

const VALUES: Record<string, Partial<Thing>> = {
  'the largest integer': { rank: LARGEST, size: -LARGEST },
  'zero in every column': { rank: 0, size: 0, weight: 0 },
  'an inexact fraction': { weight: 0.1 + 0.2 },
  'a very large number': { weight: 1.7976931348623157e308 },
  'a very small number': { weight: 5e-324 },
  'a whole number in a real column': { weight: 3 },
  true: { fresh: true },
  false: { fresh: false },
  'an object': { extra: { a: [1, -2.5, LARGEST, 'é"\'', true, null, { b: {} }], '': 0, $x: { 'a.b': 1 } } },
  'an empty list': { extra: [] },
  'a text as JSON': { extra: '"quoted" 😀' },
  'a number as JSON': { extra: 0 },
  'false as JSON': { extra: false },
  'a column named by an SQL keyword': { order: 'by' },
};

export function valueCases({ test, sharing }: Group): void {
  for (const [title, values] of Object.entries(VALUES)) {
    test(`a row keeps ${title}`, async t => {
      const model = await filled(t, [thing('a', values), thing('b')]);
      assert.deepEqual((await model.load(['a'])).get('a')?.row, thing('a', values));
      assert.deepEqual(await model.find(), [thing('a', values), thing('b')]);
    });
  }

  for (const [title, value] of Object.entries(TEXTS)) {
    test(`a text keeps ${title}, and is found by it`, async t => {
      const row = thing('a', { label: value, order: value, extra: [value] });
      const model = await filled(t, [row, thing('b', { label: `${value}b` }), thing('c')]);
      assert.deepEqual((await model.load(['a'])).get('a')?.row, row);
      assert.deepEqual(await model.find({ where: { label: value } }), [row]);
      assert.equal(await model.count({ label: value }), 1);
    });
  }

  test('any text can be a key', async t => {
    const keys = Object.values(TEXTS).filter(value => value.length < 200);
    const model = await filled(
      t,
      keys.map(key => thing(key, { label: key })),
    );
    assert.deepEqual(
      [...(await model.load(keys))].map(([key, { row }]) => [key, row?.id]).toSorted(),
      keys.map(key => [key, key]).toSorted(),
    );
    await model.commit([gone(2, keys[0]!)], [], at(1), at(2));
    assert.equal(await model.count(), keys.length - 1);
  });

  test('keys and texts that only look alike are different', async t => {
    const alike = ['milk', 'Milk', 'milk ', ' milk', 'milk\0', 'é', 'é'.normalize('NFD'), 'e', 'ß', 'ss', '1', '01'];
    const model = await filled(
      t,
      alike.map((key, size) => thing(key, { label: key, size })),
    );
    assert.equal(await model.count(), alike.length);
    for (const [size, key] of alike.entries()) {
      assert.equal((await model.load([key])).get(key)?.row?.size, size);
      assert.deepEqual(await model.find({ where: { label: key } }), [thing(key, { label: key, size })]);
    }
  });

  test('an absent field is missing from the row', async t => {
    const model = await filled(t, [thing('a')]);
    const [row] = await model.find();
    assert.deepEqual(Object.keys(row!).toSorted(), ['id', 'size']);
    assert.deepEqual(Object.keys((await model.load(['a'])).get('a')!.row!).toSorted(), ['id', 'size']);
  });

  test('an undefined field counts as absent', async t => {
    const row = { ...thing('a'), label: undefined, extra: undefined } as unknown as Thing;
    const model = await filled(t, [row]);
    assert.deepEqual(await model.find(), [thing('a')]);
  });

  test('a field that a newer row lacks is removed', async t => {
    const full = thing('a', { label: 'x', rank: 1, weight: 1, fresh: true, extra: {}, order: 'y' });
    const model = await filled(t, [full]);
    await model.commit(put(2, thing('a')), [], at(1), at(2));
    assert.deepEqual(await model.find(), [thing('a')]);
  });

  test('positions and counters reach the largest integer', async t => {
    const model = await filled(t);
    const parked = { key: 'x', position: LARGEST, error: 'oops', skipped: LARGEST };
    await model.commit(put(LARGEST, thing('a')), [parked], undefined, at(LARGEST));
    assert.deepEqual(await model.checkpoint(), at(LARGEST));
    assert.equal((await model.load(['a'])).get('a')?.position, LARGEST);
    assert.deepEqual(await parkedOf(model), [parked]);
  });

  test('a commit and a load hold thousands of rows', async t => {
    const rows = Array.from({ length: 5000 }, (_, i) => thing(`key-${String(i).padStart(5, '0')}`, { rank: i }));
    const model = await filled(t, rows);
    assert.equal((await model.load(rows.map(({ id }) => id))).size, rows.length);
    assert.deepEqual(await model.find(), rows);
  });

  sharing('values are unchanged when the store is reopened', async t => {
    const { models, reopen } = t;
    const rows = Object.values(VALUES).map((values, i) => thing(`row-${String(i).padStart(2, '0')}`, values));
    await (await built(models, sample, 0)).commit(put(1, ...rows), [], undefined, at(1));
    await models.close();
    assert.deepEqual(await (await (await reopen()).generation(sample, 0)).find(), rows);
  });
}
