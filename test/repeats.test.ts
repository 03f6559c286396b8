import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { newcomer, type Reply } from './support/client.ts';
import { factsOf } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';
import { plant } from './support/planting.ts';
import { assertProblem } from './support/problems.ts';
import { ids, underKey } from './support/repeats.ts';
import { seeded } from './support/seeded.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const fridge = `/fridges/${fridgeId}`;
const ingredients = `${fridge}/ingredients`;

const amountOf = async (path: string) => (await client.get(path)).body.amount;
async function stored(amount: number): Promise<string> {
  const { body } = await client.post(ingredients, { name: 'thing', amount });
  return `${ingredients}/${body.items[0].ingredientId}`;
}

test('a storing that was undone is repeated as it was answered, and shows none of what is gone', async () => {
  const undo = async (actionId: string) => (await client.post(`${fridge}/undo`, { actionId })).body.actionId as string;
  for (const item of [{ name: 'gone' }, { items: [{ name: 'gone' }, { name: 'gone too' }] }]) {
    const key = underKey(randomUUID());
    const first = await client.post(ingredients, item, key);
    const undone = await undo(first.body.actionId);
    const facts = server.facts;
    const again = await client.post(ingredients, item, key);
    assert.deepEqual(again.body, { actionId: first.body.actionId, items: [] });
    const essence = ({ status, headers }: Reply) => [status, headers.get('location'), headers.get('position')];
    assert.deepEqual(essence(again), essence(first));
    const [{ ingredientId }] = first.body.items;
    assertProblem(await client.get(`${ingredients}/${ingredientId}`), 404, 'ingredient-not-found');
    assert.equal(server.facts, facts);

    await undo(undone);
    const back = await client.post(ingredients, item, key);
    assert.deepEqual(ids(back), ids(first));
    for (const shown of back.body.items) {
      assert.deepEqual((await client.get(`${ingredients}/${shown.ingredientId}`)).body, shown);
    }
  }
});

test('a storing that was used up is repeated with nothing left of it', async () => {
  const key = underKey(randomUUID());
  const store = () => client.post(ingredients, { name: 'eaten', amount: 2 }, key);
  const first = await store();
  await client.post(`${ingredients}/${first.body.items[0].ingredientId}/consume`);
  const again = await store();
  assert.deepEqual(ids(again), ids(first));
  assert.equal(again.body.items[0].amount, 0);
});

test('a correction is repeated as it was answered, although its ingredient is gone', async () => {
  const path = await stored(2);
  const key = underKey(randomUUID());
  const correct = () => client.patch(path, { note: 'for Sunday' }, key);
  const first = await correct();
  const effects = { changed: { voided: true }, effects: [] };
  await plant(server.folder, `fridge-${fridgeId}`, { type: 'IngredientRestored', data: effects });
  assertProblem(await client.patch(path, { note: 'for Monday' }), 404, 'ingredient-not-found');
  const again = await correct();
  assert.deepEqual([again.status, again.body.actionId], [200, first.body.actionId]);
  for (const header of ['etag', 'position']) assert.equal(again.headers.get(header), first.headers.get(header));
});

test('a cooking is repeated as it was answered, although its recipe is no longer there for this fridge', async () => {
  const path = await stored(10);
  const [, { recipeId, title }] = (await client.get('/recipes?limit=2')).body.items;
  const deductions = [{ ingredientId: path.slice(ingredients.length + 1), amount: 1 }];
  const cook = (key = {}) => client.post(`${fridge}/cookings`, { recipeId, version: 1, servings: 1, deductions }, key);
  const key = underKey(randomUUID());
  const first = await cook(key);
  assert.equal(first.status, 201);
  await plant(server.folder, `recipe-${recipeId}`, { data: { visibility: 'fridge:of-others' } });
  const newer = await client.post(ingredients, { name: 'x' });
  const seen = await client.get(`/recipes?search=${encodeURIComponent(title)}`, {
    'Wait-For-Position': newer.headers.get('position')!,
  });
  assert.ok(!seen.body.items.some((item: { recipeId: string }) => item.recipeId === recipeId));
  assertProblem(await cook(), 404, 'recipe-not-found');
  const again = await cook(key);
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal(again.headers.get('position'), first.headers.get('position'));
});

test('keys repeated in any other order give the earlier answers, and nothing happens twice', async () => {
  const path = await stored(100);
  const other = await stored(100);
  const [{ recipeId }] = (await client.get('/recipes?limit=1')).body.items;
  const deductions = [{ ingredientId: other.slice(ingredients.length + 1), amount: 5 }];
  const cooking = { recipeId, version: 1, servings: 2, deductions, leftovers: [{ name: 'rest' }] };
  const commands = [
    (key: Record<string, string>) => client.post(ingredients, { name: 'one', amount: 3 }, key),
    (key: Record<string, string>) => client.post(`${path}/consume`, { amount: 1 }, key),
    (key: Record<string, string>) => client.post(ingredients, { items: [{ name: 'two' }, { name: 'three' }] }, key),
    (key: Record<string, string>) => client.post(`${path}/discard`, { amount: 2, reason: 'spoiled' }, key),
    (key: Record<string, string>) => client.patch(path, { place: 'freezer' }, key),
    (key: Record<string, string>) => client.post(`${fridge}/cookings`, cooking, key),
    (key: Record<string, string>) => client.post(`${other}/consume`, { amount: 7 }, key),
    (key: Record<string, string>) => client.patch(path, { amount: 50 }, key),
    (key: Record<string, string>) => client.post(`${path}/consume`, { amount: 4 }, key),
    (key: Record<string, string>) => client.post(`${fridge}/recommendations`, { limit: 3 }, key),
  ].map(command => {
    const key = underKey(randomUUID());
    return () => command(key);
  });
  const earlier: unknown[] = [];
  const answer = (reply: Reply) => {
    const { cookingId, recommendationId } = reply.body;
    return [ids(reply), cookingId, recommendationId];
  };
  for (const command of commands) {
    const reply = await command();
    assert.ok(reply.status < 300, JSON.stringify(reply.body));
    earlier.push(answer(reply));
  }
  const left = [await amountOf(path), await amountOf(other)];
  assert.deepEqual(left, [46, 88]);
  const position = (await client.post(ingredients, { name: 'marker' })).headers.get('position')!;
  const present = (await client.get(ingredients, { 'Wait-For-Position': position })).body;
  const streams = () => factsOf(server.folder).filter(({ stream }) => stream.startsWith('fridge-')).length;
  const facts = streams();

  const indexes = [...commands.keys()];
  const random = seeded(20260310);
  const shuffled = indexes.map(index => [random(), index] as const).sort(([a], [b]) => a - b);
  for (const order of [indexes.toReversed(), shuffled.map(([, index]) => index), indexes]) {
    for (const index of order) assert.deepEqual([index, answer(await commands[index]!())], [index, earlier[index]]);
  }
  const atOnce = await Promise.all(indexes.toReversed().map(async index => [index, answer(await commands[index]!())]));
  assert.deepEqual(
    atOnce,
    indexes.toReversed().map(index => [index, earlier[index]]),
  );
  assert.equal(streams(), facts);
  assert.deepEqual([await amountOf(path), await amountOf(other)], left);
  assert.deepEqual((await client.get(ingredients)).body, present);
});
