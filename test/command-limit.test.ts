import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer({ ZIPBOB_COMMANDS_PER_HOUR: '20' });

test('a member has a limit of commands per hour, also for concurrent ones and across restarts; reads are free', async () => {
  const [{ client, fridgeId }, other] = [await newcomer(server.url), await newcomer(server.url)];
  const path = `/fridges/${fridgeId}/ingredients`;
  const store = () => client.post(path, { name: 'milk' }, { 'Idempotency-Key': randomUUID() });
  const replies = await Promise.all(Array.from({ length: 15 }, store));
  assert.ok(replies.every(({ status }) => status === 201));
  await server.restart();
  client.url = server.url;
  other.client.url = server.url;
  assertProblem(await client.post(path, { nonsense: true }), 422, 'invalid', { paths: ['nonsense', 'name'] });

  const { length } = (await Promise.all(Array.from({ length: 30 }, store))).filter(({ status }) => status === 201);
  assert.equal(length, 4, 'a refused command counts too');
  const refused = await store();
  assertProblem(refused, 429, 'too-many-requests');
  const retryAfter = Number(refused.headers.get('retry-after'));
  assert.ok(retryAfter > 3000 && retryAfter <= 3600);

  assert.equal((await client.get(path)).status, 200);
  assert.equal((await other.client.post(`/fridges/${other.fridgeId}/ingredients`, { name: 'egg' })).status, 201);
  assert.equal((await client.post('/auth/logout')).status, 204);
});

test('the contract states the limit', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: the test checks it
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as any;
  const { responses } = paths['/api/v1/fridges/{fridgeId}/ingredients'].post;
  assert.match(responses['429'].description, /^too-many-requests: .* 3,600 commands in an hour/);
  assert.ok('Retry-After' in responses['429'].headers);
  assert.equal(paths['/api/v1/fridges'].get.responses['429'], undefined);
});
