import assert from 'node:assert/strict';
import { before, describe, type TestContext, test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { at, built, put, sample, thing, thingsAt } from '../../core/read-model/contract-sample.ts';
import type { ReadModels } from '../../core/read-model/port.ts';
import { ingredients } from '../../projections/ingredients.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { type MariaDb, noOwnMariaDb, startMariaDb } from '../support/mariadb.ts';

describe('reading from MariaDB', noOwnMariaDb, () => {
  let db: MariaDb;
  let schemas = 0;
  before(async () => {
    db = await startMariaDb();
  });

  async function schema(): Promise<string> {
    const name = `reading_${++schemas}`;
    await db.run(`CREATE DATABASE ${name}`);
    return name;
  }

  async function open(t: TestContext, url: string, options = {}): Promise<ReadModels> {
    const models = await mariaDbReadModels(url, options);
    t.after(() => models.close());
    return models;
  }

  /** How many SELECT statements the server gets meanwhile; a UNION is one. */
  async function selects(work: () => Promise<unknown>): Promise<number> {
    const count = async () => Number((await db.run("SHOW GLOBAL STATUS LIKE 'Com_select'"))[0]!.Value);
    const begun = await count();
    await work();
    return (await count()) - begun;
  }

  test('D-42: a list is one query, however many rows it has, also where a position is waited for', async t => {
    const models = await open(t, db.url(await schema()));
    const model = await built(models, sample, 0);
    const rows = Array.from({ length: 2500 }, (_, i) => thing(`key-${i}`, { label: `label ${i % 7}`, rank: i }));
    await model.commit(put(1, ...rows), [], undefined, at(1));
    await models.serve(sample, 0);
    const list = { where: { label: 'label 3' }, orderBy: 'rank' } as const;
    let found: readonly unknown[] = [];
    assert.equal(await selects(async () => (found = await model.find(list))), 1);
    assert.equal(found.length, 357);
    assert.equal(await selects(async () => (found = await model.find({ ...list, atLeast: 1 }))), 1);
    assert.equal(found.length, 357);
    assert.equal(await selects(() => model.find({ orderBy: 'label', after: ['label 3', 'key-3'], limit: 10 })), 1);
    assert.equal(await selects(() => model.load(['key-1', 'key-2'], 1)), 1);
    assert.equal(await selects(() => model.count({ label: 'label 3' })), 1);
  });

  test('lists of a fridge are found and sorted by an index', async t => {
    const name = await schema();
    const models = await open(t, db.url(name));
    await models.build(ingredients, 0);
    await models.serve(ingredients, 0);
    const model = await models.generation(ingredients, 0);
    const changes = Array.from({ length: 3000 }, (_, i) => ({
      key: `i-${i}`,
      position: 1,
      row: {
        ...INGREDIENT,
        ingredientId: `i-${i}`,
        fridgeId: `f-${i % 3}`,
        present: i % 10 === 0,
        nameKey: `n ${i}`,
      },
    }));
    await model.commit(changes, [], undefined, at(1));
    await db.run(
      `ANALYZE TABLE ${name}.\`ingredients@2#0\``,
      'SET GLOBAL log_output = "TABLE"',
      'SET GLOBAL general_log = 1',
    );
    const where = { fridgeId: 'f-1', present: true };
    await model.find({ where: { ...where, dueDate: { absent: false } }, orderBy: 'dueDate', limit: 50 });
    await model.find({ where, orderBy: 'nameKey', limit: 50 });
    await model.find({ where, orderBy: 'nameKey', after: ['n 15', 'i-15'], limit: 50 });
    await model.find({ where, orderBy: 'addedAt', direction: 'desc', limit: 50 });
    const logged = await db.run(
      'SET GLOBAL general_log = 0',
      `SELECT CONVERT(argument USING utf8mb4) AS sql_text FROM mysql.general_log WHERE argument LIKE 'SELECT%ORDER BY%'`,
    );
    assert.equal(logged.length, 4);
    for (const { sql_text } of logged) {
      const [plan] = await db.run(`USE ${name}`, 'SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin', `EXPLAIN ${sql_text}`);
      assert.match(String(plan!.key), /^index \d$/, String(sql_text));
      assert.doesNotMatch(String(plan!.Extra), /filesort|temporary/, String(sql_text));
    }
  });

  test('a reader needs no right but SELECT, and cannot change tables', async t => {
    const name = await schema();
    const models = await open(t, db.url(name));
    const model = await built(models, sample, 0);
    await model.commit(put(1, thing('milk')), [], undefined, at(1));
    await models.serve(sample, 0);
    await db.run(
      `CREATE USER reader_${name}@'127.0.0.1' IDENTIFIED BY 'x'`,
      `GRANT SELECT ON ${name}.* TO reader_${name}@'127.0.0.1'`,
    );
    const reader = await open(t, db.url(name, `reader_${name}`, 'x'), { readOnly: true });
    assert.equal(await reader.served(sample), 0);
    await reader.build(sample, 0); // it is there
    const read = await reader.generation(sample, 0);
    assert.deepEqual(await read.find({ atLeast: 1 }), [thing('milk')]);
    assert.deepEqual([...(await read.load(['milk'])).keys()], ['milk']);
    assert.deepEqual(await read.changed(0, 10), put(1, thing('milk')));
    assert.deepEqual([await read.count(), await read.checkpoint(), await read.parked()], [1, at(1), []]);
    assert.deepEqual([await reader.versions('things'), await reader.checkpoints()], [[1], [at(1)]]);
    assert.equal(await reader.lease('projector'), undefined);
    for (const change of [
      () => reader.build(thingsAt(2), 0),
      () => reader.serve(sample, 0),
      () => reader.drop(sample, 0),
      () => reader.retire('things', 1),
      () => reader.swapLease('projector', undefined, { holder: 'a', renewals: 1, challenged: false }),
      () => read.commit(put(2, thing('tofu')), [], at(1), at(2)),
    ]) {
      await assert.rejects(change, { name: 'Forbidden' }, String(change));
    }
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  test('a generation that another handle drops is Unavailable, and there again once it is built', async t => {
    const url = db.url(await schema());
    const [models, other] = [await open(t, url), await open(t, url)];
    const model = await built(models, sample, 0);
    await other.drop(sample, 0);
    await assert.rejects(model.find(), Unavailable);
    await assert.rejects(model.commit(put(1, thing('milk')), [], undefined, at(1)), Unavailable);
    assert.deepEqual(await (await built(other, sample, 0)).find(), []);
    assert.deepEqual(await model.find(), []);
  });

  test('a build begins with an empty table where an interrupted drop has left one', async t => {
    const name = await schema();
    const models = await open(t, db.url(name));
    const model = await built(models, sample, 0);
    await model.commit(put(1, thing('milk')), [], undefined, at(1));
    await db.run(`DELETE FROM ${name}.generations`, `DELETE FROM ${name}.checkpoints`);
    const again = await built(await open(t, db.url(name)), sample, 0);
    assert.deepEqual([await again.find(), await again.checkpoint()], [[], undefined]);
  });

  test('a value that does not fit its column is not taken for a store that is away, and is not repeated', async t => {
    const models = await open(t, db.url(await schema()));
    const model = await built(models, sample, 0);
    for (const wrong of [
      thing('a', { size: 1e300 }),
      thing('x'.repeat(256)),
      thing('a', { size: 'secret' as never }),
    ]) {
      await assert.rejects(
        model.commit(put(1, wrong), [], undefined, at(1)),
        (error: Error) => !(error instanceof Unavailable) && !/secret|xxx/.test(`${error.message}${error.stack}`),
      );
    }
    assert.deepEqual([await model.find(), await model.checkpoint()], [[], undefined]);
  });

  test('a batch that is larger than one statement may be is committed as a whole', async t => {
    const models = await open(t, db.url(await schema()));
    const model = await built(models, sample, 0);
    const rows = Array.from({ length: 40 }, (_, i) => thing(`key-${10 + i}`, { extra: '가'.repeat(300_000) }));
    assert.equal(await model.commit(put(1, ...rows), [], undefined, at(1)), 'committed');
    assert.deepEqual(await model.find(), rows);
  });
});

const INGREDIENT = {
  ...{ name: 'milk', amount: 1000, base: 'ml', unit: 'ml', perUnit: 1, bought: 1000, place: 'fridge' },
  ...{ addedAt: '2026-03-10', addedBy: 'mina', revision: 1, dueDate: '2026-03-12' },
};
