import assert from 'node:assert/strict';
import fc from 'fast-check';
import { at, built, filled, type Group, gone, put, sample, type Thing, thing } from './contract-sample.ts';
import type { Query, ReadModel, Where } from './port.ts';

const ids = (rows: readonly Thing[]) => rows.map(({ id }) => id);

export function findCases({ test, property }: Group): void {
  const five = [
    thing('a', { rank: 1, label: 'x', fresh: true, weight: 0.5 }),
    thing('b', { rank: 2, label: 'y', fresh: false, weight: 1.5 }),
    thing('c', { rank: 2, label: 'x', fresh: true }),
    thing('d', { rank: 3, label: '' }),
    thing('e'),
  ];
  const queries: Record<string, [Where<Thing>, string]> = {
    'an integer': [{ rank: 2 }, 'bc'],
    'a text': [{ label: 'x' }, 'ac'],
    'the empty text': [{ label: '' }, 'd'],
    true: [{ fresh: true }, 'ac'],
    false: [{ fresh: false }, 'b'],
    'a real number': [{ weight: 1.5 }, 'b'],
    'two columns': [{ rank: 2, label: 'x' }, 'c'],
    'more than': [{ rank: { gt: 2 } }, 'd'],
    'at least': [{ rank: { gte: 2 } }, 'bcd'],
    'less than': [{ rank: { lt: 2 } }, 'a'],
    'at most': [{ rank: { lte: 2 } }, 'abc'],
    between: [{ rank: { gt: 1, lte: 2 } }, 'bc'],
    'a range of texts': [{ label: { gte: '', lt: 'y' } }, 'acd'],
    'a range of booleans': [{ fresh: { gte: false } }, 'abc'],
    'a range and a value': [{ rank: { gte: 2 }, label: 'x' }, 'c'],
    'a range without bounds': [{ rank: {} }, 'abcde'],
    nothing: [{}, 'abcde'],
    'one of several values': [{ rank: { in: [1, 3, 9] } }, 'ad'],
    'one of several texts': [{ label: { in: ['y', '', "' OR 1"] } }, 'bd'],
    'one of both booleans': [{ fresh: { in: [true, false] } }, 'abc'],
    'one of several real numbers': [{ weight: { in: [0.5, 1.5] } }, 'ab'],
    'the same value twice': [{ rank: { in: [2, 2] } }, 'bc'],
    'one of no values': [{ rank: { in: [] } }, ''],
    'an absent value': [{ rank: { absent: true } }, 'e'],
    'a present value': [{ rank: { absent: false } }, 'abcd'],
    'an absent required value': [{ size: { absent: true } }, ''],
    'an absent boolean, not a false one': [{ fresh: { absent: true } }, 'de'],
    'an absent text, not an empty one': [{ label: { absent: true } }, 'e'],
    'two conditions on one column': [{ rank: { in: [1, 2], gt: 1 } }, 'bc'],
    'contradictory conditions on one column': [{ rank: { in: [1, 2], absent: true } }, ''],
    'conditions on two columns': [{ rank: { in: [2, 3] }, fresh: { absent: false } }, 'bc'],
    'a value that no row has': [{ label: 'z' }, ''],
    'a text with SQL in it': [{ label: `x' OR '1'='1` }, ''],
  };
  for (const [title, [where, found]] of Object.entries(queries)) {
    test(`by ${title}`, async t => {
      const model = await filled(t, five);
      assert.equal(ids(await model.find({ where })).join(''), found);
      assert.equal(await model.count(where), found.length);
    });
  }

  test('without orderBy, rows are sorted by key', async t => {
    const model = await filled(t, [thing('b'), thing('a'), thing('B'), thing('é'), thing('z')]);
    assert.deepEqual(ids(await model.find()), ['B', 'a', 'b', 'z', 'é']);
    assert.deepEqual(ids(await model.find({ direction: 'desc', limit: 2 })), ['é', 'z']);
    assert.deepEqual(ids(await model.find({ after: [undefined, 'a'] })), ['b', 'z', 'é']);
    assert.deepEqual(ids(await model.find({ direction: 'desc', after: [undefined, 'b'] })), ['a', 'B']);
  });

  test('rows without a value sort first, equal values by key', async t => {
    const model = await filled(t, five);
    assert.deepEqual(ids(await model.find({ orderBy: 'rank' })), ['e', 'a', 'b', 'c', 'd']);
    assert.deepEqual(ids(await model.find({ orderBy: 'rank', direction: 'desc' })), ['d', 'c', 'b', 'a', 'e']);
    assert.deepEqual(ids(await model.find({ orderBy: 'fresh' })), ['d', 'e', 'b', 'a', 'c']);
  });

  for (const direction of ['asc', 'desc'] as const) {
    const way = (...all: string[]) => (direction === 'asc' ? all : all.reverse());

    test(`rows with a value, then rows without one, in pages, ${direction}`, async t => {
      const model = await filled(t, [...five, thing('f')]);
      const order = { orderBy: 'rank', direction } as const;
      const dated = { where: { rank: { absent: false } }, ...order } as const;
      const undated = { where: { rank: { absent: true } }, direction } as const;
      assert.deepEqual(ids(await model.find(dated)), way('a', 'b', 'c', 'd'));
      assert.deepEqual(ids(await model.find(undated)), way('e', 'f'));
      for (const limit of [1, 2, 3]) {
        assert.deepEqual(ids(await walk(model, { ...dated, limit })), way('a', 'b', 'c', 'd'));
        assert.deepEqual(ids(await walk(model, { ...undated, limit })), way('e', 'f'));
      }
    });

    test(`a page within bounds on the sort column, ${direction}`, async t => {
      const model = await filled(t, five);
      const bounded = { where: { rank: { gte: 2, lte: 3 } }, orderBy: 'rank', direction } as const;
      for (const limit of [1, 2, 3])
        assert.deepEqual(ids(await walk(model, { ...bounded, limit })), way('b', 'c', 'd'));
      const outside = direction === 'asc' ? ([1, 'a'] as const) : ([4, 'z'] as const);
      assert.deepEqual(ids(await model.find({ ...bounded, after: outside })), way('b', 'c', 'd'));
    });
  }

  test('texts compare by the bytes of their UTF-8', async t => {
    // U+FFFD is below the emoji in UTF-8 and above it in UTF-16.
    const texts = ['', ' ', 'A', 'Z', 'a', 'a ', 'aa', 'b', 'e\u0301', 'z', 'é', '漢', '\uFFFD', '😀'];
    const rows = texts.map((label, i) => thing(`key-${99 - i}`, { label }));
    const model = await filled(t, rows);
    assert.deepEqual(
      (await model.find({ orderBy: 'label' })).map(({ label }) => label),
      texts,
    );
    assert.deepEqual(
      (await model.find({ where: { label: { gt: '\uFFFD' } } })).map(({ label }) => label),
      ['😀'],
    );
  });

  test('a page continues after a row that was deleted meanwhile', async t => {
    const model = await filled(t, five);
    const page: Query<Thing> = { orderBy: 'rank', after: [2, 'b'], limit: 1 };
    await model.commit([gone(2, 'b')], [], at(1), at(2));
    assert.deepEqual(ids(await model.find(page)), ['c']);
  });

  test('a limit of 0 returns no rows', async t => {
    const model = await filled(t, five);
    assert.deepEqual(await model.find({ limit: 0 }), []);
  });

  test('deleted rows are neither found nor counted', async t => {
    const model = await filled(t, five);
    await model.commit([gone(2, 'a'), gone(2, 'e')], [], at(1), at(2));
    assert.deepEqual(ids(await model.find({ orderBy: 'rank' })), ['b', 'c', 'd']);
    assert.deepEqual(ids(await model.find({ where: { label: 'x' } })), ['c']);
    assert.equal(await model.count(), 3);
    assert.equal(await model.count({ label: 'x' }), 1);
  });

  property('any query is answered as the port defines', async t => {
    const { models } = t;
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        mostlyAll,
        anyOrder,
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (rows, where, order, limit, served) => {
          const model = await built(models, sample, ++generation);
          await model.commit(put(1, ...rows), [], undefined, at(1));
          if (served) await models.serve(sample, generation); // only a served generation has its indexes
          const expected = inOrder(
            rows.filter(row => matches(row, where)),
            order,
          );
          assert.deepEqual(await model.find({ where, ...order }), expected);
          assert.equal(await model.count(where), expected.length);
          assert.deepEqual(await walk(model, { where, ...order, limit }), expected);
          await models.drop(sample, generation);
        },
      ),
      { seed: 20260310, numRuns: 300 },
    );
  });
}

