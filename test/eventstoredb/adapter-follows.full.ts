import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { jsonEvent } from '@eventstore/db-client';
import fc from 'fast-check';
import { LogBehindViews } from '../../core/errors.ts';
import {
  all,
  delivered,
  type Follower,
  follow,
  ids,
  many,
  proposed,
  unique,
  within,
} from '../../core/event-store/contract/tools.ts';
import type { Batch, EventStore } from '../../core/event-store/port.ts';
import { Connection } from '../../stores/event-log/eventstoredb/connection.ts';
import { BUFFERED } from '../../stores/event-log/eventstoredb/reading.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { scratchFolder } from '../support/programs.ts';
import { GIVES_UP_MS, holds, isUnavailable, saw, withClient, withStore } from './adapter-testing.ts';
import type { Fault, StreamFault } from './faults.ts';
import { startEventStore } from './start.ts';

const ABORT_MS = 1000;
/** Time that a slow consumer takes, longer than the adapter waits for an answer. */
const SLOW_MS = 5000;

/** Faults of a server that interrupt its subscriptions; each ends the open one. */
const interruptions: Readonly<Record<string, Fault>> = {
  'drops its subscriptions': { on: 'server', do: 'drop-subscriptions' },
  'resets its connections': { on: 'server', do: 'reset-connections' },
  'changes its leader': { on: 'server', do: 'leader-change' },
};

const cuts = (['refuse', 'cut', 'end'] as const).flatMap(how =>
  [0, 1, 7].map(after => ({ on: 'subscription', do: how, after, times: 3 }) satisfies StreamFault),
);

/** Appends system events, as the server itself does, through the bare client. */
const writeSystemEvents = (url: string, count: number): Promise<void> =>
  withClient(url, async client => {
    const events = Array.from({ length: count }, (_, n) => jsonEvent({ type: '$statsCollected', data: { n } }));
    await client.appendToStream('$stats-1', events);
  });

/** Asserts that `upTo` never decreases, and that no later event is at or before it. */
function isSound(batches: readonly Batch[], after = 0): void {
  for (let [i, last] = [0, after]; i < batches.length; i++) {
    const { events, upTo } = batches[i]!;
    assert.ok(events.every(({ position }) => position > last && position <= upTo));
    assert.ok(upTo >= last);
    last = upTo;
  }
}

