import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { newcomer } from './client.ts';
import { factsOf } from './event-log.ts';
import { oneServer } from './one-server.ts';
import { plant } from './planting.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);

const HOUR = 3_600_000;
const at = (ms: number) => new Date(ms).toISOString();

async function answered(recommendationId: string): Promise<string> {
  for (;;) {
    const { status } = (await client.get(`/recommendations/${recommendationId}`)).body;
    if (status !== 'requested') return status;
  }
}

for (const [whose, ahead] of [
  ['an hour ahead of ours', HOUR],
  ['an hour behind ours', -HOUR],
] as const) {
  test(`what a node asks for whose clock is ${whose} is done at once, and does not expire`, async () => {
    const asked = await client.post(`/fridges/${fridgeId}/recommendations`, { limit: 1 });
    assert.equal(await answered(asked.body.recommendationId), 'done');
    const like = `recommendation-${asked.body.recommendationId}`;
    const { data } = factsOf(server.folder).find(({ stream }) => stream === like)!;
    const recommendationId = randomUUID();
    const then = Date.now() + ahead;
    await plant(server.folder, `recommendation-${recommendationId}`, {
      like,
      type: 'RecommendationRequested',
      data: { ...data, recommendationId, expiresAt: at(then + HOUR / 6) },
      meta: { at: at(then) },
    });
    assert.equal(await answered(recommendationId), 'done');
  });
}