/** Reads all pages in sequence. */
export async function walk(model: ReadModel<Thing>, query: Query<Thing>): Promise<Thing[]> {
  const all: Thing[] = [];
  for (;;) {
    const last = all.at(-1);
    const value = query.orderBy && (last?.[query.orderBy] as string | undefined);
    const page = await model.find({ ...query, ...(last && { after: [value, last.id] as const }) });
    all.push(...page);
    if (page.length < query.limit!) return all;
    assert.ok(all.length <= 100, 'the pages do not end');
  }
}

type Order = Pick<Query<Thing>, 'orderBy' | 'direction'>;
const SORTED = ['id', 'size', 'label', 'rank', 'weight', 'fresh', 'order'] as const;

const POOL = ['', ' ', 'a', 'A', 'a ', 'aa', 'é', 'e\u0301', '\uFFFD', '😀', "'", '"', '%', '0', '10', '9'];
const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...POOL) },
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const anyInteger = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -2, max: 2 }) }, fc.maxSafeInteger());
const anyReal = fc
  .oneof(fc.constantFrom(-1.5, 0, 0.1, 2), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map(value => value + 0); // without negative zero, which JSON and SQL lack
const anyRow = fc.record(
  {
    id: anyText,
    size: anyInteger,
    label: anyText,
    rank: anyInteger,
    weight: anyReal,
    fresh: fc.boolean(),
    order: anyText,
  },
  { requiredKeys: ['id', 'size'], noNullPrototype: true },
);
/** Random rows, conditions and orders, as the questions of the property have them. */
export const anyRows = fc.uniqueArray(anyRow, { selector: ({ id }) => id, maxLength: 25, size: 'max' });

const conditionOn = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    value,
    fc.record(
      { gt: value, gte: value, lt: value, lte: value, in: fc.array(value, { maxLength: 4 }), absent: fc.boolean() },
      { requiredKeys: [], noNullPrototype: true },
    ),
  );