describe('a live follower misses nothing and gets nothing twice when a server', { concurrency: 3 }, () => {
  for (const fault of cuts) {
    test(`${fault.do}s three subscriptions, each after ${fault.after} facts`, () =>
      withStore(async (server, store) => {
        const family = unique('fridge');
        const [before, last] = [many(30), proposed()];
        await store.append(`${family}-1`, before, 'none');
        await server.fault(fault);
        using follower = follow(store, { families: [family], batch: 4 });
        await server.until('subscriptions', 4);
        await store.append(`${family}-2`, [last], 'none');
        await saw(follower, last);
        assert.deepEqual(ids(delivered(follower.batches)), ids([...before, last]));
        isSound(follower.batches);
      }));
  }

  for (const [what, fault] of Object.entries(interruptions)) {
    test(what, () =>
      withStore(async (server, store) => {
        const family = unique('fridge');
        const facts = many(20);
        using follower = follow(store, { families: [family] });
        for (const [i, fact] of facts.entries()) {
          await store.append(`${family}-${i}`, [fact], 'none');
          if (i % 5 === 4) await server.fault(fault);
          if (i % 2 === 0) await saw(follower, fact);
        }
        await saw(follower, facts.at(-1)!);
        await server.until('subscriptions', 4);
        assert.deepEqual(ids(delivered(follower.batches)), ids(facts));
        isSound(follower.batches);
      }),
    );
  }

  test('is killed while it delivers history, and again while it is followed live', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const [before, facts] = [many(400), many(3)];
      await store.append(`${family}-1`, before, 'none');
      await server.fault({ on: 'subscription', do: 'hang', after: 150 });
      using follower = follow(store, { families: [family] });
      await server.until('subscriptions', 1);
      for (const [i, fact] of facts.entries()) {
        await server.kill();
        await server.restart();
        await store.append(`${family}-2`, [fact], i - 1 < 0 ? 'none' : i - 1);
        await saw(follower, fact);
      }
      assert.deepEqual(ids(delivered(follower.batches)), ids([...before, ...facts]));
      isSound(follower.batches);
    }));

  test('interrupts it at random', async () =>
    withStore(async (server, store) => {
      const step = fc.record({
        facts: fc.integer({ min: 0, max: 40 }),
        foreign: fc.integer({ min: 0, max: 70 }),
        fault: fc.option(
          fc.oneof(
            fc.constantFrom(...Object.values(interruptions)),
            fc.record({
              on: fc.constant('subscription' as const),
              do: fc.constantFrom('refuse' as const, 'cut' as const, 'end' as const),
              after: fc.integer({ min: 0, max: 20 }),
            }),
          ),
        ),
      });
      const plan = fc.record({
        batch: fc.integer({ min: 1, max: 50 }),
        steps: fc.array(step, { minLength: 1, maxLength: 8 }),
      });
      const property = fc.asyncProperty(plan, async ({ batch, steps }) => {
        const family = unique('fridge');
        const expected: string[] = [];
        using follower = follow(store, { families: [family], batch });
        for (const [i, { facts, foreign, fault }] of steps.entries()) {
          const ours = many(facts);
          if (fault) await server.fault(fault);
          if (foreign > 0) await store.append(`${unique('member')}-1`, many(foreign), 'none');
          if (facts > 0) await store.append(`${family}-${i}`, ours, 'none');
          expected.push(...ids(ours));
        }
        const last = proposed();
        await store.append(`${family}-last`, [last], 'none');
        await saw(follower, last);
        await server.clear();
        assert.deepEqual(ids(delivered(follower.batches)), [...expected, last.id]);
        isSound(follower.batches);
      });
      await fc.assert(property, { seed: 20260103, numRuns: 15, endOnFailure: true });
    }));

  test('falls silent in the middle of history', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const before = many(30);
      await store.append(`${family}-1`, before, 'none');
      await server.fault({ on: 'subscription', do: 'hang', after: 11 });
      using follower = follow(store, { families: [family] });
      await saw(follower, before.at(-1)!);
      assert.deepEqual(ids(delivered(follower.batches)), ids(before));
    }));

  test('cuts it off while its consumer is busy', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const [facts, meanwhile, last] = [many(10), many(300), proposed()];
      const release = Promise.withResolvers<void>();
      await store.append(`${family}-1`, facts, 'none');
      using follower = follow(store, { families: [family], batch: 3 }, () => release.promise);
      await saw(follower, facts[0]!);
      await server.fault({ on: 'server', do: 'reset-connections' });
      await server.until('dropped', 1);
      await store.append(`${family}-2`, meanwhile, 'none');
      release.resolve();
      await store.append(`${family}-3`, [last], 'none');
      await saw(follower, last);
      assert.deepEqual(ids(delivered(follower.batches)), ids([...facts, ...meanwhile, last]));
      isSound(follower.batches);
    }));
});

describe('checkpoint frames', { concurrency: 3 }, () => {
  test('advance a follower past facts of other families', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const before = await store.append(`${family}-1`, [proposed()], 'none');
      for (let i = 0; i < 3; i++) await store.append(`${unique('member')}-1`, many(500), 'none');
      const batches = await all(store.follow({ after: before.position, families: [family], live: false }));
      assert.deepEqual(delivered(batches), []);
      isSound(batches, before.position);

      const moved = Promise.withResolvers<void>();
      const start = (await store.head()).position;
      using follower = follow(store, { families: [family], after: start }, ({ upTo }) => {
        if (upTo > start) moved.resolve();
        return undefined;
      });
      await server.until('subscriptions', 2);
      for (let i = 0; i < 3; i++) await store.append(`${unique('member')}-1`, many(500), 'none');
      await within(2000, 'upTo moves', moved.promise);
      assert.deepEqual(delivered(follower.batches), []);
      isSound(follower.batches, start);
    }));

  test('at the position of the next record lose nothing for a follower that resumes from them', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const facts = many(5);
      await server.fault({ on: 'subscription', do: 'checkpoint-next', times: 10 });
      using follower = follow(store, { families: [family] });
      for (const [i, fact] of facts.entries()) {
        await follower.started();
        await server.until('subscriptions', i + 1);
        const { upTo } = follower.batches.at(-1)!;
        await server.fault({ on: 'server', do: 'drop-subscriptions' });
        await store.append(`${family}-${i}`, [fact], 'none');
        await saw(follower, fact);
        const resumed = await all(store.follow({ after: upTo, families: [family], live: false }));
        assert.ok(ids(delivered(resumed)).includes(fact.id));
      }
      assert.deepEqual(ids(delivered(follower.batches)), ids(facts));
      isSound(follower.batches);
    }));

  test('ahead of their facts advance no follower past them', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const facts = many(40);
      await store.append(`${family}-1`, facts.slice(0, 30), 'none');
      await server.fault({ on: 'subscription', do: 'checkpoint-ahead', times: 100 });
      for (const batch of [1, 4, 500]) {
        const batches = await all(store.follow({ after: 0, families: [family], live: false, batch }));
        assert.deepEqual(ids(delivered(batches)), ids(facts.slice(0, 30)));
        isSound(batches);
        for (const { upTo } of batches) await resumes(store, family, upTo);
      }
      using follower = follow(store, { families: [family], batch: 2 });
      await saw(follower, facts[29]!);
      await store.append(`${family}-2`, facts.slice(30), 'none');
      await saw(follower, facts.at(-1)!);
      assert.deepEqual(ids(delivered(follower.batches)), ids(facts));
      isSound(follower.batches);
    }));

  /** Resuming from any `upTo` delivers every fact after it. */
  async function resumes(store: EventStore, family: string, upTo: number): Promise<void> {
    const stored = await all(store.read(`${family}-1`));
    const batches = await all(store.follow({ after: upTo, families: [family], live: false }));
    assert.deepEqual(ids(delivered(batches)), ids(stored.filter(({ position }) => position > upTo)));
  }
});

