import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, built, put, sample, type Thing } from '../../core/read-model/contract-sample.ts';
import type { Query } from '../../core/read-model/port.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import { emptySchema, noMariaDb, SERVER } from '../support/mariadb.ts';

/** Longer than, shorter than and just as long as what MariaDB's indexes hold of a text, in units of one to four bytes. */
const LONG = ['a', 'é', '김', '😀', '\uFFFD'].flatMap(unit => [62, 63, 64, 65, 70].map(count => unit.repeat(count)));
const POOL = [
  ...['', ' ', '김치', '김', '깁', '감자', '가', '각', '힣', '김치'.normalize('NFD'), '가'.normalize('NFD')],
  ...[
    'é',
    'e\u0301',
    'É',
    'E',
    'e',
    'a',
    'A',
    'a ',
    'ß',
    'ss',
    'İ',
    'i',
    '漢',
    '\uFFFD',
    '😀',
    '%',
    '_',
    "'",
    '\\',
    '\\0',
  ],
];
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...POOL) },
  { weight: 2, arbitrary: fc.constantFrom(...LONG) },
  fc.tuple(fc.constantFrom(...LONG), fc.constantFrom(...POOL)).map(parts => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const integer = fc.integer({ min: -2, max: 2 });
const real = fc.constantFrom(-1.5, 0, 0.1, 0.1 + 0.2, 2);
const row: fc.Arbitrary<Thing> = fc.record(
  {
    id: text.map(value => value.slice(0, 60).toWellFormed()),
    size: integer,
    label: text,
    rank: integer,
    weight: real,
    fresh: fc.boolean(),
    order: text,
  },
  { requiredKeys: ['id', 'size'], noNullPrototype: true },
);
const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 25, size: 'max' });

const condition = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    value,
    fc.record(
      { gt: value, gte: value, lt: value, lte: value, in: fc.array(value, { maxLength: 3 }), absent: fc.boolean() },
      { requiredKeys: [], noNullPrototype: true },
    ),
  );
const question: fc.Arbitrary<Query<Thing>> = fc
  .record(
    {
      where: fc.oneof(
        fc.constant({}),
        ...Object.entries({ label: text, order: text, rank: integer, weight: real }).map(([column, value]) =>
          condition(value as fc.Arbitrary<never>).map(wanted => ({ [column]: wanted })),
        ),
      ),
      orderBy: fc.constantFrom('id', 'size', 'label', 'rank', 'weight', 'fresh', 'order'),
      direction: fc.constantFrom('asc', 'desc'),
      limit: fc.integer({ min: 1, max: 6 }),
      after: fc.tuple(fc.option(text, { nil: undefined }), text),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  // A cursor is a value of the column that is sorted by.
  .map(
    ({ after, ...query }) =>
      (query.orderBy === 'label' || query.orderBy === 'order' ? { ...query, ...(after && { after }) } : query) as never,
  );

describe('read models in MariaDB', noMariaDb, () => {
  test(`answer every question, row by row, as those in SQLite do (${SERVER})`, async t => {
    const { keep } = testFolder(t);
    const { url, drop } = await emptySchema();
    t.after(drop);
    const stores = [keep(sqliteReadModels(':memory:')), keep(await mariaDbReadModels(url))];
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(question, { minLength: 8, maxLength: 8 }),
        fc.boolean(),
        async (all, asked, isServed) => {
          generation++;
          const [sqlite, mariaDb] = await Promise.all(
            stores.map(async store => {
              const model = await built(store, sample, generation);
              await model.commit(put(1, ...all), [], undefined, at(1));
              if (isServed) await store.serve(sample, generation);
              return model;
            }),
          );
          for (const query of asked) {
            assert.deepEqual(await mariaDb!.find(query), await sqlite!.find(query));
            assert.deepEqual(
              await pages(mariaDb!.find.bind(mariaDb), query),
              await pages(sqlite!.find.bind(sqlite), query),
            );
            assert.equal(await mariaDb!.count(query.where), await sqlite!.count(query.where));
          }
          for (const store of stores) await store.drop(sample, generation);
        },
      ),
      { seed: 20261129, numRuns: 150 },
    );
  });
});

/** All rows of a question, page by page. */
async function pages(find: (query: Query<Thing>) => Promise<readonly Thing[]>, query: Query<Thing>): Promise<Thing[]> {
  const all: Thing[] = [];
  for (let { after } = query; ; ) {
    const page = await find({ ...query, limit: 3, ...(after && { after }) });
    all.push(...page);
    if (page.length < 3) return all;
    const last = page.at(-1)!;
    after = [query.orderBy && (last[query.orderBy] as string | undefined), last.id];
    assert.ok(all.length < 100, 'the pages do not end');
  }
}
