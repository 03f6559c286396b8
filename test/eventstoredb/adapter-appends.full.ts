import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { all, conflicts, delivered, many, proposed, unique, within } from '../../core/event-store/contract/tools.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { GIVES_UP_MS, holds, isUnavailable, withStore } from './adapter-testing.ts';
import type { AppendFault } from './faults.ts';

/** Possible faults of an append, and how many attempts the server then sees. */
const strikes: Readonly<Record<string, { fault: AppendFault; appends: number }>> = {
  ...Object.fromEntries(
    (['not-ready', 'not-leader', 'timeout', 'unknown'] as const).flatMap(as =>
      [false, true].map(written => [
        `refused as ${as}, ${written ? 'but' : 'not'} written`,
        { fault: { on: 'append', do: 'refuse', as, written } as const, appends: 2 },
      ]),
    ),
  ),
  'never answered, not written': { fault: { on: 'append', do: 'hang', ms: 60_000 }, appends: 2 },
  'never answered, but written': { fault: { on: 'append', do: 'hang', written: true, ms: 60_000 }, appends: 2 },
  'cut off, not written': { fault: { on: 'append', do: 'cut' }, appends: 2 },
  'cut off, but written': { fault: { on: 'append', do: 'cut', written: true }, appends: 2 },
  'cut off three times, but written': { fault: { on: 'append', do: 'cut', written: true, times: 3 }, appends: 4 },
  'answered after its attempt timed out': { fault: { on: 'append', do: 'late', ms: 2500 }, appends: 2 },
  'answered late, but in time': { fault: { on: 'append', do: 'late', ms: 300 }, appends: 1 },
  'answered twice': { fault: { on: 'append', do: 'twice' }, appends: 1 },
};

describe('an append that is', { concurrency: 3 }, () => {
  for (const [what, { fault, appends }] of Object.entries(strikes)) {
    test(`${what}: stored once, and answered with its place`, () =>
      withStore(async (server, store) => {
        const stream = `${unique('fridge')}-1`;
        const [before, struck, next] = [proposed(), many(2), proposed()];
        await store.append(stream, [before], 'none');
        await server.fault(fault);
        const is = await within(GIVES_UP_MS, 'the append is answered', store.append(stream, struck, 0));
        await within(1000, 'the server has seen every attempt', server.until('appends', 1 + appends));
        await store.append(stream, [next], 2);
        await holds(store, stream, [before, ...struck, next], { of: struck[1]!, is });
      }));
  }
});

describe('a retried append', { concurrency: 3 }, () => {
  test('conflicts if another append was faster, and names its revision', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const [first, faster] = [proposed(), many(2)];
      await store.append(stream, [first], 'none');
      await server.fault({ on: 'append', do: 'hang', ms: 60_000 });
      const late = conflicts(store.append(stream, [proposed()], 0), stream, 2);
      await server.until('appends', 2);
      await store.append(stream, faster, 0);
      await late;
      await holds(store, stream, [first, ...faster]);
    }));

  test('is recognised although others have written since', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const [struck, since] = [many(2), many(3)];
      await server.fault({ on: 'append', do: 'hang', written: true, ms: 60_000 });
      const answer = store.append(stream, struck, 'none');
      await server.until('written', 1);
      await store.append(stream, since, 1);
      await holds(store, stream, [...struck, ...since], { of: struck[1]!, is: await answer });
    }));

  test('is recognised although the server was killed in between', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const struck = many(2);
      await server.fault({ on: 'append', do: 'late', ms: 60_000 });
      const answer = store.append(stream, struck, 'none');
      await server.until('written', 1);
      await server.kill();
      await server.restart();
      await holds(store, stream, struck, { of: struck[1]!, is: await answer });
    }));
});

