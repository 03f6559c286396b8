import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const fridge = `/fridges/${fridgeId}`;
const ingredients = `${fridge}/ingredients`;

const undo = (actionId: unknown): Promise<Reply> => client.post(`${fridge}/undo`, { actionId });

async function done(reply: Promise<Reply>): Promise<Reply> {
  const { status, headers, body } = await reply;
  assert.ok(status === 200 || status === 201, `${status} ${JSON.stringify(body)}`);
  return { status, headers, body };
}
const store = (item: object) => done(client.post(ingredients, item));
/** The state of an ingredient, whichever fact last changed it. */
async function standing(ingredientId: string): Promise<object> {
  const { revision: _, ...rest } = (await done(client.get(`${ingredients}/${ingredientId}`))).body;
  return rest;
}
const listed = async (reply: Reply): Promise<string[]> => {
  const list = await done(client.get(ingredients, { 'Wait-For-Position': reply.headers.get('position')! }));
  return list.body.items.map(({ ingredientId }: { ingredientId: string }) => ingredientId);
};

test('a new fridge has nothing to undo', async () => {
  for (const actionId of ['nothing', '0'.repeat(64), 'constructor']) {
    assertProblem(await undo(actionId), 409, 'not-last-action');
  }
});

test('undoing a storing removes the ingredients, undoing that restores them', async () => {
  const stored = await store({ items: [{ name: '우유' }, { name: '두부', note: 'silken' }] });
  const ids = stored.body.items.map(({ ingredientId }: { ingredientId: string }) => ingredientId);
  assert.deepEqual((await listed(stored)).sort(), [...ids].sort());
  const undone = await undo(stored.body.actionId);
  assert.equal(undone.status, 200);
  assert.deepEqual(Object.keys(undone.body), ['actionId']);
  assert.notEqual(undone.body.actionId, stored.body.actionId);
  assert.match(undone.headers.get('position') ?? '', /\S/);
  assert.deepEqual(await listed(undone), []);
  for (const id of ids) {
    assertProblem(await client.get(`${ingredients}/${id}`), 404, 'ingredient-not-found');
    assertProblem(await client.post(`${ingredients}/${id}/consume`), 404, 'ingredient-not-found');
  }
  const redone = await undo(undone.body.actionId);
  assert.deepEqual((await listed(redone)).sort(), [...ids].sort());
  for (const { ingredientId, revision: _, ...before } of stored.body.items) {
    assert.deepEqual(await standing(ingredientId), { ingredientId, ...before });
  }
});

test('undoing restores exactly what the action changed', async () => {
  const { body } = await store({ name: '치즈', amount: 4, note: 'mild', dueDate: '2030-03-03', price: 8000 });
  const { ingredientId } = body.items[0];
  const path = `${ingredients}/${ingredientId}`;
  const before = await standing(ingredientId);
  const actions = [
    () => client.post(`${path}/consume`, { amount: 1 }),
    () => client.post(`${path}/consume`),
    () => client.post(`${path}/discard`, { reason: 'spoiled', amount: 2 }),
    () => client.patch(path, { name: 'Brie', amount: 9, place: 'freezer', openedAt: '2026-01-01T00:00:00Z' }),
    () => client.patch(path, { note: null, dueDate: null, price: null, food: null }),
  ];
  for (const act of actions) {
    const { body: acted } = await done(act());
    const after = await standing(ingredientId);
    assert.notDeepEqual(after, before);
    const undone = await done(undo(acted.actionId));
    assert.deepEqual(await standing(ingredientId), before);
    const redone = await done(undo(undone.body.actionId));
    assert.deepEqual(await standing(ingredientId), after);
    await done(undo(redone.body.actionId));
    assert.deepEqual(await standing(ingredientId), before);
  }
});

test('an undo raises the revision of the ingredients it changes, and of no others', async () => {
  const { body } = await store({ items: [{ name: 'one' }, { name: 'two' }] });
  const [one, two] = body.items;
  const consumed = await done(client.post(`${ingredients}/${one.ingredientId}/consume`));
  const undone = await done(undo(consumed.body.actionId));
  assert.ok((await listed(undone)).includes(one.ingredientId));
  const now = await client.get(`${ingredients}/${one.ingredientId}`);
  assert.ok(now.body.revision > consumed.body.ingredient.revision);
  assert.equal(now.headers.get('etag'), `"${now.body.revision}"`);
  assert.equal((await client.get(`${ingredients}/${two.ingredientId}`)).body.revision, two.revision);
});

test('only the last action can be undone', async () => {
  const first = await store({ name: 'first' });
  const second = await store({ name: 'second' });
  assertProblem(await undo(first.body.actionId), 409, 'not-last-action');
  const undone = await done(undo(second.body.actionId));
  assertProblem(await undo(second.body.actionId), 409, 'not-last-action');
  assertProblem(await undo(first.body.actionId), 409, 'not-last-action');
  const third = await store({ name: 'third' });
  assertProblem(await undo(undone.body.actionId), 409, 'not-last-action');
  assert.ok((await listed(third)).includes(first.body.items[0].ingredientId));
});

test('a refused command is not an action: the one before it stays the last', async () => {
  const { body } = await store({ name: 'last' });
  assertProblem(
    await client.post(`${ingredients}/${body.items[0].ingredientId}/consume`, { amount: 5 }),
    409,
    'not-enough',
    {
      also: { available: { amount: 1, unit: 'piece' } },
    },
  );
  assert.equal((await undo(body.actionId)).status, 200);
});

test('an undo must name its action by a valid id', async () => {
  for (const actionId of [undefined, null, 5, '', 'x'.repeat(101), ['a']]) {
    assertProblem(await undo(actionId), 422, 'invalid', { paths: ['actionId'] });
  }
});
