import assert from 'node:assert/strict';
import { before, describe, type TestContext, test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import type { Recorded } from '../../core/fact.ts';
import { Projector } from '../../core/projector.ts';
import { at, built, put, sample, thing } from '../../core/read-model/contract-sample.ts';
import { openSubscriber } from '../../core/subscriber.ts';
import {
  added,
  boxes,
  contents,
  emptied,
  LOG,
  moved,
  note,
  replayed,
  totals,
} from '../../core/testing/projector-sample.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { Connections, type Limits } from '../../stores/mariadb/connections.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { type MariaDb, noOwnMariaDb, startMariaDb } from '../support/mariadb.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';

const FACTS = 2000;

describe('faults of MariaDB', noOwnMariaDb, () => {
  let db: MariaDb;
  let schemas = 0;
  before(async () => {
    db = await startMariaDb();
  });

  async function schema(): Promise<string> {
    const name = `faults_${++schemas}`;
    await db.run(`CREATE DATABASE ${name}`);
    return name;
  }

  async function filled(t: TestContext, limits: Partial<Limits> = {}) {
    const name = await schema();
    const models = await mariaDbReadModels(db.url(name), { limits });
    t.after(() => models.close());
    const model = await built(models, sample, 0);
    await model.commit(put(1, thing('a'), thing('b')), [], undefined, at(1));
    return { name, models, model };
  }

  /** A connection of an operator, who holds things up. */
  async function operator(t: TestContext, name: string) {
    const connections = new Connections(db.url(name), { variable: 'OPERATOR', limits: { statement: 60_000 } });
    t.after(() => connections.close());
    return connections;
  }

  const STATEMENTS = ['START TRANSACTION', 'INTO checkpoints', 'UPDATE checkpoints', 'INTO `totals', 'COMMIT'];
  const FAULTS: readonly Fault[] = STATEMENTS.flatMap(words =>
    (['before', 'midway', 'after'] as const).flatMap(when =>
      (['cut', 'kill'] as const).map(what => ({ words, when, what })),
    ),
  );
  for (const fault of FAULTS) {
    test(`${fault.what} ${fault.when} ${fault.words}: rows are those of a fresh fold afterwards`, async t => {
      const { path, keep } = testFolder(t);
      const store = keep(sqliteEventStore(path('log.db')));
      const items = ['milk', 'tofu', 'kimchi', 'rice'];
      for (let n = 0; n < FACTS / 4; n += 125) {
        const facts = Array.from({ length: 125 }, (_, i) => {
          const [item, other] = [items[i % 4]!, `item-${(n + i) % 61}`];
          return [added(item, i), moved(item, other, 1), added(other, 2), ...(i % 9 === 0 ? [emptied(other)] : [])];
        });
        await note(store, `box-${n}`, ...facts.flat());
      }
      const proxy = keep(await startFaultProxy(db));
      const url = new URL(db.url(await schema()));
      url.port = String(proxy.port);
      const models = keep(await mariaDbReadModels(url.href));
      const fed = await openSubscriber(store, models, LOG, totals(), 0);
      const stops: Error[] = [];
      const projector = new Projector(store, LOG, [boxes], { advanced() {}, stopped: error => stops.push(error) });
      proxy.arm(fault);
      await projector.add(fed);
      await projector.stop();
      await proxy.settled();
      assert.deepEqual([stops, proxy.armed], [[], []], 'it struck, and did not stop the projector');
      const all: Recorded[] = [];
      for await (const { events } of store.follow({ after: 0, families: ['box'], live: false, batch: 500 }))
        all.push(...events);
      assert.deepEqual(await contents(fed), replayed(all));
    });
  }

  test('where all connections are in use, a read waits for one, within its limit', async t => {
    const { name, model } = await filled(t, { connections: 2, acquire: 500, lockWait: 20_000 });
    const other = await operator(t, name);
    let writes: Promise<unknown>[] = [];
    await other.session(async ({ execute }) => {
      await execute('START TRANSACTION');
      await execute('SELECT * FROM checkpoints FOR UPDATE');
      writes = [2, 3].map(n => model.commit(put(n, thing('c')), [], at(1), at(n)));
      await assert.rejects(model.find(), { name: 'Unavailable', message: /has no free connection within 500 ms/ });
      await execute('ROLLBACK');
    });
    assert.deepEqual((await Promise.all(writes)).toSorted(), ['committed', 'fenced']);
    assert.equal((await model.find()).length, 3);
  });

  test('a server that does not answer is Unavailable after the limit of a statement, and comes back', async t => {
    const { model } = await filled(t, { statement: 500, acquire: 1000, connect: 1000 });
    db.freeze();
    t.after(() => db.thaw());
    const begun = performance.now();
    await Promise.all([1, 2, 3].map(() => assert.rejects(model.find(), Unavailable)));
    await assert.rejects(model.commit(put(2, thing('c')), [], at(1), at(2)), Unavailable);
    assert.ok(performance.now() - begun < 20_000);
    db.thaw();
    assert.deepEqual(await model.find(), [thing('a'), thing('b')]);
    assert.equal(await model.commit(put(2, thing('c')), [], at(1), at(2)), 'committed');
  });

  test('the server itself ends a statement that takes too long', async t => {
    const connections = new Connections(db.url(await schema()), { variable: 'TEST', limits: { statement: 500 } });
    t.after(() => connections.close());
    await assert.rejects(connections.query('SELECT SLEEP(60) FROM information_schema.tables'), {
      name: 'Unavailable',
      message: /takes too long for a statement \(error 1969\)/,
    });
  });

  test('a commit waits for the lock of another, and is repeated; in the end it is Unavailable', async t => {
    const { name, model } = await filled(t, { lockWait: 1000 });
    const other = await operator(t, name);
    await other.session(async ({ execute }) => {
      await execute('START TRANSACTION');
      await execute('SELECT * FROM checkpoints FOR UPDATE');
      await assert.rejects(model.commit(put(2, thing('c')), [], at(1), at(2)), {
        name: 'Unavailable',
        message: /ER_LOCK_WAIT_TIMEOUT/,
      });
      const commit = model.commit(put(2, thing('c')), [], at(1), at(2));
      await lockWait();
      await execute('COMMIT');
      assert.equal(await commit, 'committed');
    });
    assert.deepEqual(await model.checkpoint(), at(2));
  });

  test('a commit that a deadlock undid is repeated', async t => {
    const { name, model } = await filled(t);
    await db.run(
      `CREATE TABLE ${name}.heavy (id INT PRIMARY KEY, n INT)`,
      `INSERT INTO ${name}.heavy WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i, 0 FROM n`,
    );
    const deadlocks = async () => Number((await db.run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"))[0]!.Value);
    const begun = await deadlocks();
    const other = await operator(t, name);
    await other.session(async ({ execute }) => {
      await execute('START TRANSACTION');
      await execute('UPDATE heavy SET n = n + 1'); // so that the server undoes the other one
      await execute("UPDATE `things@1#0` SET position = position WHERE `key` = 'a'");
      const commit = model.commit(put(2, thing('a', { size: 2 })), [], at(1), at(2));
      await lockWait();
      await execute('UPDATE checkpoints SET position = position');
      await execute('COMMIT');
      assert.equal(await commit, 'committed');
    });
    assert.equal(await deadlocks(), begun + 1);
    assert.deepEqual((await model.find({ where: { id: 'a' } }))[0], thing('a', { size: 2 }));
  });

  /** Resolves once a transaction waits for a lock. INNODB_TRX would not do: it is not renewed while it is read often. */
  async function lockWait(): Promise<void> {
    const waits = async () =>
      Number((await db.run("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"))[0]!.Value);
    for (const end = performance.now() + 30_000; (await waits()) === 0; ) {
      assert.ok(performance.now() < end, 'no transaction waits for a lock');
    }
  }
});
