import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import type { KeyValue } from '../../core/key-value/port.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { Revocations } from '../../platform/revocations.ts';
import { redisKeyValue } from '../../stores/key-value/redis.ts';
import { startCutter } from '../support/cutter.ts';
import { noRedis, startRedis } from '../support/redis.ts';

/** The adapter states 1 s for a command and 7 s for a start; the rest is for a machine that stalls. */
const COMMAND_MS = 10_000;
const START_MS = 20_000;

async function stage(t: TestContext) {
  const server = await startRedis(t);
  const { keep } = testFolder(t);
  return { server, kv: keep(await redisKeyValue(server.url)), open: async () => keep(await redisKeyValue(server.url)) };
}

const calls = (kv: KeyValue): Record<string, () => Promise<unknown>> => ({
  get: () => kv.get('session'),
  set: () => kv.set('session', 'mina', 60),
  replace: () => kv.replace('session', undefined, 'mina', 60),
  add: () => kv.add('tries', 1, 60),
  delete: () => kv.delete('session'),
  identity: () => kv.identity(),
  now: () => kv.now(),
});

async function allUnavailable(kv: KeyValue): Promise<void> {
  for (const [name, call] of Object.entries(calls(kv))) {
    const begin = performance.now();
    await assert.rejects(call, Unavailable, name);
    assert.ok(performance.now() - begin < COMMAND_MS, name);
  }
}

async function answersAgain(kv: KeyValue): Promise<void> {
  for (const end = performance.now() + START_MS; performance.now() < end; await new Promise(setImmediate)) {
    const answered = await kv.now().catch(() => undefined);
    if (answered !== undefined) return;
  }
  assert.fail('it does not answer again');
}

const refusal = (url: string, words: RegExp) =>
  assert.rejects(redisKeyValue(url), error => {
    const { message } = error as Error;
    assert.ok(error instanceof Unavailable);
    assert.match(message, words);
    assert.match(message, /REDIS_URL/);
    assert.doesNotMatch(message, /secret|\n/);
    return true;
  });