describe('following', { concurrency: 3 }, () => {
  test('without live, a lost server is reported as unavailable, never as the end', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      await store.append(`${family}-1`, many(30), 'none');
      await server.fault({ on: 'subscription', do: 'hang', after: 10 });
      const came: string[] = [];
      const following = (async () => {
        for await (const { events, caughtUp } of store.follow({ after: 0, families: [family], live: false })) {
          came.push(...ids(events));
          assert.equal(caughtUp, false);
          if (came.length === 10) await server.kill();
        }
      })();
      await isUnavailable(following, 3 * GIVES_UP_MS);
      assert.equal(came.length, 10);
    }));

  test('without live, a silent server is reported as unavailable', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      await store.append(`${family}-1`, many(30), 'none');
      await server.fault({ on: 'subscription', do: 'hang', after: 10 });
      await server.fault({ on: 'subscription', do: 'hang', times: 50 });
      await isUnavailable(all(store.follow({ after: 0, families: [family], live: false })), 3 * GIVES_UP_MS);
    }));

  test('without live, interruptions are retried', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const facts = many(30);
      await store.append(`${family}-1`, facts, 'none');
      for (const how of ['refuse', 'cut', 'end'] as const) {
        await server.fault({ on: 'subscription', do: how, after: 7, times: 3 });
        const batches = await all(store.follow({ after: 0, families: [family], live: false, batch: 4 }));
        assert.deepEqual(ids(delivered(batches)), ids(facts));
        isSound(batches);
      }
    }));

  test('caughtUp is never reported before everything was delivered, despite interruptions', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const facts = many(30);
      await store.append(`${family}-1`, facts, 'none');
      await server.fault({ on: 'subscription', do: 'cut', after: 7, times: 3 });
      using follower = follow(store, { families: [family], batch: 4 });
      await saw(follower, facts.at(-1)!);
      const last = proposed();
      await store.append(`${family}-2`, [last], 'none');
      await saw(follower, last);
      let came = 0;
      for (const { events, caughtUp } of follower.batches) {
        came += events.length;
        if (caughtUp) assert.ok(came >= facts.length);
      }
      assert.ok(follower.batches.some(({ caughtUp }) => caughtUp));
    }));

  test('ends at once when it is aborted while the server is away', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const fact = proposed();
      await store.append(`${family}-1`, [fact], 'none');
      using waits = follow(store, { families: [family] });
      await saw(waits, fact);
      await server.kill();
      using begins = follow(store, { families: [family] });
      await isUnavailable(store.head()); // by then both have retried
      for (const follower of [waits, begins]) {
        follower.abort();
        await within(ABORT_MS, 'following ends', follower.ended);
      }
      assert.deepEqual(ids(delivered(waits.batches)), [fact.id]);
    }));

  test('ends with an error, and at once, when the store is closed while the server is away', () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const fact = proposed();
      await store.append(`${family}-1`, [fact], 'none');
      using follower = follow(store, { families: [family] });
      await saw(follower, fact);
      await server.kill();
      await isUnavailable(store.head());
      await store.close();
      await isUnavailable(follower.ended, ABORT_MS);
    }));
});

