import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { EventStoreDBClient, type Position, START, streamNameFilter } from '@eventstore/db-client';
import fc from 'fast-check';
import type { StreamFault } from './faults.ts';
import { type EventStoreServer, startEventStore } from './start.ts';
import { events, noted } from './testing.ts';

let server: EventStoreServer;
/** one that reads, whose connection is cut at times, and one that writes */
let client: EventStoreDBClient;
let writer: EventStoreDBClient;
before(async () => {
  server = await startEventStore();
  client = EventStoreDBClient.connectionString(server.url);
  // Clients of one process with the same options share one connection: grpc-js pools them.
  writer = EventStoreDBClient.connectionString(`${server.url}&keepAliveInterval=20000`);
});
after(async () => {
  await client.dispose();
  await writer.dispose();
  await server.stop();
});

/** What a follower saw, in order: an event's id with its place, or a frame's place. */
type Seen = { readonly id: string; readonly at: Position } | { readonly frame: Position };

/**
 * Follows from a place until the stream ends or fails, or until `enough`. Frames come in order with the events, as
 * the client's callback pushes them there.
 */
async function follow(
  prefix: string,
  checkpointInterval: number,
  from: Position | typeof START,
  seen: (one: Seen) => void,
  enough: () => boolean,
): Promise<void> {
  const subscription = client.subscribeToAll({
    fromPosition: from,
    filter: streamNameFilter({
      prefixes: [prefix],
      checkpointInterval,
      checkpointReached: async (_, frame) => seen({ frame }),
    }),
  });
  subscription.on('data', ({ event }) => {
    seen({ id: event!.id, at: event!.position! });
    if (enough()) void subscription.unsubscribe();
  });
  await new Promise<void>(resolve => subscription.on('error', () => resolve()).on('close', () => resolve()));
}

const strikes = fc.array(
  fc.record({ do: fc.constantFrom('refuse', 'cut', 'end'), after: fc.nat(40) }) as fc.Arbitrary<
    Pick<StreamFault, 'do' | 'after'>
  >,
  { maxLength: 4 },
);
const writes = fc.array(fc.record({ ours: fc.boolean(), count: fc.integer({ min: 1, max: 45 }) }), {
  minLength: 1,
  maxLength: 12,
});

/** Whether resuming from a frame as it came, or from its event half twice, is what a reader does (golden 22). */
const resuming = fc.constantFrom('as it came', 'halves made equal');

test('interrupted anywhere, a follower that resumes from what it saw last misses nothing and gets nothing twice', async () => {
  const property = fc.asyncProperty(
    writes,
    writes,
    strikes,
    fc.integer({ min: 1, max: 3 }),
    resuming,
    async (early, late, faults, interval, how) => {
      const run = randomUUID().slice(0, 8);
      const wanted: string[] = [];
      const write = async (plan: typeof early): Promise<void> => {
        for (const { ours, count } of plan) {
          const batch = Array.from({ length: count }, () => noted());
          await writer.appendToStream(`${ours ? 'ours' : 'theirs'}-${run}`, batch);
          if (ours) wanted.push(...batch.map(({ id }) => id));
        }
      };
      // The first write is ours, so that there is something to wait for; so is the last.
      await write([{ ours: true, count: 1 }, ...early]);
      const last = noted();
      const writing = write(late)
        .then(() => writer.appendToStream(`ours-${run}`, last))
        .then(() => wanted.push(last.id));
      let isBroken = false;
      writing.catch(() => {
        isBroken = true;
      });
      const got: string[] = [];
      let place: Position | typeof START = START;
      for (let n = 0; got.at(-1) !== last.id && !isBroken; n++) {
        const fault = faults[n];
        if (fault) await server.fault({ on: 'subscription', ...fault });
        const seen = (one: Seen): void => {
          if ('id' in one) got.push(one.id);
          const { commit, prepare } = 'id' in one ? one.at : one.frame;
          place = { commit, prepare: how === 'as it came' ? prepare : commit };
        };
        await follow(`ours-${run}`, interval, place, seen, () => got.at(-1) === last.id);
      }
      await writing;
      assert.deepEqual(got, wanted);
    },
  );
  await fc.assert(property, { numRuns: 40, seed: 20260102 });
});