const conditions = {
  id: conditionOn(anyText),
  size: conditionOn(anyInteger),
  label: conditionOn(anyText),
  rank: conditionOn(anyInteger),
  weight: conditionOn(anyReal),
  fresh: conditionOn(fc.boolean()),
};
// At most two conditions, because more would match hardly any row.
const anyWhere = fc
  .tuple(fc.record(conditions), fc.subarray(Object.keys(conditions), { maxLength: 2 }))
  .map(([all, chosen]) => Object.fromEntries(Object.entries(all).filter(([column]) => chosen.includes(column))))
  .map(where => where as Where<Thing>);
export const mostlyAll = fc.oneof({ weight: 2, arbitrary: fc.constant<Where<Thing>>({}) }, anyWhere);
export const anyOrder: fc.Arbitrary<Order> = fc.record(
  { orderBy: fc.constantFrom(...SORTED), direction: fc.constantFrom('asc' as const, 'desc' as const) },
  { requiredKeys: [], noNullPrototype: true },
);

export function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return a === b ? 0 : Number(a) < Number(b) ? -1 : 1;
}

function inOrder(rows: readonly Thing[], { orderBy, direction }: Order): Thing[] {
  const sign = direction === 'desc' ? -1 : 1;
  return rows.toSorted((a, b) => {
    const first = orderBy ? compareValues(a[orderBy], b[orderBy]) : 0;
    return sign * (first || compareValues(a.id, b.id));
  });
}

export function matches(row: Thing, where: Where<Thing>): boolean {
  return Object.entries(where).every(([column, wanted]) => {
    const value = row[column as keyof Thing];
    if (typeof wanted !== 'object') return value === wanted;
    return Object.entries(wanted).every(([operator, bound]) => {
      if (operator === 'absent') return bound === (value === undefined);
      if (value === undefined) return false;
      if (operator === 'in') return bound.includes(value);
      const order = compareValues(value, bound);
      if (operator === 'gt') return order > 0;
      if (operator === 'gte') return order >= 0;
      return operator === 'lt' ? order < 0 : order <= 0;
    });
  });
}
