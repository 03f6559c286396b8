import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Query } from '../../core/read-model/port.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { sortKey } from '../../domain/sort-key.ts';
import { statuses, statusOn } from '../../domain/status.ts';
import { milk } from '../../events/testing.ts';
import { ingredients } from '../../projections/ingredients.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import { countSql, findSql, quoted } from '../../stores/read-models/sqlite-query.ts';
import { fridgesApi, sortFields } from './fridges.api.ts';
import { type IngredientRow, type ListQuery, page, type Rows } from './listing.ts';

const TODAY = '2026-03-10';
const SOON = 5;
const kitchen = { today: TODAY, dueSoonDays: SOON };
const served = ingredients;
const table = { name: quoted(`ingredients@${ingredients.version}#0`), columns: ingredients.columns };
const sorts = sortFields.flatMap(field => [field, `-${field}`] as const);
const ids = (rows: readonly IngredientRow[]) => rows.map(({ ingredientId }) => ingredientId);

const queryOf = (query: Partial<ListQuery> = {}): ListQuery =>
  fridgesApi.list.input.parse({ fridgeId: 'f1', ...query }) as ListQuery;

function row(ingredientId: string, values: Partial<IngredientRow> = {}): IngredientRow {
  const { dueDate: _date, dueType: _type, dueDateSource: _source, foodId: _food, ...plain } = milk;
  const { name = plain.name } = values;
  return {
    ...plain,
    ...{ ingredientId, fridgeId: 'f1', present: true, nameKey: sortKey(name) },
    ...{ addedAt: '2026-03-10T00:00:00.000Z', addedBy: 'mina', revision: 1 },
    ...values,
  };
}

/** The view of the ingredients with its indexes, filled with rows. */
async function viewOf(t: TestContext, rows: readonly IngredientRow[]) {
  const { path, keep } = testFolder(t);
  const models = keep(sqliteReadModels(path('views.db')));
  await models.build(ingredients, 0);
  const model = await models.generation(ingredients, 0);
  const changes = rows.map(one => ({ key: one.ingredientId, position: 1, row: one }));
  await model.commit(changes, [], undefined, { log: 'log-a', position: 1 });
  await models.serve(served, 0);
  return { model, file: path('views.db') };
}

/** All pages of a list, one after the other. */
async function walk(view: Rows, query: Partial<ListQuery>) {
  const rows: IngredientRow[] = [];
  const totals = new Set<number | undefined>();
  const { limit } = queryOf(query);
  for (let cursor: string | undefined; ; ) {
    const found = await page(baseCatalogue, view, { ...queryOf({ ...query, cursor }), ...kitchen });
    rows.push(...found.rows);
    totals.add(found.total);
    if (found.nextCursor === undefined) return { rows, totals: [...totals] };
    assert.equal(found.rows.length, limit);
    assert.ok(rows.length <= 200, 'the pages do not end');
    cursor = found.nextCursor;
  }
}

const day = fc.constantFrom('2025-12-31', '2026-03-09', TODAY, '2026-03-15', '2026-03-16', '2027-01-01');
const anyRow = fc.record({
  name: fc.constantFrom('milk', 'mïlk', 'Soy', 'Äpfel', 'apple', '우유', '두부', '🥛', 'Z', '"'),
  fridgeId: fc.constantFrom('f1', 'f1', 'f1', 'f2'),
  present: fc.constantFrom(true, true, true, false),
  due: fc.option(fc.record({ dueDate: day, dueType: fc.constantFrom('best_before' as const, 'use_by' as const) })),
  place: fc.constantFrom('fridge', 'freezer', 'pantry'),
  foodId: fc.constantFrom(undefined, 'milk', 'tofu'),
  addedAt: fc.constantFrom('2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'),
});
const anyRows = fc.array(anyRow, { maxLength: 40, size: 'max' }).map(rows =>
  rows.map(({ due, foodId, ...values }, i) =>
    // ids in another order than the rows
    row(`id-${(i * 7) % 41}`, { ...values, ...due, ...(foodId && { foodId }) }),
  ),
);
const anyFilters = {
  status: fc.constantFrom(...statuses),
  place: fc.constantFrom('fridge', 'freezer', 'nowhere'),
  food: fc.constantFrom('milk', 'tofu'),
  search: fc.constantFrom('MILK', 'pp', '두부', '"', 'tofu'),
};
// Few filters at a time, or hardly any row would be found.
const anyQuery = fc
  .tuple(
    fc.record({ sort: fc.constantFrom(...sorts), limit: fc.integer({ min: 1, max: 9 }) }),
    fc.record(anyFilters),
    fc.subarray(Object.keys(anyFilters), { maxLength: 2 }),
  )
  .map(([query, filters, chosen]) => ({
    ...query,
    ...(Object.fromEntries(Object.entries(filters).filter(([field]) => chosen.includes(field))) as Partial<ListQuery>),
  }));