describe('a log that was restored from a backup under a running follower', () => {
  /** The follower has seen three facts more than the log now holds; the server is up again. */
  async function withFollower(work: (store: EventStore, follower: Follower) => Promise<void>): Promise<void> {
    const folder = scratchFolder();
    const backup = join(folder, 'backup.db');
    const file = join(folder, 'eventstore.db');
    await using server = await startEventStore({ folder });
    const store = eventStoreDb(server.url);
    try {
      await store.append('fridge-1', [proposed()], 'none');
      await server.kill();
      for (const part of ['', '-wal']) cpSync(`${file}${part}`, `${backup}${part}`);
      await server.restart();
      const facts = many(3);
      await store.append('fridge-2', facts, 'none');
      using follower = follow(store);
      await saw(follower, facts.at(-1)!);
      await server.kill();
      rmSync(`${file}-shm`, { force: true });
      for (const part of ['', '-wal']) cpSync(`${backup}${part}`, `${file}${part}`);
      await server.restart();
      await work(store, follower);
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const isBehind = (follower: Follower) =>
    within(3 * GIVES_UP_MS, 'following ends', assert.rejects(follower.ended, LogBehindViews));

  test('is distinguished from a log after an outage', () => withFollower((_, follower) => isBehind(follower)));

  test("is detected although it has grown beyond the follower's position", () =>
    withFollower(async (store, follower) => {
      await store.append('fridge-3', many(400), 'none');
      await isBehind(follower);
    }));

  test('is detected by a position in the middle of a fact', () =>
    withStore(async (_, store) => {
      const { position } = await store.append('fridge-1', [proposed()], 'none');
      await store.append('fridge-2', many(3), 'none');
      const following = all(store.follow({ after: position + 1, live: false }));
      await within(3 * GIVES_UP_MS, 'following ends', assert.rejects(following, LogBehindViews));
    }));
});

describe('under TLS, where a reset may leave a dead connection', () => {
  const secured = { tls: 'right', user: 'admin', password: 'changeit' } as const;

  test('appends and followers recover', async () => {
    await using server = await startEventStore(secured);
    const [store, other] = [eventStoreDb(server.url), eventStoreDb(server.url)];
    try {
      using follower = follow(other, { families: ['last'] });
      await follower.started();
      for (let round = 0; round < 8; round++) {
        const appends = Array.from({ length: 10 }, () => store.append(`${unique('fridge')}-1`, many(20), 'none'));
        await server.until('appends', round * 11 + 3);
        await server.fault({ on: 'server', do: 'reset-connections' });
        await Promise.all(appends);
        const last = proposed();
        await store.append(`last-${round}`, [last], 'none');
        await saw(follower, last);
      }
    } finally {
      await Promise.all([store.close(), other.close()]);
    }
  });
});

test('every call requires the leader: other nodes may lack an acknowledged fact', () =>
  withStore(async (server, store) => {
    const { position } = await store.append('fridge-1', [proposed()], 'none');
    await all(store.read('fridge-1'));
    await store.head();
    await all(store.follow({ after: 0, live: false }));
    await within(ABORT_MS, 'four calls', server.until('for-leader', 4));
    assert.ok(position > 0);
  }));

describe('a read', { concurrency: 3 }, () => {
  for (const how of ['refuse', 'cut'] as const) {
    test(`is complete and in order when the server ${how}s it`, () =>
      withStore(async (server, store) => {
        const stream = `${unique('fridge')}-1`;
        const facts = many(30);
        await store.append(stream, facts, 'none');
        for (const after of [0, 1, 11, 30]) {
          await server.fault({ on: 'read', do: how, after, times: 2 });
          await holds(store, stream, facts);
          await server.clear();
        }
        await server.fault({ on: 'read', do: how, after: 4, times: 2 });
        assert.deepEqual(ids(await all(store.read(stream, { from: 5, upTo: 16 }))), ids(facts.slice(5, 17)));
      }));
  }

  test('gives up in time without an answer, and works again later', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const facts = many(30);
      await store.append(stream, facts, 'none');
      for (const after of [0, 10]) {
        await server.fault({ on: 'read', do: 'hang', after });
        await server.fault({ on: 'read', do: 'hang', times: 50 });
        await isUnavailable(all(store.read(stream)), 3 * GIVES_UP_MS);
        await server.clear();
      }
      await server.fault({ on: 'read', do: 'hang', after: 10 });
      await holds(store, stream, facts);
      await server.fault({ on: 'read', do: 'hang', times: 2 });
      await isUnavailable(store.head());
      await server.clear();
      await holds(store, stream, facts);
    }));

  test('with a slow consumer recovers from an interruption at any time', () =>
    withStore(async (server, store) => {
      const stream = `${unique('fridge')}-1`;
      const facts = many(400);
      await store.append(stream, facts, 'none');
      await server.fault({ on: 'read', do: 'cut', after: 200 });
      const came: string[] = [];
      for await (const { id } of store.read(stream)) {
        came.push(id);
        if (came.length === 1) await delay(SLOW_MS);
      }
      assert.deepEqual(came, ids(facts));
    }));

  // An answer that fits into the buffers is complete, including its end, while its consumer still has the first fact.
  test('that its consumer abandons half-way, however much has arrived, does not keep the store from closing', () =>
    withStore(async server => {
      for (const count of [1, 20, 256, 260, 264, 268, 272, 300]) {
        const store = eventStoreDb(server.url);
        const stream = `${unique('fridge')}-1`;
        await store.append(stream, many(count), 'none');
        for await (const _ of store.read(stream)) {
          await store.append(`${unique('fridge')}-1`, many(500), 'none');
          break;
        }
        await within(ABORT_MS, `the store closes beside a read of ${count}`, store.close());
      }
    }));

  // The client keeps its streams until they have been read to their ends.
  test('that its consumer abandons half-way leaves nothing behind in the client, however much has arrived', () =>
    withStore(async (server, store) => {
      for (const count of [1, 20, 256, 260, 264, 268, 272, 300]) {
        const connection = new Connection(server.url);
        const { client } = connection;
        const stream = `${unique('fridge')}-1`;
        await store.append(stream, many(count), 'none');
        const source = client.readStream(stream, {}, { highWaterMark: BUFFERED });
        const intake = connection.intake(source, () => source.cancel(), new AbortController().signal);
        assert.ok(await intake.more(ABORT_MS));
        intake.take(1);
        // By then everything that fits into the buffers has arrived.
        await store.append(`${unique('fridge')}-1`, many(500), 'none');
        intake.close();
        await within(ABORT_MS, `no stream of ${count} is left`, client.dispose());
      }
    }));

  test('that its consumer never continues does not keep the store from closing', () =>
    withStore(async server => {
      for (const count of [1, 256, 264, 272, 400]) {
        const store = eventStoreDb(server.url);
        const stream = `${unique('fridge')}-1`;
        await store.append(stream, many(count), 'none');
        const reading = store.read(stream)[Symbol.asyncIterator]();
        await reading.next();
        await store.append(`${unique('fridge')}-1`, many(500), 'none');
        await within(ABORT_MS, `the store closes beside a read of ${count}`, store.close());
        await isUnavailable(
          (async () => {
            while (!(await reading.next()).done);
          })(),
        );
      }
    }));

  test("of the head finds the newest fact, past the server's own events", () =>
    withStore(async (server, store) => {
      // A server's first event is its own: the log of a real one is never empty.
      const { position, ...none } = await store.head();
      assert.deepEqual(none, {});
      await writeSystemEvents(server.url, 1);
      const { position: later, ...still } = await store.head();
      assert.ok(later > position);
      assert.deepEqual(still, {});

      const stream = `${unique('fridge')}-1`;
      const answer = await store.append(stream, many(2), 'none');
      const [, newest] = await all(store.read(stream));
      assert.deepEqual(await store.head(), { position: answer.position, newest });
      await writeSystemEvents(server.url, 700);
      const head = await store.head();
      assert.deepEqual(head.newest, newest);
      assert.ok(head.position > answer.position);
    }));

  test('of the head position reads nothing before it', () =>
    withStore(async (server, store) => {
      await store.append('fridge-1', [proposed()], 'none');
      await writeSystemEvents(server.url, 10);
      const { position } = await store.head();
      await server.fault({ on: 'read', do: 'hang', after: 1 });
      assert.equal(await within(ABORT_MS, 'the head position', store.headPosition()), position);
    }));
});
