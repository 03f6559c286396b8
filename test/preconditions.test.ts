import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { readLogIdentity } from '../core/log-identity.ts';
import { positionKey, positionOf, positionToken } from '../core/position-token.ts';
import { openEventStore } from '../stores/open.ts';
import { newcomer, type Reply } from './support/client.ts';
import { useLog } from './support/event-log.ts';
import { keysOf } from './support/on-mariadb.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const another = await oneServer();
const { client, fridgeId, memberId } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;

interface Item {
  path: string;
  revision: number;
}
async function stored(amount = 5): Promise<Item> {
  const { body } = await client.post(ingredients, { name: 'thing', amount });
  const { ingredientId, revision } = body.items[0];
  return { path: `${ingredients}/${ingredientId}`, revision };
}
const commands: Record<string, (path: string, headers: Record<string, string>) => Promise<Reply>> = {
  consume: (path, headers) => client.post(`${path}/consume`, { amount: 1 }, headers),
  discard: (path, headers) => client.post(`${path}/discard`, { amount: 1, reason: 'other' }, headers),
  correct: (path, headers) => client.patch(path, { name: randomUUID() }, headers),
};
const shown = async (path: string) => (await client.get(path)).body;

test("an entity tag is the ingredient's own revision", async () => {
  const [one, two] = [await stored(), await stored()];
  const tag = async ({ path }: Item) => (await client.get(path)).headers.get('etag');
  assert.deepEqual([await tag(one), await tag(two)], [`"${one.revision}"`, `"${two.revision}"`]);
  assert.notEqual(one.revision, two.revision);
  const reply = await commands.consume!(one.path, {});
  assert.equal(await tag(one), reply.headers.get('etag'));
  assert.equal(await tag(one), `"${(await shown(one.path)).revision}"`);
  assert.equal(await tag(two), `"${two.revision}"`, 'the other one was not changed');
});

test('a command succeeds if its If-Match holds, although other ingredients changed since', async () => {
  for (const command of Object.values(commands)) {
    const { path, revision } = await stored();
    await stored();
    const first = await command(path, { 'If-Match': `"${revision}"` });
    assert.equal(first.status, 200);
    assert.equal((await command(path, { 'If-Match': first.headers.get('etag')! })).status, 200);
    assert.equal((await command(path, { 'If-Match': '*' })).status, 200);
  }
});

test('a command whose If-Match does not hold is refused with the present revision', async () => {
  for (const command of Object.values(commands)) {
    const { path, revision } = await stored();
    const present = (await command(path, {})).body.ingredient;
    for (const tag of [revision, 0, present.revision + 1, 999_999_999_999_999]) {
      const also = { revision: present.revision };
      assertProblem(await command(path, { 'If-Match': `"${tag}"` }), 412, 'revision-mismatch', { also });
    }
    assert.deepEqual(await shown(path), present);
  }
});

test('of two concurrent commands with the same If-Match only one succeeds', async () => {
  const { path, revision } = await stored();
  const headers = { 'If-Match': `"${revision}"` };
  const replies = await Promise.all(Object.values(commands).map(command => command(path, headers)));
  const done = replies.filter(({ status }) => status === 200);
  assert.equal(done.length, 1);
  const also = { revision: done[0]!.body.ingredient.revision };
  for (const reply of replies.filter(({ status }) => status !== 200)) {
    assertProblem(reply, 412, 'revision-mismatch', { also });
  }
});

test('If-Match must be one strong tag', async () => {
  const { path, revision } = await stored();
  const wrong = [`W/"${revision}"`, `${revision}`, `"${revision}", "7"`, '""', '"x"', '"-1"', '"1.0"', `'${revision}'`];
  for (const tag of [...wrong, '', 'null', `"${'1'.repeat(30)}"`, `"${revision}`]) {
    for (const command of Object.values(commands)) {
      assertProblem(await command(path, { 'If-Match': tag }), 400, 'malformed');
    }
  }
  assert.equal((await shown(path)).revision, revision);
});

test('a repeated command gets its first answer, although its If-Match no longer holds', async () => {
  const { path, revision } = await stored();
  const headers = { 'If-Match': `"${revision}"`, 'Idempotency-Key': randomUUID() };
  const first = await commands.consume!(path, headers);
  await commands.consume!(path, {});
  const again = await commands.consume!(path, headers);
  assert.deepEqual([again.status, again.headers.get('etag')], [200, first.headers.get('etag')]);
  assert.equal((await shown(path)).amount, 3);
});

test('an ingredient is never answered with 304', async () => {
  const { path, revision } = await stored();
  for (const tag of [`"${revision}"`, `W/"${revision}"`, '*', `"0", "${revision}"`]) {
    const reply = await client.get(path, { 'If-None-Match': tag });
    assert.equal(reply.status, 200);
    assert.equal(reply.body.revision, revision);
  }
});

test('a client without Wait-For-Position reads its own writes', async () => {
  const { path } = await stored();
  for (let left = 4; left >= 1; left--) {
    const { headers } = await client.post(`${path}/consume`, { amount: 1 });
    const [one, list] = await Promise.all([client.get(path), client.get(`${ingredients}?limit=100`)]);
    assert.deepEqual([one.body.amount, one.headers.get('etag')], [left, headers.get('etag')]);
    const listed = list.body.items.find(({ ingredientId }: { ingredientId: string }) => path.endsWith(ingredientId));
    assert.deepEqual(listed, one.body);
  }
});

test('any read accepts the position of any command', async () => {
  const { path } = await stored();
  const position = (await commands.consume!(path, {})).headers.get('position')!;
  for (const read of ['/fridges', `/fridges/${fridgeId}`, ingredients, path, '/members/me']) {
    assert.equal((await client.get(read, { 'Wait-For-Position': position })).status, 200);
  }
});

/** A key known only to the server. */
async function positionKeyOf(folder: string): Promise<Uint8Array> {
  const keys = await keysOf(folder);
  await keys.close();
  const log = await useLog(folder);
  const store = await openEventStore({ folder, ...(log.url !== undefined && { eventStoreUrl: log.url }) });
  try {
    return positionKey(keys.hmacSecret, (await readLogIdentity(store))!.logId);
  } finally {
    await store.close();
    await log.release();
  }
}

test('a position of another log, or beyond the end, is unknown', async () => {
  const position = (await client.post(ingredients, { name: 'x' })).headers.get('position')!;
  const key = await positionKeyOf(server.folder);
  const place = positionOf(key, position);
  const token = (text: string) => Buffer.from(text).toString('base64url');
  const foreign = await newcomer(another.url);
  const theirs = await foreign.client.post(`/fridges/${foreign.fridgeId}/ingredients`, { name: 'x' });
  const wrong = [
    '',
    'x',
    '0',
    '1',
    '-1',
    'null',
    '%00',
    '!!!',
    'x'.repeat(5000),
    memberId,
    ...[`${place}`, `:${place}`, `${randomUUID()}:1`, 'x'.repeat(16)].map(token),
    ...[place + 1, Number.MAX_SAFE_INTEGER].map(beyond => positionToken(key, beyond)),
    theirs.headers.get('position')!,
  ];
  for (const unknown of wrong) {
    for (const read of [ingredients, '/fridges', '/members/me']) {
      assertProblem(await client.get(read, { 'Wait-For-Position': unknown }), 400, 'position-unknown');
    }
  }
  assert.equal((await client.get(ingredients, { 'Wait-For-Position': position })).status, 200);
});