describe('a Redis that fails', { skip: noRedis }, () => {
  test('a server that was killed is Unavailable at once; what was answered before is there when it is back', async t => {
    const { server, kv } = await stage(t);
    await kv.set('session', 'mina', 600);
    await kv.add('tries', 3, 600);
    const identity = await kv.identity();
    await server.kill();
    await allUnavailable(kv);
    await server.start();
    await answersAgain(kv);
    assert.equal(await kv.get('session'), 'mina');
    assert.equal((await kv.add('tries', 0, 600)).count, 3);
    assert.equal(await kv.identity(), identity);
  });

  test('a server that stands still is Unavailable, and answers when it goes on', async t => {
    const { server, kv } = await stage(t);
    await kv.set('session', 'mina', 600);
    server.freeze();
    await allUnavailable(kv);
    server.thaw();
    await answersAgain(kv);
    assert.equal(typeof (await kv.get('session')), 'string');
  });

  test('nothing is replaced after the deadline, though the server goes on later', async t => {
    const { server, kv, open } = await stage(t);
    await kv.set('session', 'old', 600);
    await assert.rejects(kv.replace('session', 'old', 'new', 600, performance.now()), Unavailable);
    server.freeze();
    await assert.rejects(kv.replace('session', 'old', 'new', 600, performance.now() + 500), Unavailable);
    server.thaw();
    await answersAgain(kv);
    assert.equal(await (await open()).get('session'), 'old');
    assert.equal(await kv.replace('session', 'old', 'new', 600, performance.now() + START_MS), true);
  });

  test('a replacement whose answer is lost is done once, and says so', async t => {
    const { server, open } = await stage(t);
    const proxy = await startCutter(server.port);
    const { keep } = testFolder(t);
    keep(proxy);
    const kv = keep(await redisKeyValue(`redis://127.0.0.1:${proxy.port}`));
    await kv.set('session', '0', 600);
    for (const [n, lost] of (['answer', 'rest'] as const).entries()) {
      proxy.cutAfter(1, lost);
      assert.equal(await kv.replace('session', String(n), String(n + 1), 600), true);
      assert.equal(proxy.cuts, n + 1);
      assert.equal(await (await open()).get('session'), String(n + 1));
      assert.equal(await kv.replace('session', String(n), 'again', 600), false);
    }
  });

  test('a store that was emptied has another identity, and nothing of before', async t => {
    const { server, kv, open } = await stage(t);
    await kv.set('session', 'mina', 600);
    const identity = await kv.identity();
    await server.command('FLUSHALL');
    const other = await kv.identity();
    assert.notEqual(other, identity);
    assert.equal(await (await open()).identity(), other);
    assert.equal(await kv.get('session'), undefined);
  });

  test('a server without an append-only file is another store once it was restarted', async t => {
    const { server, kv, open } = await stage(t);
    const kept = await kv.identity();
    await server.kill();
    await server.start();
    await answersAgain(kv);
    assert.equal(await kv.identity(), kept);
    await server.command('CONFIG', 'SET', 'appendonly', 'no');
    const unsafe = await (await open()).identity();
    assert.notEqual(unsafe, kept);
    assert.equal(await (await open()).identity(), unsafe);
  });

  test('the time of a store is that of its server, and continues where that was set back', async t => {
    const { server, kv, open } = await stage(t);
    const before = await kv.now();
    assert.ok(Math.abs(before - Date.now()) < 60_000);
    // As if all had happened an hour later by the clock that the server has now.
    const hourAhead = String(before + 3_600_000);
    await server.command('HSET', 'zipbob:time', 'at', hourAhead, 'ahead', '0');
    const then = await (await open()).now();
    assert.ok(then >= Number(hourAhead));
    await kv.set('session', 'mina', 600);
    assert.equal(await kv.get('session'), 'mina');
    assert.ok((await kv.now()) - then < 600_000);
  });

  test('while it is away, a node knows what others revoked before it last read the list, and a new node knows nothing', async t => {
    const { server, kv, open } = await stage(t);
    const [here, elsewhere, late] = [kv, await open(), await open()].map(handle => new Revocations(handle));
    await here!.add('before', 600);
    await elsewhere!.load();
    const { now, identity } = await elsewhere!.state();
    await server.kill();
    assert.equal(await elsewhere!.has('before'), true);
    assert.equal(await elsewhere!.has('other'), false);
    const state = await elsewhere!.state();
    assert.equal(state.identity, identity);
    assert.ok(state.now >= now);
    await assert.rejects(late!.state(), Unavailable);
    await assert.rejects(late!.has('before'), Unavailable);
    await assert.rejects(here!.add('after', 600), Unavailable);
  });

  test('of revocations on two nodes at once none is lost', async t => {
    const { kv, open } = await stage(t);
    const nodes = [kv, await open()].map(handle => new Revocations(handle));
    const ids = Array.from({ length: 20 }, (_, i) => `session-${i}`);
    await Promise.all(ids.map((id, i) => nodes[i % 2]!.add(id, 600)));
    await nodes[0]!.load();
    await kv.close();
    for (const id of ids) assert.equal(await nodes[0]!.has(id), true, id);
  });

  test('a full memory is Unavailable for what is written, and tells no reader', async t => {
    const { server, kv } = await stage(t);
    await kv.set('session', 'mina', 600);
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    await assert.rejects(kv.set('other', 'x', 600), /^Unavailable: the session store \(REDIS_URL\): OOM/);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    await kv.set('other', 'x', 600);
    assert.equal(await kv.get('session'), 'mina');
  });
});

describe('a Redis that cannot be used is told in one line without its password', { skip: noRedis }, () => {
  test('no URL of a Redis', async () => {
    for (const url of ['', 'redis', 'http://127.0.0.1', 'somebody:secret@127.0.0.1', 'redis://']) {
      await refusal(url, /is not a URL such as redis:/);
    }
  });

  test('nobody listens', () => refusal('redis://somebody:secret@127.0.0.1:9', /ECONNREFUSED/));

  test('a wrong password, or none', async t => {
    const { port, command } = await startRedis(t);
    await command('CONFIG', 'SET', 'requirepass', 'right');
    const begin = performance.now();
    await refusal(`redis://:secret@127.0.0.1:${port}`, /refuses the user name or the password/);
    await refusal(`redis://127.0.0.1:${port}`, /wants a password/);
    assert.ok(performance.now() - begin < COMMAND_MS);
  });

  test('a user that may not do what is needed', async t => {
    const { port, command } = await startRedis(t);
    await command('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '+info', '+@connection');
    await refusal(`redis://reader:secret@127.0.0.1:${port}`, /may not/);
  });

  test('a database that is not there', async t => {
    const { port } = await startRedis(t);
    await refusal(`redis://:@127.0.0.1:${port}/99`, /DB index is out of range/);
  });

  test('a server that accepts and never answers', async t => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const accepted: Socket[] = [];
    silent.on('connection', socket => accepted.push(socket));
    t.after(() => {
      silent.close();
      for (const socket of accepted) socket.destroy();
    });
    const begin = performance.now();
    await refusal(`redis://:secret@127.0.0.1:${(silent.address() as { port: number }).port}`, /nothing came for/);
    assert.ok(performance.now() - begin < START_MS);
  });
});
