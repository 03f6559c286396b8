import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { factsOf } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';
import { plant } from './support/planting.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);

const HOUR = 3_600_000;
const MINUTE = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

async function answered(recommendationId: string): Promise<string> {
  for (;;) {
    const { status } = (await client.get(`/recommendations/${recommendationId}`)).body;
    if (status !== 'requested') return status;
  }
}

const ownId = (await client.post(`/fridges/${fridgeId}/recommendations`, { limit: 1 })).body.recommendationId;
await answered(ownId);

/** The same question from another node, whose clock shows another time. */
async function askedAt(at: number, lasts = 10 * MINUTE, rest: object = {}): Promise<string> {
  const like = `recommendation-${ownId}`;
  const { type, data } = factsOf(server.folder).find(({ stream }) => stream === like)!;
  const recommendationId = randomUUID();
  await plant(server.folder, `recommendation-${recommendationId}`, {
    ...{ like, type },
    data: { ...data, recommendationId, expiresAt: iso(at + lasts), ...rest },
    meta: { at: iso(at) },
  });
  return recommendationId;
}

test('what is asked by a node whose clock is an hour ahead is done at once', async () =>
  assert.equal(await answered(await askedAt(Date.now() + HOUR)), 'done'));

test('what is asked by a node whose clock is an hour behind has not expired for that', async () =>
  assert.equal(await answered(await askedAt(Date.now() - HOUR)), 'done'));

test('what cannot be answered expires when its own time has passed, whatever the clock of who asked', async () => {
  for (const at of [Date.now() - HOUR, Date.now() + HOUR]) {
    // The fridge never comes that far: ranking fails and is tried again.
    const recommendationId = await askedAt(at, 1, { fridgeRevision: 1_000_000 });
    assert.equal(await answered(recommendationId), 'expired');
  }
});
