import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';
import { ids, underKey } from './support/repeats.ts';

const server = await oneServer();
const member = await newcomer(server.url);
const ingredients = `/fridges/${member.fridgeId}/ingredients`;

/** The member, also after a restart at another address. */
function client(): Client {
  const present = new Client(server.url);
  present.token = member.client.token;
  return present;
}

async function total(): Promise<number> {
  const position = (await client().post(ingredients, { name: 'marker' })).headers.get('position')!;
  return (await client().get(ingredients, { 'Wait-For-Position': position })).body.total;
}
async function stored(amount: number, fridge = ingredients, by = client()): Promise<string> {
  const reply = await by.post(fridge, { name: 'thing', amount });
  return `${fridge}/${reply.body.items[0].ingredientId}`;
}
const amountOf = async (path: string) => (await client().get(path)).body.amount;

test('D-20: storing under the same key happens once', async () => {
  const before = await total();
  const key = underKey(randomUUID());
  const item = { items: [{ name: 'milk', note: 'once' }, { name: 'egg' }] };
  const first = await client().post(ingredients, item, key);
  const again = await client().post(ingredients, item, key);
  assert.deepEqual(ids(again), ids(first));
  assert.deepEqual(again.body, first.body);
  assert.equal(await total(), before + 3);
});

test('D-20: every command under the same key takes effect once, also with others in between', async () => {
  const path = await stored(10);
  const commands: [string, (key: Record<string, string>) => Promise<Reply>][] = [
    ['consume', key => client().post(`${path}/consume`, { amount: 1 }, key)],
    ['discard', key => client().post(`${path}/discard`, { amount: 2, reason: 'spoiled' }, key)],
    ['correct', key => client().patch(path, { place: 'freezer', note: 'moved' }, key)],
  ];
  const keys = commands.map(() => underKey(randomUUID()));
  const first: Reply[] = [];
  for (const [i, [, command]] of commands.entries()) first.push(await command(keys[i]!));
  await client().post(`${path}/consume`, { amount: 0.5 });
  for (const [i, [name, command]] of commands.entries()) {
    const again = await command(keys[i]!);
    assert.deepEqual([name, ids(again)], [name, ids(first[i]!)]);
    assert.equal(again.body.ingredient.amount, 6.5, 'the ingredient is shown in its present state');
  }
  assert.equal(await amountOf(path), 6.5);
});

test('an undo under the same key is one undo, and does not undo itself', async () => {
  const path = await stored(3);
  const { actionId } = (await client().post(`${path}/consume`)).body;
  const key = underKey(randomUUID());
  const undo = () => client().post(`/fridges/${member.fridgeId}/undo`, { actionId }, key);
  const first = await undo();
  assert.equal(first.status, 200);
  assert.deepEqual(ids(await undo()), ids(first));
  assert.equal(await amountOf(path), 3);
});

test('D-23: ten concurrent copies take effect once', async () => {
  const path = await stored(30);
  const before = await total();
  for (const command of [
    (key: Record<string, string>) => client().post(`${path}/consume`, { amount: 1 }, key),
    (key: Record<string, string>) => client().post(ingredients, { name: 'ten times' }, key),
  ]) {
    const key = underKey(randomUUID());
    const replies = await Promise.all(Array.from({ length: 10 }, () => command(key)));
    for (const reply of replies) assert.deepEqual(ids(reply), ids(replies[0]!));
    assert.ok(replies[0]!.status < 300);
  }
  assert.equal(await amountOf(path), 29);
  assert.equal(await total(), before + 2);
});

test('the order of fields and the notation of values do not matter', async () => {
  const key = underKey(randomUUID());
  const first = await client().post(ingredients, { name: 'order', amount: 2, unit: 'g' }, key);
  const raw = '{ "unit":"g",\n "amount": 2.0, "name":"\\u006frder" }';
  const again = await client().call('POST', ingredients, { raw, headers: key });
  assert.deepEqual(ids(again), ids(first));
});

test('the same key with another body is refused, and stores nothing', async () => {
  const path = await stored(10);
  const key = underKey(randomUUID());
  assert.equal((await client().post(`${path}/consume`, { amount: 1, unit: '개' }, key)).status, 200);
  const others = [{ amount: 2, unit: '개' }, { amount: 1 }, { amount: 1, unit: 'piece' }, {}];
  const dated = { amount: 1, unit: '개', occurredAt: new Date().toISOString() };
  for (const other of [...others, dated]) {
    assertProblem(await client().post(`${path}/consume`, other, key), 422, 'idempotency-key-reused');
  }
  assert.equal(await amountOf(path), 9);
});

