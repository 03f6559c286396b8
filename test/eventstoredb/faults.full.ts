import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { END, type EventStoreDBClient, NO_STREAM, START, streamNameFilter } from '@eventstore/db-client';
import { atLeast, RawClient } from './golden/calls.ts';
import { events, noted, shapeOf, UNARY, withServer } from './testing.ts';

const all = (client: EventStoreDBClient, from: typeof START | typeof END = START) =>
  client.subscribeToAll({ fromPosition: from, filter: streamNameFilter({ prefixes: ['a-'], checkpointInterval: 1 }) });

const ids = async (client: EventStoreDBClient, stream: string): Promise<string[]> =>
  (await events(client.readStream(stream))).map(({ id }) => id);

for (const [name, options] of [
  ['batch', {}],
  ['unary', UNARY],
] as const) {
  test(`${name}: not ready says so, and may have written`, () =>
    withServer({}, async (server, client) => {
      const expected = name === 'batch' ? { type: 'unknown' } : { type: 'unavailable', code: 14 };
      for (const [n, written] of [false, true].entries()) {
        const event = noted();
        await server.fault({ on: 'append', do: 'refuse', as: 'not-ready', written });
        const append = () => client.appendToStream(`a-${n}`, event, { expectedRevision: NO_STREAM, ...options });
        await assert.rejects(append(), (error: Error) => {
          assert.deepEqual(shapeOf(error), expected);
          assert.match(error.message, /Server Is Not Ready/);
          return true;
        });
        assert.equal((await append()).nextExpectedRevision, 0n);
        assert.deepEqual(await ids(client, `a-${n}`), [event.id]);
      }
    }));

  test(`${name}: not the leader tells who is, and the client goes there`, () =>
    withServer({}, async (server, client) => {
      await server.fault({ on: 'append', do: 'refuse', as: 'not-leader' });
      await assert.rejects(client.appendToStream('a-1', noted(), options), error => {
        assert.deepEqual(shapeOf(error), { type: 'not-leader', code: 5 });
        assert.deepEqual((error as { leader?: unknown }).leader, { address: '127.0.0.1', port: server.port });
        return true;
      });
      await client.appendToStream('a-1', noted(), options);
    }));

  test(`${name}: the connection is cut before the answer`, () =>
    withServer({}, async (server, client) => {
      const event = noted();
      await server.fault({ on: 'append', do: 'cut', written: true });
      const append = () => client.appendToStream('a-1', event, { expectedRevision: NO_STREAM, ...options });
      await assert.rejects(append(), error => shapeOf(error).code === 14);
      assert.equal((await append()).nextExpectedRevision, 0n);
      assert.deepEqual(await ids(client, 'a-1'), [event.id]);
    }));

  test(`${name}: a late answer is the right one`, () =>
    withServer({}, async (server, client) => {
      await server.fault({ on: 'append', do: 'late', ms: 50 });
      const [late, prompt] = [noted(), noted()];
      const order: string[] = [];
      const one = client.appendToStream('a-1', late, options).then(() => order.push(late.id));
      await server.until('written', 1);
      await client.appendToStream('a-1', prompt, options).then(() => order.push(prompt.id));
      await one;
      assert.deepEqual(order, [prompt.id, late.id]);
      assert.deepEqual(await ids(client, 'a-1'), [late.id, prompt.id]);
    }));
}

test('an election: first silence, then refusals, and reads go on', () =>
  withServer({}, async (server, client) => {
    await server.fault({ on: 'append', do: 'hang' });
    await server.fault({ on: 'append', do: 'refuse', as: 'not-ready', times: 2 });
    let isAnswered = false;
    const silent = () => {
      isAnswered = true;
    };
    client.appendToStream('a-1', noted()).then(silent, silent);
    await server.until('appends', 1);
    for (let n = 0; n < 2; n++) await assert.rejects(client.appendToStream('a-1', noted()), /Not Ready/);
    assert.deepEqual(await events(client.readAll({ maxCount: 1 })).then(found => found.length), 1);
    await client.appendToStream('a-1', noted(), { expectedRevision: NO_STREAM });
    assert.ok(!isAnswered);
  }));

test('a unary append that gets no answer is told that it timed out', () =>
  withServer({}, async (server, client) => {
    await server.fault({ on: 'append', do: 'hang', ms: 5, written: true });
    await assert.rejects(client.appendToStream('a-1', noted(), UNARY), error => {
      assert.deepEqual(shapeOf(error), { type: 'timeout', code: 10 });
      return true;
    });
    assert.equal((await ids(client, 'a-1')).length, 1);
  }));

test('an answer that comes twice', () =>
  withServer({}, async server => {
    await server.fault({ on: 'append', do: 'twice' });
    const raw = new RawClient(server.port);
    const batch = raw.batch();
    const options = { streamIdentifier: { streamName: 'a-1' }, noStream: {} };
    const id = '00000000-0000-4000-8000-000000000001';
    const part = { data: { utf8: '{}' }, customMetadata: { utf8: '' }, metadata: { type: 'T', 'content-type': 'x' } };
    batch.send({
      correlationId: { string: id },
      options,
      proposedMessages: [{ id: { string: id }, ...part }],
      isFinal: true,
    });
    await batch.until(atLeast(2));
    assert.deepEqual(batch.frames[0], batch.frames[1]);
    batch.cancel();
    raw.close();
  }));

