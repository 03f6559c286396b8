import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonEvent } from '@eventstore/db-client';
import { within } from '../core/event-store/contract/tools.ts';
import { withClient } from './eventstoredb/adapter-testing.ts';
import { startCluster } from './eventstoredb/cluster.ts';
import { startEventStore } from './eventstoredb/start.ts';
import { newcomer } from './support/client.ts';
import { ownFolder, ownServer } from './support/data-folders.ts';

/** A client's discovery on a silent cluster would take more than a minute. */
const STOP_MS = 30_000;

test("a household survives the death of a cluster's leader, and SIGTERM ends a node although the cluster is silent", async () => {
  await using cluster = await startCluster();
  const server = await ownServer(ownFolder(), { EVENTSTORE_URL: cluster.url });
  const { client, fridgeId } = await newcomer(server.url);
  const list = `/fridges/${fridgeId}/ingredients`;
  assert.equal((await client.post(list, { name: '우유' })).status, 201);
  await cluster.changeLeader();
  const key = { 'Idempotency-Key': 'after the change' };
  let stored = await client.post(list, { name: '두부' }, key);
  // A request during the change of leader may be answered 503 and is then repeated.
  for (let tries = 0; stored.status === 503 && tries < 10; tries++)
    stored = await client.post(list, { name: '두부' }, key);
  assert.equal(stored.status, 201);
  const wait = { 'Wait-For-Position': stored.headers.get('position')! };
  let listed = await client.get(list, wait);
  for (let tries = 0; listed.status === 503 && tries < 10; tries++) listed = await client.get(list, wait);
  assert.deepEqual(listed.body.items.map(({ name }: { name: string }) => name).sort(), ['두부', '우유']);
  cluster.leader.freeze();
  cluster.follower.freeze();
  assert.equal(await within(STOP_MS, 'it stops', server.stop()), 0);
});

test('events of another program in the same server, and their deletion, do not count as a restored backup', async () => {
  await using eventStore = await startEventStore();
  const place = ownFolder();
  const settings = { EVENTSTORE_URL: eventStore.url };
  const append = (stream: string, type: string, data: Record<string, number>) =>
    withClient(eventStore.url, async client => void (await client.appendToStream(stream, jsonEvent({ type, data }))));
  const first = await ownServer(place, settings);
  const { client } = await newcomer(first.url);
  await append('price', 'Priced', { n: 1 });
  assert.equal((await client.get('/fridges')).status, 200);
  assert.equal(await first.stop(), 0);
  await append('$$price', '$metadata', { $maxCount: 1 });
  await append('price', 'Priced', { n: 2 });
  const again = await ownServer(place, settings);
  client.url = again.url;
  assert.equal((await client.get('/fridges')).body.items.length, 1);
  assert.equal(await again.stop(), 0);
});