test('a body that spells out a default counts as another body', async () => {
  const key = underKey(randomUUID());
  assert.equal((await client().post(ingredients, { name: 'x' }, key)).status, 201);
  for (const other of [{ name: 'x', amount: 1 }, { items: [{ name: 'x' }] }, { name: 'x', note: 'n' }]) {
    assertProblem(await client().post(ingredients, other, key), 422, 'idempotency-key-reused');
  }
});

test('the same key of two members has two effects', async () => {
  const other = await newcomer(server.url);
  const key = underKey(randomUUID());
  const theirs = `/fridges/${other.fridgeId}/ingredients`;
  const one = await client().post(ingredients, { name: 'x' }, key);
  const two = await other.client.post(theirs, { name: 'x' }, key);
  assert.deepEqual([one.status, two.status], [201, 201]);
  assert.notEqual(one.body.actionId, two.body.actionId);
  assert.notEqual(one.body.items[0].ingredientId, two.body.items[0].ingredientId);
  assertProblem(await other.client.post(ingredients, { name: 'x' }, key), 404, 'fridge-not-found');
});

test('the same key on two ingredients has two effects', async () => {
  const [one, two] = [await stored(5), await stored(5)];
  const key = underKey(randomUUID());
  for (const path of [one, two]) assert.equal((await client().post(`${path}/consume`, { amount: 1 }, key)).status, 200);
  assert.deepEqual([await amountOf(one), await amountOf(two)], [4, 4]);
});

test('the same key on another path or method is another command', async () => {
  const path = await stored(5);
  const key = underKey(randomUUID());
  const replies = [
    await client().post(`${path}/consume`, { amount: 1 }, key),
    await client().post(`${path}/discard`, { amount: 1, reason: 'other' }, key),
    await client().patch(path, { note: 'patched' }, key),
    await client().post(ingredients, { name: 'x' }, key),
  ];
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 200, 201],
  );
  assert.equal(await amountOf(path), 3);
});

test('without a key every command is one of its own', async () => {
  const path = await stored(5);
  for (const left of [4, 3]) {
    assert.equal((await client().post(`${path}/consume`, { amount: 1 })).body.ingredient.amount, left);
  }
});

test('a refused command is not remembered', async () => {
  const path = await stored(1);
  const key = underKey(randomUUID());
  const consume = (body: object) => client().post(`${path}/consume`, body, key);
  const also = { available: { amount: 1, unit: 'piece' } };
  assertProblem(await consume({ amount: 4 }), 409, 'not-enough', { also });
  assertProblem(await consume({ amount: -4 }), 422, 'invalid', { paths: ['amount'] });
  await client().patch(path, { amount: 6 });
  assert.equal((await consume({ amount: 4 })).body.ingredient.amount, 2);
  assert.equal((await consume({ amount: 4 })).body.ingredient.amount, 2);
});

test('a key is any text', async () => {
  for (const key of ['a', '0', '__proto__', `"' --;{}[]`, 'é'.repeat(200), 'x'.repeat(10_000)]) {
    const path = await stored(5);
    for (const _ of [1, 2]) await client().post(`${path}/consume`, { amount: 1 }, underKey(key));
    assert.equal(await amountOf(path), 4);
  }
  assertProblem(await client().post(ingredients, { name: 'x' }, underKey('')), 400, 'malformed');
});

test('a key has no effect if nothing is stored', async () => {
  for (const key of ['', 'x'.repeat(10_000)]) {
    assert.equal((await client().get(ingredients, underKey(key))).status, 200);
    const login = { email: member.email, password: PASSWORD };
    assert.equal((await client().post('/auth/login', login, underKey(key))).status, 200);
  }
});

test('D-20: a command repeated after kill -9 is answered as before', async () => {
  const path = await stored(9);
  const keys = [underKey(randomUUID()), underKey(randomUUID())] as const;
  const both = async () => [
    ids(await client().post(`${path}/consume`, { amount: 2 }, keys[0])),
    ids(await client().post(ingredients, { items: [{ name: 'a', note: 'n' }, { name: 'b' }] }, keys[1])),
  ];
  const first = await both();
  const before = await total();
  await server.restart('kill');
  assert.deepEqual(await both(), first);
  assert.equal(await amountOf(path), 7);
  assert.equal(await total(), before + 1);
  assertProblem(await client().post(`${path}/consume`, { amount: 3 }, keys[0]), 422, 'idempotency-key-reused');
});

test('a key identifies a path in any spelling', async () => {
  const path = await stored(5);
  const id = path.slice(ingredients.length + 1);
  const encoded = `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`;
  const key = underKey(randomUUID());
  for (const spelling of [`${id}/consume`, `${id}/consume/`, `${id}/Consume`, `${encoded}/consume`]) {
    const reply = await client().post(`${ingredients}/${spelling}`, { amount: 1 }, key);
    assert.deepEqual([reply.status, reply.body.ingredient.amount], [200, 4]);
  }
});
