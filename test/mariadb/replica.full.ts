import assert from 'node:assert/strict';
import { before, describe, type TestContext, test } from 'node:test';
import { at, built, put, sample, thing } from '../../core/read-model/contract-sample.ts';
import { Behind } from '../../core/read-model/port.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { caughtUp, type MariaDb, noOwnMariaDb, startMariaDb, startReplica, WITH_BINLOG } from '../support/mariadb.ts';

describe('reading from a replica of MariaDB', noOwnMariaDb, () => {
  let primary: MariaDb;
  let replica: MariaDb;
  let schemas = 0;
  before(async () => {
    primary = await startMariaDb(WITH_BINLOG);
    replica = await startReplica(primary);
  });

  /** A filled read model, and a handle that reads it from the replica. */
  async function stage(t: TestContext) {
    const name = `replicated_${++schemas}`;
    await primary.run(`CREATE DATABASE ${name}`);
    const writer = await mariaDbReadModels(primary.url(name));
    t.after(() => writer.close());
    const written = await built(writer, sample, 0);
    await written.commit(put(1, thing('milk')), [], undefined, at(1));
    await writer.serve(sample, 0);
    await caughtUp(primary, replica);
    const reader = await mariaDbReadModels(primary.url(name), { readOnly: true, readUrl: replica.url(name) });
    t.after(() => reader.close());
    return { writer, written, reader, read: await reader.generation(sample, 0) };
  }

  /** Which of the two servers is asked for rows. */
  async function asked(work: () => Promise<unknown>): Promise<{ primary: number; replica: number }> {
    const count = async (server: MariaDb) =>
      Number((await server.run("SHOW GLOBAL STATUS LIKE 'Com_select'"))[0]!.Value);
    const [first, second] = [await count(primary), await count(replica)];
    await work();
    return { primary: (await count(primary)) - first, replica: (await count(replica)) - second };
  }

  test('rows come from the replica; pointer, checkpoint, counts and changes from the primary', async t => {
    const { reader, read } = await stage(t);
    assert.deepEqual(await asked(() => read.find()), { primary: 0, replica: 1 });
    assert.deepEqual(await asked(() => read.find({ atLeast: 1 })), { primary: 0, replica: 1 });
    assert.deepEqual(await asked(() => read.load(['milk'], 1)), { primary: 0, replica: 1 });
    assert.deepEqual(await asked(() => read.checkpoint()), { primary: 1, replica: 0 });
    assert.deepEqual(await asked(() => read.count()), { primary: 1, replica: 0 });
    assert.deepEqual(await asked(() => read.changed(0, 10)), { primary: 1, replica: 0 });
    assert.deepEqual(await asked(() => reader.served(sample)), { primary: 1, replica: 0 });
  });

  test('D-16: what is waited for is never stale: the primary answers while the replica is behind', async t => {
    const { written, read } = await stage(t);
    await replica.run('STOP SLAVE SQL_THREAD');
    t.after(() => replica.run('START SLAVE SQL_THREAD'));
    await written.commit(put(2, thing('tofu')), [], at(1), at(2));
    assert.deepEqual(await read.find(), [thing('milk')], 'without a position, as old as the replica is');
    for (let n = 0; n < 3; n++) {
      assert.deepEqual(await read.find({ atLeast: 2 }), [thing('milk'), thing('tofu')]);
      assert.deepEqual([...(await read.load(['tofu'], 2)).keys()], ['tofu']);
      assert.deepEqual(await asked(() => read.find({ atLeast: 2 })), { primary: 1, replica: 1 });
    }
    await assert.rejects(read.find({ atLeast: 3 }), Behind);
    await replica.run('START SLAVE SQL_THREAD');
    await caughtUp(primary, replica);
    assert.deepEqual(await asked(() => read.find({ atLeast: 2 })), { primary: 0, replica: 1 });
  });

  test('a generation that the replica does not have yet is read from the primary', async t => {
    const { writer, reader } = await stage(t);
    await replica.run('STOP SLAVE SQL_THREAD');
    t.after(() => replica.run('START SLAVE SQL_THREAD'));
    const next = await built(writer, sample, 1);
    await next.commit(put(1, thing('tofu')), [], undefined, at(1));
    await writer.serve(sample, 1);
    const read = await reader.generation(sample, (await reader.served(sample))!);
    assert.deepEqual([await read.find(), await read.find({ atLeast: 1 })], [[thing('tofu')], [thing('tofu')]]);
  });

  test('while the replica is away the primary answers, and the replica again once it is back', async t => {
    const { read } = await stage(t);
    await replica.kill();
    for (let n = 0; n < 3; n++) assert.deepEqual(await read.find({ atLeast: 1 }), [thing('milk')]);
    await replica.restart();
    for (const end = performance.now() + 60_000; ; ) {
      assert.deepEqual(await read.find({ atLeast: 1 }), [thing('milk')]);
      const { replica: count } = await asked(() => read.find());
      if (count === 1) break;
      assert.ok(performance.now() < end, 'the replica is never asked again');
    }
  });

  test('a replica that does not answer delays one read, not all', async t => {
    const { read } = await stage(t);
    await read.find();
    replica.freeze();
    t.after(() => replica.thaw());
    const begun = performance.now();
    for (let n = 0; n < 20; n++) assert.deepEqual(await read.find({ atLeast: 1 }), [thing('milk')]);
    assert.ok(performance.now() - begun < 5000, 'a request would not wait so long');
  });
});