/** The list as the contract describes it, plainly. */
function expected(rows: readonly IngredientRow[], { sort, status, place, food, search }: Partial<ListQuery>) {
  const column = ({ name: 'nameKey' } as Record<string, string>)[sort!.replace('-', '')] ?? sort!.replace('-', '');
  const sign = sort!.startsWith('-') ? -1 : 1;
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const foodOf: Record<string, string> = { MILK: 'milk', 두부: 'tofu', tofu: 'tofu' };
  return rows
    .filter(one => one.fridgeId === 'f1' && one.present)
    .filter(one => status === undefined || statusOn(TODAY, one, SOON).status === status)
    .filter(one => place === undefined || one.place === place)
    .filter(one => food === undefined || one.foodId === food)
    .filter(one => !search || one.name.includes(search.toLowerCase()) || foodOf[search] === (one.foodId ?? ''))
    .sort((a, b) => {
      const [x, y] = [a, b].map(one => one[column as keyof IngredientRow] as string | undefined);
      if ((x === undefined) !== (y === undefined)) return x === undefined ? 1 : -1;
      return sign * (bytes(x ?? '', y ?? '') || bytes(a.ingredientId, b.ingredientId));
    });
}

describe('the pages of a list', () => {
  test('hold every row once, in order, whatever it is narrowed and sorted by', async t => {
    const { keep } = testFolder(t);
    let generation = 0;
    let found = 0;
    await fc.assert(
      fc.asyncProperty(anyRows, anyQuery, async (rows, query) => {
        const models = keep(sqliteReadModels(':memory:'));
        await models.build(ingredients, ++generation);
        const model = await models.generation(ingredients, generation);
        const changes = rows.map(one => ({ key: one.ingredientId, position: 1, row: one }));
        await model.commit(changes, [], undefined, { log: 'log-a', position: 1 });
        await models.serve(served, generation);
        const all = expected(rows, query);
        const pages = await walk(model, query);
        assert.deepEqual(ids(pages.rows), ids(all));
        assert.deepEqual(pages.totals, [query.search === undefined ? all.length : undefined]);
        await models.close();
        if (all.length > query.limit) found++;
      }),
      { seed: 20260310, numRuns: 400 },
    );
    assert.ok(found > 100, `only ${found} lists had several pages`);
  });

  test('go on where rows come and go meanwhile', async t => {
    const { model } = await viewOf(
      t,
      ['a', 'b', 'c', 'd', 'e'].map(id => row(id, { dueDate: TODAY })),
    );
    const first = await page(baseCatalogue, model, { ...queryOf({ limit: 2 }), ...kitchen });
    const used = { key: 'b', position: 2, row: row('b', { present: false }) };
    const put = { key: 'cc', position: 2, row: row('cc', { dueDate: TODAY }) };
    const undated = { key: 'd', position: 2, row: row('d') };
    await model.commit([used, put, undated], [], { log: 'log-a', position: 1 }, { log: 'log-a', position: 2 });
    const { nextCursor: cursor } = first;
    const rest = await page(baseCatalogue, model, { ...queryOf({ cursor }), ...kitchen });
    assert.deepEqual([ids(first.rows), ids(rest.rows), rest.total], [['a', 'b'], ['c', 'cc', 'e', 'd'], 5]);
  });
});

