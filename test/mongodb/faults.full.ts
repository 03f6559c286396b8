import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { at, built, gone, put, sample, type Thing, thing } from '../../core/read-model/contract-sample.ts';
import type { ReadModel } from '../../core/read-model/port.ts';
import { mongoReadModels } from '../../stores/read-models/mongodb.ts';
import { startCutter } from '../support/cutter.ts';
import { type MongoServer, noMongo, ownDatabase, startMongo, withMongo } from '../support/mongodb.ts';

/** The adapter states 4 s for a read, and some more for a batch; the rest is for a machine that stalls. */
const READ_MS = 20_000;
const COMMIT_MS = 60_000;
const ROWS = 300;

describe('a MongoDB that fails', { skip: noMongo }, () => {
  const ends: (() => Promise<void>)[] = [];
  let server: MongoServer;
  before(async () => {
    server = await startMongo({ after: end => ends.push(end) });
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  /** A generation behind a proxy that can cut connections, and one that reads without it. */
  async function stage(t: TestContext) {
    const proxy = await startCutter(server.port);
    const { url, drop } = ownDatabase(server.url);
    const direct = mongoReadModels(url);
    const models = mongoReadModels(url.replace(`:${server.port}/`, `:${proxy.port}/`));
    t.after(async () => {
      await models.close();
      await direct.close();
      await proxy.close();
      await drop();
    });
    await direct.prepare();
    return { proxy, url, model: await built(models, sample, 0), reader: await built(direct, sample, 0) };
  }

  const rows = (count: number, size: number) =>
    Array.from({ length: count }, (_, i) => thing(`key-${String(i).padStart(4, '0')}`, { size }));

  async function answersAgain(model: ReadModel<Thing>): Promise<void> {
    for (const end = performance.now() + COMMIT_MS; performance.now() < end; ) {
      const answered = await model.checkpoint().then(
        () => true,
        () => false,
      );
      if (answered) return;
    }
    assert.fail('it does not answer again');
  }

  test('many nodes may start on an empty database at once', async t => {
    for (let round = 0; round < 5; round++) {
      const { url, drop } = ownDatabase(server.url);
      const nodes = Array.from({ length: 8 }, () => mongoReadModels(url));
      t.after(async () => {
        for (const models of nodes) await models.close();
        await drop();
      });
      await Promise.all(
        nodes.map(async models => {
          await models.prepare();
          await models.build(sample, 0);
        }),
      );
    }
  });

  test('a connection that is cut in the middle of a batch: the commit arrives whole', async t => {
    const { proxy, model, reader } = await stage(t);
    assert.equal(await model.commit(put(1, ...rows(ROWS, 1)), [], undefined, at(1)), 'committed');
    const cuts = [2_000, 12_000, 30_000].flatMap(bytes => [[bytes, 'rest'] as const, [bytes, 'answer'] as const]);
    for (const [i, [bytes, lost]] of cuts.entries()) {
      const from = (await reader.checkpoint())!.position;
      proxy.cutAfter(bytes, lost);
      const changes = [...put(from + 1, ...rows(ROWS, from + 1)), gone(from + 1, 'gone')];
      assert.equal(await model.commit(changes, [], at(from), at(from + 1)), 'committed');
      assert.equal(proxy.cuts, i + 1);
      assert.deepEqual(await reader.find(), rows(ROWS, from + 1));
      assert.deepEqual(await reader.checkpoint(), at(from + 1));
    }
  });

  test('a server that is killed between rows and checkpoint: what is written again comes to the same', async t => {
    const { model, reader, url } = await stage(t);
    await model.commit(put(1, ...rows(3, 1)), [], undefined, at(1));
    // Rows as a runner leaves them that was killed before it moved the checkpoint, in part and ahead.
    const changes = put(5, ...rows(3, 5));
    await withMongo(url, async client => {
      const db = client.db();
      const state = await db.collection('generations').findOne({});
      const collection = db.collection<{ _id: string; position: number }>(state!.rows as string);
      await collection.updateOne({ _id: 'key-0001' }, { $set: { position: 5, row: { id: 'key-0001', size: 5 } } });
    });
    await server.kill();
    const begin = performance.now();
    await assert.rejects(model.commit(changes, [], at(1), at(5)), Unavailable);
    await assert.rejects(reader.find(), Unavailable);
    assert.ok(performance.now() - begin < COMMIT_MS);
    await server.start();
    await answersAgain(model);
    assert.deepEqual(await reader.checkpoint(), at(1));
    assert.deepEqual(await reader.changed(1, 10), [], 'rows ahead of the checkpoint are not told yet');
    assert.equal(await model.commit(changes, [], at(1), at(5)), 'committed');
    assert.deepEqual(await reader.find(), rows(3, 5));
    assert.deepEqual(await reader.changed(1, 10), changes);
  });

  test('a server that stands still is Unavailable in time, and goes on where it was', async t => {
    const { model, reader } = await stage(t);
    await model.commit(put(1, ...rows(3, 1)), [], undefined, at(1));
    server.freeze();
    const begin = performance.now();
    await assert.rejects(reader.find(), Unavailable);
    assert.ok(performance.now() - begin < READ_MS);
    await assert.rejects(model.commit(put(2, ...rows(3, 2)), [], at(1), at(2)), Unavailable);
    assert.ok(performance.now() - begin < COMMIT_MS);
    server.thaw();
    await answersAgain(model);
    const stands = (await model.checkpoint())!;
    assert.ok([1, 2].includes(stands.position));
    await model.commit(put(3, ...rows(3, 3)), [], stands, at(3));
    assert.deepEqual(await reader.find(), rows(3, 3));
  });

  test('rows that a late runner writes into a dropped generation are not in the one that is built anew', async t => {
    const { url } = await stage(t);
    const [first, second] = [mongoReadModels(url), mongoReadModels(url)];
    t.after(() => Promise.all([first.close(), second.close()]));
    const late = await built(first, sample, 3);
    await late.commit(put(9, thing('stale')), [], undefined, at(9));
    await second.drop(sample, 3);
    const anew = await built(second, sample, 3);
    assert.equal(await late.commit(put(10, thing('stale')), [], at(9), at(10)), 'fenced');
    assert.deepEqual(await anew.find(), []);
    assert.equal(await anew.checkpoint(), undefined);
  });

  test('a row that is too large is not taken for a server that is away', async t => {
    const { model } = await stage(t);
    const large = put(1, thing('large', { label: 'x'.repeat(17 * 2 ** 20) }));
    await assert.rejects(model.commit(large, [], undefined, at(1)), error => !(error instanceof Unavailable));
  });
});

describe('a MongoDB that cannot be used is told in one line without its password', { skip: noMongo }, () => {
  const refusal = async (url: string, words: RegExp) => {
    const begin = performance.now();
    await assert.rejects(
      async () => {
        const models = mongoReadModels(url);
        try {
          await models.prepare();
        } finally {
          await models.close();
        }
      },
      error => {
        const { message } = error as Error;
        assert.ok(error instanceof Unavailable, String(error));
        assert.match(message, words);
        assert.match(message, /MONGODB_URL/);
        assert.doesNotMatch(message, /secret|\n/);
        return true;
      },
    );
    assert.ok(performance.now() - begin < READ_MS);
  };

  test('no URL of a MongoDB', async () => {
    for (const url of [
      '',
      'mongodb',
      'http://127.0.0.1',
      'somebody:secret@127.0.0.1',
      'mongodb://',
      'mongodb://a:sec/ret@b',
    ]) {
      await refusal(url, /is not a URL such as mongodb:/);
    }
  });

  test('an option that is not known', () => refusal('mongodb://a:secret@127.0.0.1:9/?nonsense=1', /nonsense/));

  test('nobody listens', () => refusal('mongodb://somebody:secret@127.0.0.1:9/zipbob', /ECONNREFUSED/));

  test('a server that accepts and never answers', async t => {
    const accepted: Socket[] = [];
    const silent = createServer(socket => void accepted.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => {
      silent.close();
      for (const socket of accepted) socket.destroy();
    });
    const { port } = silent.address() as { port: number };
    await refusal(`mongodb://somebody:secret@127.0.0.1:${port}/zipbob`, /./);
  });

  test('a wrong password, a database of another program, and one of a newer release', async t => {
    const ends: (() => Promise<void>)[] = [];
    t.after(async () => {
      for (const end of ends.reverse()) await end();
    });
    const { url, port } = await startMongo({ after: end => ends.push(end) });
    await refusal(`mongodb://somebody:secret@127.0.0.1:${port}/zipbob`, /refuses the user name or the password/);
    await withMongo(url, async client => {
      await client.db('theirs').collection('things').insertOne({ a: 1 });
      await client
        .db('newer')
        .collection<{ _id: string }>('about')
        .insertOne({ _id: 'zipbob', format: 99 } as never);
    });
    await refusal(`${url}theirs`, /the database theirs holds collections of another program/);
    await refusal(`${url}newer`, /newer release/);
  });
});
