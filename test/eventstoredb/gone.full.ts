import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../../core/errors.ts';
import { all, delivered, follow, ids, many, proposed, unique } from '../../core/event-store/contract/tools.ts';
import type { Appended, EventStore, Proposed } from '../../core/event-store/port.ts';
import { saw, withStore } from './adapter-testing.ts';

const GONE_MS = 20_000;
const WRITERS = 20;

/** The server is killed either before it has written the event, or after that but before it answers. */
const moments = {
  'before it has written': { on: 'append', do: 'hang', ms: 60_000, times: WRITERS },
  'after it has written': { on: 'append', do: 'late', ms: 60_000, times: WRITERS },
} as const;

for (const [moment, fault] of Object.entries(moments)) {
  test(`a server that is killed ${moment} and gone for 20 s loses nothing and stores nothing twice`, () =>
    withStore(async (server, store) => {
      const family = unique('fridge');
      const [before, struck, since] = [many(400), many(WRITERS), proposed()];
      await store.append(`${family}-before`, before, 'none');
      using follower = follow(store, { families: [family] });
      await saw(follower, before.at(-1)!);

      await server.fault(fault);
      const calls = struck.map((fact, i) => untilStored(store, `${family}-${i}`, fact));
      await server.until('appends', 1 + WRITERS);
      await server.kill();
      await delay(GONE_MS);
      await server.restart();

      const answers = await Promise.all(calls);
      assert.ok(answers.every(({ refusals }) => refusals > 0));
      await store.append(`${family}-since`, [since], 'none');
      await saw(follower, since);

      const stored = delivered(await all(store.follow({ after: 0, families: [family], live: false })));
      assert.deepEqual(delivered(follower.batches), stored);
      assert.deepEqual(ids(stored).toSorted(), ids([...before, ...struck, since]).toSorted());
      const places = new Map(stored.map(({ id, revision, position }) => [id, { revision, position }]));
      assert.deepEqual(
        answers.map(({ answer }) => answer),
        struck.map(({ id }) => places.get(id)),
      );
    }));
}

test('a server that is killed in the middle of a history and gone for 20 s is followed without a gap or a duplicate', () =>
  withStore(async (server, store) => {
    const family = unique('fridge');
    const facts = many(1000);
    for (const half of [0, 500]) await store.append(`${family}-${half}`, facts.slice(half, half + 500), 'none');
    await server.fault({ on: 'subscription', do: 'hang', after: 600 });
    using follower = follow(store, { families: [family] });
    await saw(follower, facts[0]!);
    await server.kill();
    await delay(GONE_MS);
    await server.restart();
    await saw(follower, facts.at(-1)!);
    assert.deepEqual(ids(delivered(follower.batches)), ids(facts));
  }));

/** Repeats the same append for as long as it is refused as retryable. */
async function untilStored(
  store: EventStore,
  stream: string,
  fact: Proposed,
): Promise<{ answer: Appended; refusals: number }> {
  for (let refusals = 0; ; refusals++) {
    try {
      return { answer: await store.append(stream, [fact], 'none'), refusals };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}