describe('the work of a page', () => {
  /** What a page asks of its view. */
  async function questions(view: Rows, query: ListQuery) {
    const finds: Query<IngredientRow>[] = [];
    const counts: Parameters<Rows['count']>[0][] = [];
    const recording: Rows = {
      find: (one = {}) => {
        finds.push(one);
        return view.find(one);
      },
      count: where => {
        counts.push(where);
        return view.count(where);
      },
    };
    const found = await page(baseCatalogue, recording, { ...query, ...kitchen });
    return { finds, counts, ...found };
  }

  const some = Array.from({ length: 30 }, (_, i) =>
    row(`id-${i}`, {
      name: `n${i % 3}`,
      ...(i % 3 > 0 && { dueDate: `2026-03-${String(5 + (i % 20)).padStart(2, '0')}`, dueType: 'best_before' }),
      ...(i % 2 > 0 && { foodId: 'milk' }),
    }),
  );

  test('is one search of the index that it is sorted by, which passes nothing that is used up', async t => {
    const { model, file } = await viewOf(t, some);
    const db = new DatabaseSync(file, { readOnly: true });
    t.after(() => db.close());
    const plan = ({ sql, values }: ReturnType<typeof findSql>) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...values)
        .map(({ detail }) => String(detail));
    const name = table.name.replaceAll('"', '');
    const present = '(deleted=? AND fridgeId=? AND present=?';
    for (const sort of sorts) {
      const by = `${name} by fridgeId,present,${sort.replace('-', '').replace('name', 'nameKey')}`;
      for (const status of [undefined, ...statuses]) {
        for (const place of [undefined, 'fridge']) {
          for (const food of [undefined, 'milk']) {
            for (let cursor: string | undefined; ; ) {
              const query = queryOf({ sort, status, place, food, limit: 3, cursor });
              const { finds, counts, nextCursor } = await questions(model, query);
              assert.ok(finds.length <= 2);
              for (const find of finds) {
                assert.equal(find.limit, 4);
                const [step, ...more] = plan(findSql(table, find));
                assert.deepEqual(more, [], JSON.stringify(find));
                // Rows without a date come by their keys, which the index of places has in order too.
                const index =
                  find.orderBy || !step!.includes('present,place') ? by : `${name} by fridgeId,present,place`;
                assert.ok(step!.startsWith(`SEARCH ${name} USING INDEX ${index} ${present}`), `${step}, not by ${by}`);
                // A later page begins where the one before it ended; in one place, where that begins.
                if (find.after && !(place && sort.endsWith('place')))
                  assert.match(step!, /key[<>]\?|\(\w+,key\)[<>]\(\?,\?\)/, JSON.stringify(find));
              }
              // A first page that holds all of it counts nothing.
              assert.equal(counts.length, cursor === undefined && nextCursor === undefined ? 0 : 1);
              for (const count of counts) {
                const [step, ...more] = plan(countSql(table, count));
                assert.deepEqual(more, []);
                assert.ok(step!.startsWith(`SEARCH ${name} USING COVERING INDEX ${name} by `), step);
                assert.ok(step!.includes(present), step);
              }
              if (nextCursor === undefined) break;
              cursor = nextCursor;
            }
          }
        }
      }
    }
  });

  test('of a search is at most all that is present, a few hundred rows in a turn of the event loop', async t => {
    const many = Array.from({ length: 1200 }, (_, i) => row(`id-${i}`, { name: `thing ${i}`, present: i % 2 === 0 }));
    const { model } = await viewOf(t, many);
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const { finds, counts, rows, total } = await questions(model, queryOf({ search: 'nowhere', sort: 'name' }));
    clearImmediate(next);
    assert.deepEqual([rows, total, counts], [[], undefined, []]);
    assert.deepEqual(
      finds.map(({ limit }) => limit),
      [500, 500],
    );
    assert.ok(turns >= 1);
    const part = await questions(model, queryOf({ search: 'THING', sort: 'name', limit: 7 }));
    assert.deepEqual([part.finds.length, part.rows.length], [1, 7]);
  });
});

describe('a cursor that somebody made up', () => {
  for (const place of [
    [null, 'id-1'],
    ['', ''],
    ['\u0000', '\u0000'],
    ['9'.repeat(2000), '\ud83c'],
  ]) {
    test(`is a place like any other: ${JSON.stringify(place).slice(0, 40)}`, async t => {
      const { model } = await viewOf(t, [row('id-1'), row('id-2', { dueDate: TODAY })]);
      for (const sort of sorts) {
        const { nextCursor } = await page(baseCatalogue, model, { ...queryOf({ sort, limit: 1 }), ...kitchen });
        const [, , of] = JSON.parse(Buffer.from(nextCursor!, 'base64url').toString());
        const cursor = Buffer.from(JSON.stringify([...place, of])).toString('base64url');
        const { rows } = await page(baseCatalogue, model, { ...queryOf({ sort, cursor }), ...kitchen });
        assert.ok(rows.length <= 2);
      }
    });
  }
});