test('after a leader change the log goes on with a gap, and appends work again', () =>
  withServer({}, async (server, client) => {
    const first = await client.appendToStream('a-1', noted());
    const subscription = all(client, END);
    const ended = once(subscription, 'error');
    await server.until('subscriptions', 1);
    await server.fault({ on: 'server', do: 'leader-change', refusals: 1 });
    await ended.catch(() => {});
    await assert.rejects(client.appendToStream('a-1', noted()));
    const again = await client.appendToStream('a-1', noted());
    assert.ok(again.position!.commit - first.position!.commit > 200n);
  }));

test('subscriptions are dropped, the rest goes on', () =>
  withServer({}, async (server, client) => {
    await client.appendToStream('a-1', noted());
    const subscription = all(client);
    await once(subscription, 'data');
    const failed = once(subscription, 'error').then(
      ([error]) => error,
      error => error,
    );
    await server.fault({ on: 'server', do: 'drop-subscriptions' });
    assert.deepEqual(shapeOf(await failed), { type: 'unavailable', code: 14 });
    await client.appendToStream('a-1', noted());
  }));

test('a server that hangs answers everything once it may', () =>
  withServer({}, async (server, client) => {
    await server.fault({ on: 'server', do: 'hang' });
    const append = client.appendToStream('a-1', noted());
    const read = events(client.readAll());
    await server.until('reads', 1);
    await server.clear();
    assert.equal((await append).nextExpectedRevision, 0n);
    assert.ok((await read).length > 0);
  }));

test('a frozen process answers once it is thawed', () =>
  withServer({}, async (server, client) => {
    await client.appendToStream('a-1', noted());
    server.freeze();
    const append = client.appendToStream('a-1', noted());
    server.thaw();
    assert.equal((await append).nextExpectedRevision, 1n);
  }));

for (const [what, outcome] of [
  ['refuse', 14],
  ['cut', 14],
  ['end', 'ended'],
] as const) {
  test(`a read and a subscription that ${what} after two events`, () =>
    withServer({}, async (server, client) => {
      await client.appendToStream('a-1', [noted(), noted(), noted()]);
      for (const on of ['read', 'subscription'] as const) {
        await server.fault({ on, do: what, after: 2 });
        let seen = 0;
        const source = on === 'read' ? client.readStream('a-1') : all(client);
        const reading = async () => {
          for await (const _ of source) seen++;
          return 'ended';
        };
        assert.equal(await reading().catch(error => shapeOf(error).code), outcome);
        assert.ok(what === 'cut' ? seen <= 2 : seen === 2, `${seen} events`);
      }
    }));
}

test('a checkpoint frame ahead of its data', () =>
  withServer({}, async (server, client) => {
    await client.appendToStream('a-1', [noted(), noted()]);
    await server.fault({ on: 'subscription', do: 'checkpoint-ahead' });
    const seen: string[] = [];
    const subscription = client.subscribeToAll({
      filter: streamNameFilter({
        prefixes: ['a-'],
        checkpointInterval: 1,
        checkpointReached: async (_, { commit }) => void seen.push(`frame ${commit}`),
      }),
    });
    for await (const { event } of subscription) {
      seen.push(`event ${event!.position!.commit}`);
      if (seen.length === 3) break;
    }
    const [first, last] = await events(client.readStream('a-1'));
    assert.deepEqual(seen, [
      `frame ${last!.position!.commit}`,
      `event ${first!.position!.commit}`,
      `event ${last!.position!.commit}`,
    ]);
  }));

test('a checkpoint frame where the next record will begin, as newer servers send', () =>
  withServer({}, async (server, client) => {
    await client.appendToStream('a-1', noted());
    await server.fault({ on: 'subscription', do: 'checkpoint-next' });
    const frame = Promise.withResolvers<{ commit: bigint; prepare: bigint }>();
    const filter = (reached?: typeof frame.resolve) =>
      streamNameFilter({
        prefixes: ['a-'],
        checkpointInterval: 1,
        ...(reached && {
          checkpointReached: async (_: unknown, position: { commit: bigint; prepare: bigint }) => reached(position),
        }),
      });
    const first = client.subscribeToAll({ fromPosition: END, filter: filter(frame.resolve) }).resume();
    const { commit, prepare } = await frame.promise;
    await first.unsubscribe();
    const { position } = await client.appendToStream('a-1', noted());
    assert.deepEqual({ commit, prepare }, { commit: position!.commit, prepare: 0n });
    const after = async (from: { commit: bigint; prepare: bigint }) => {
      const subscription = client.subscribeToAll({ fromPosition: from, filter: filter() });
      let seen = 0;
      subscription.on('data', () => seen++);
      await once(subscription, 'caughtUp');
      await subscription.unsubscribe();
      return seen;
    };
    assert.equal(await after({ commit, prepare }), 1);
    assert.equal(await after({ commit, prepare: commit }), 0, 'with the halves made equal, an event is lost');
  }));
