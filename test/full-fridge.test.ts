import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const MOST = 5000;
const AT_ONCE = 200;

test('a fridge holds 5,000 ingredients, and refuses more by name', async () => {
  const server = await oneServer();
  const { client, fridgeId } = await newcomer(server.url);
  const path = `/fridges/${fridgeId}/ingredients`;
  const batch = (from: number) => Array.from({ length: AT_ONCE }, (_, i) => ({ name: `jar ${from + i}` }));
  const key = { 'Idempotency-Key': 'the last' };
  for (let from = 0; from < MOST - AT_ONCE; from += AT_ONCE) {
    assert.equal((await client.post(path, { items: batch(from) })).status, 201);
  }
  const last = await client.post(path, { items: batch(MOST - AT_ONCE) }, key);
  assert.equal(last.status, 201);

  const refused = await client.post(path, { name: 'one more' });
  assertProblem(refused, 409, 'fridge-full', { also: { limit: MOST, present: MOST } });
  assertProblem(await client.post(path, { items: [{ name: 'one more' }] }), 409, 'fridge-full', {
    also: { limit: MOST, present: MOST },
  });
  // A command that was carried out before is repeated with its first answer.
  const again = await client.post(path, { items: batch(MOST - AT_ONCE) }, key);
  assert.deepEqual([again.status, again.body.actionId], [201, last.body.actionId]);

  const { ingredientId } = last.body.items[0];
  const used = await client.post(`${path}/${ingredientId}/consume`);
  assert.equal(used.status, 200);
  assert.equal((await client.post(`/fridges/${fridgeId}/undo`, { actionId: used.body.actionId })).status, 200);
  assert.equal((await client.post(`${path}/${ingredientId}/consume`)).status, 200);
  const position = (await client.post(path, { name: 'one more' })).headers.get('position')!;

  const page = await client.get(`${path}?limit=100&sort=name`, { 'Wait-For-Position': position });
  assert.deepEqual([page.body.total, page.body.items.length], [MOST, 100]);
  const search = await client.get(`${path}?search=one+more`);
  assert.deepEqual(
    search.body.items.map(({ name }: { name: string }) => name),
    ['one more'],
  );
  assert.equal(search.body.total, undefined);
});