describe('a server that', { concurrency: 3 }, () => {
  test('is down: an append gives up in time, and succeeds once the server is back', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const [before, refused] = [proposed(), many(2)];
      await store.append(stream, [before], 'none');
      await server.kill();
      assert.match(await isUnavailable(store.append(stream, refused, 0)), /^the event log does not answer: /);
      await server.restart();
      const is = await store.append(stream, refused, 0);
      await holds(store, stream, [before, ...refused], { of: refused[1]!, is });
    }));

  test('is frozen: an append gives up in time, and repeating it later returns its first place', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const [before, lost] = [proposed(), many(2)];
      await store.append(stream, [before], 'none');
      server.freeze();
      await isUnavailable(store.append(stream, lost, 0));
      server.thaw();
      const is = await store.append(stream, lost, 0);
      assert.deepEqual(await store.append(stream, lost, 0), is);
      await holds(store, stream, [before, ...lost], { of: lost[1]!, is });
    }));

  test('refuses for too long: an append gives up in time, and repeating it later returns its first place', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const lost = many(2);
      await server.fault({ on: 'append', do: 'refuse', as: 'not-ready', written: true, times: 1000 });
      assert.match(await isUnavailable(store.append(stream, lost, 'none')), /Server Is Not Ready/);
      await server.clear();
      const [first] = await holds(store, stream, lost);
      const is = await store.append(stream, lost, 'none');
      await holds(store, stream, lost, { of: lost[1]!, is });
      assert.equal(first!.revision, 0);
    }));

  test('changes its leader: concurrent and later appends are stored once', () =>
    withStore(async (server, store) => {
      const streams = many(5).map(() => `${unique('fridge')}-1`);
      const facts = many(10);
      await server.fault({ on: 'append', do: 'late', ms: 60_000, times: 5 });
      const under = streams.map((stream, i) => store.append(stream, [facts[i]!], 'none'));
      await server.until('written', 5);
      await server.fault({ on: 'server', do: 'leader-change', refusals: 4 });
      const answers = await Promise.all(under);
      for (const [i, stream] of streams.entries()) {
        await store.append(stream, [facts[5 + i]!], 0);
        await holds(store, stream, [facts[i]!, facts[5 + i]!], { of: facts[i]!, is: answers[i]! });
      }
    }));

  test('resets its connections: fifty concurrent appends are each stored once, and answered with their places', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const facts = many(50);
      await server.fault({ on: 'append', do: 'late', ms: 60_000, times: 15 });
      await server.fault({ on: 'append', do: 'hang', ms: 60_000, times: 15 });
      const appends = facts.map((fact, i) => store.append(`${family}-${i}`, [fact], 'none'));
      await server.until('appends', 50);
      await server.fault({ on: 'server', do: 'reset-connections' });
      await server.until('appends', 60);
      await server.fault({ on: 'server', do: 'reset-connections' });
      const answers = await Promise.all(appends);
      const batches = await all(store.follow({ after: 0, families: [family], live: false }));
      const stored = new Map(delivered(batches).map(({ id, position }) => [id, position]));
      assert.equal(delivered(batches).length, 50);
      assert.deepEqual(
        answers,
        facts.map(({ id }) => ({ revision: 0, position: stored.get(id) })),
      );
    }));
});

// The reason why our store does not use the client's BatchAppend.
test("a duplicate answer crashes a process that uses the client's own append", () =>
  withStore(async server => {
    await server.fault({ on: 'append', do: 'twice' });
    const program = `
      import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
      const client = EventStoreDBClient.connectionString(process.argv[1]);
      await client.appendToStream('a', jsonEvent({ type: 'Noted', data: {} }));
      await client.appendToStream('a', jsonEvent({ type: 'Noted', data: {} }));
      process.exit(0);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, server.url], {
      cwd: import.meta.dirname,
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
  }));

test('a cluster that accepts connections but never answers: an append gives up in time, and the store closes', async () => {
  const sockets: Socket[] = [];
  const silent = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const listener = createServer(socket => sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      return listener;
    }),
  );
  const hosts = silent.map(listener => `127.0.0.1:${(listener.address() as AddressInfo).port}`);
  const store = eventStoreDb(`esdb://${hosts.join(',')}?tls=false`);
  await isUnavailable(store.append('fridge-1', [proposed()], 'none'));
  await isUnavailable(store.head());
  const waiting = store.append('fridge-1', [proposed()], 'none');
  await Promise.all([isUnavailable(waiting), within(GIVES_UP_MS, 'it closes', store.close())]);
  for (const socket of sockets) socket.destroy();
  for (const listener of silent) listener.close();
});

test('closing waits for the append in flight, which is answered', () =>
  withStore(async (server, store) => {
    const fact = proposed();
    const stream = `${unique('fridge')}-1`;
    await server.fault({ on: 'append', do: 'late', ms: 300 });
    const append = store.append(stream, [fact], 'none');
    await server.until('appends', 1);
    await store.close();
    assert.equal((await append).revision, 0);
    await isUnavailable(store.append(stream, many(1), 0), 100);
  }));
