import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, follow, ids, many, unique } from '../../core/event-store/contract/tools.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { holds, saw } from './adapter-testing.ts';
import { type Cluster, startCluster } from './cluster.ts';

async function withCluster(
  urlOf: (cluster: Cluster) => string,
  work: (store: EventStore, cluster: Cluster) => Promise<void>,
): Promise<void> {
  await using cluster = await startCluster();
  const store = eventStoreDb(urlOf(cluster));
  try {
    await work(store, cluster);
  } finally {
    await store.close();
  }
}

test('a follower redirects to the leader: appends, reads, the head and subscriptions', () =>
  withCluster(
    ({ follower }) => `esdb://127.0.0.1:${follower.port}?tls=false`,
    async (store, { leader }) => {
      const family = unique('fridge');
      const facts = many(3);
      const is = await store.append(`${family}-1`, facts, 'none');
      await holds(store, `${family}-1`, facts, { of: facts[2]!, is });
      assert.equal((await store.head()).position, is.position);
      using follower = follow(store, { families: [family] });
      await saw(follower, facts[2]!);
      await leader.until('for-leader', 4);
    },
  ));

test('each call on its own may reach a follower first', async () => {
  await using cluster = await startCluster();
  const family = unique('fridge');
  const facts = many(2);
  const calls: ((store: EventStore) => Promise<unknown>)[] = [
    store => store.append(`${family}-1`, facts, 'none'),
    store => holds(store, `${family}-1`, facts),
    async store => assert.equal((await store.head()).newest?.id, facts[1]!.id),
    async store => {
      using follower = follow(store, { families: [family] });
      await saw(follower, facts[1]!);
    },
  ];
  for (const call of calls) {
    const store = eventStoreDb(`esdb://127.0.0.1:${cluster.follower.port}?tls=false`);
    try {
      await call(store);
    } finally {
      await store.close();
    }
  }
});

test('leaders are killed and another takes over: each append is stored once, followers miss nothing', () =>
  withCluster(
    ({ url }) => url,
    async (store, cluster) => {
      const family = unique('fridge');
      const lost = many(3);
      const later = many(3);
      using follower = follow(store, { families: [family] });
      for (const [n, fact] of lost.entries()) {
        // Written, but the answer is lost with the leader.
        await cluster.leader.fault({ on: 'append', do: 'hang', written: true, ms: 60_000 });
        const stream = `${family}-${n}`;
        const underWay = store.append(stream, [fact], 'none');
        await saw(follower, fact);
        await cluster.changeLeader();
        const is = await underWay;
        await store.append(stream, [later[n]!], 0);
        await holds(store, stream, [fact, later[n]!], { of: fact, is });
      }
      await saw(follower, later.at(-1)!);
      assert.deepEqual(
        ids(delivered(follower.batches)),
        lost.flatMap((fact, n) => [fact.id, later[n]!.id]),
      );
    },
  ));