test('a frame never runs ahead of an event, live ones come every 32 x interval considered events', async () => {
  const prefix = `live-${randomUUID()}`;
  await writer.appendToStream(prefix, noted());
  for (const interval of [1, 2, 3]) {
    const frames: bigint[] = [];
    const subscription = client.subscribeToAll({
      fromPosition: 'end',
      filter: streamNameFilter({
        prefixes: [prefix],
        checkpointInterval: interval,
        checkpointReached: async (_, { commit, prepare }) => {
          assert.equal(commit, prepare);
          frames.push(commit);
        },
      }),
    });
    const last = noted();
    const done = new Promise<void>(resolve => {
      subscription.on('data', ({ event }) => event!.id === last.id && resolve());
    });
    await once(subscription, 'caughtUp');
    const considered: bigint[] = [];
    for (let n = 0; n < 200; n++) {
      const { position } = await writer.appendToStream(n % 50 === 7 ? prefix : 'foreign', n === 199 ? last : noted());
      considered.push(position!.commit);
    }
    await writer.appendToStream(prefix, last);
    await done;
    await subscription.unsubscribe();
    assert.deepEqual(
      frames,
      considered.filter((_, n) => (n + 1) % (32 * interval) === 0),
    );
  }
});

test('a reader that falls behind is told, catches up, is told that too, and its frames stay due', async () => {
  const prefix = `behind-${randomUUID()}`;
  const frames: bigint[] = [];
  const filter = streamNameFilter({
    prefixes: [prefix],
    checkpointInterval: 3,
    checkpointReached: async (_, { commit }) => void frames.push(commit),
  });
  const subscription = client.subscribeToAll({ fromPosition: 'end', filter });
  const names: string[] = [];
  const got: string[] = [];
  for (const name of ['caughtUp', 'fellBehind'] as const) subscription.on(name, () => names.push(name));
  subscription.on('data', ({ event }) => got.push(event!.id));
  await once(subscription, 'caughtUp');
  const many = Array.from({ length: 90 }, () => noted());
  const again = once(subscription, 'caughtUp');
  await writer.appendToStream(prefix, many);
  await again;
  assert.deepEqual(names, ['caughtUp', 'fellBehind', 'caughtUp']);
  // 96 were considered then, though some of them twice.
  frames.length = 0;
  const due: bigint[] = [];
  for (let n = 91; n <= 97; n++) due.push((await writer.appendToStream('foreign', noted())).position!.commit);
  const last = noted();
  const delivered = once(subscription, 'data');
  await writer.appendToStream(prefix, last);
  await delivered;
  await subscription.unsubscribe();
  assert.deepEqual(frames, [due[96 - 91]]);
  assert.deepEqual(
    got,
    [...many, last].map(({ id }) => id),
  );
});

test('a place beyond the end is accepted in silence, and nothing before it is delivered', async () => {
  const prefix = `beyond-${randomUUID()}`;
  const { position } = await writer.appendToStream(prefix, noted());
  const beyond = { commit: position!.commit + 1_000_000n, prepare: position!.commit + 1_000_000n };
  const filter = streamNameFilter({ prefixes: [prefix], checkpointInterval: 1 });
  const subscription = client.subscribeToAll({ fromPosition: beyond, filter });
  const names: string[] = [];
  for (const name of ['data', 'fellBehind', 'error'] as const) subscription.on(name, () => names.push(name));
  await once(subscription, 'caughtUp');
  await writer.appendToStream(
    prefix,
    Array.from({ length: 50 }, () => noted()),
  );
  await events(client.readStream(prefix));
  assert.deepEqual(names, []);
  await subscription.unsubscribe();
});

test('a slow reader holds the server back, and gets everything', async () => {
  const stream = `slow-${randomUUID()}`;
  const text = 'x'.repeat(10_000);
  for (let n = 0; n < 20; n++) {
    await writer.appendToStream(
      stream,
      Array.from({ length: 50 }, () => noted({ text })),
    );
  }
  let count = 0;
  for await (const _ of client.readStream(stream)) {
    if (++count % 100 === 0) await new Promise(resolve => setImmediate(resolve));
  }
  assert.equal(count, 1000);
  assert.equal((await events(client.readStream(stream, { fromRevision: 990n, maxCount: 5 }))).length, 5);
});
