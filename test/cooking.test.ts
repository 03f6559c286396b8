import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Client, newcomer } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

interface Item {
  name: string;
  amount: number;
  unit: string;
}

const server = await oneServer();

describe('cooking', () => {
  async function contents(client: Client, fridgeId: string, position: string): Promise<Record<string, string>> {
    const { body } = await client.get(`/fridges/${fridgeId}/ingredients`, { 'Wait-For-Position': position });
    return Object.fromEntries(body.items.map(({ name, amount, unit }: Item) => [name, `${amount} ${unit}`]));
  }

  async function soupKitchen() {
    const { client, fridgeId } = await newcomer(server.url);
    const items = [
      { name: '콩나물', amount: 500, unit: 'g' },
      { name: '대파', amount: 2, unit: '대' },
      { name: '마늘', amount: 10, unit: '쪽' },
    ];
    await client.post(`/fridges/${fridgeId}/ingredients`, { items });
    const [{ recipeId }] = (await client.get(`/recipes?search=${encodeURIComponent('콩나물국')}`)).body.items;
    return { client, fridgeId, recipeId };
  }

  test('is drafted, edited, done as one action and undone as one', async () => {
    const { client, fridgeId, recipeId } = await soupKitchen();
    const draft = await client.post(`/fridges/${fridgeId}/cookings/draft`, { recipeId });
    assert.equal(draft.status, 200);
    const sprouts = draft.body.deductions.find(({ amount }: Item) => amount === 300);
    const cooked = await client.post(`/fridges/${fridgeId}/cookings`, {
      recipeId,
      version: draft.body.version,
      servings: 2,
      deductions: [{ ingredientId: sprouts.ingredientId, amount: 0.2, unit: 'kg' }],
      leftovers: [{ name: '남은 콩나물국', amount: 1, unit: '그릇' }],
    });
    assert.equal(cooked.status, 201);
    const after = await contents(client, fridgeId, cooked.headers.get('position')!);
    assert.deepEqual(after, { 콩나물: '300 g', 대파: '2 stalk', 마늘: '10 clove', '남은 콩나물국': '1 bowl' });
    const undone = await client.post(`/fridges/${fridgeId}/undo`, { actionId: cooked.body.actionId });
    assert.equal(undone.status, 200);
    const before = await contents(client, fridgeId, undone.headers.get('position')!);
    assert.deepEqual(before, { 콩나물: '500 g', 대파: '2 stalk', 마늘: '10 clove' });
  });

  test('takes a draft as it came', async () => {
    const { client, fridgeId, recipeId } = await soupKitchen();
    const { missing, ...draft } = (await client.post(`/fridges/${fridgeId}/cookings/draft`, { recipeId })).body;
    assert.equal(draft.deductions.length, 3);
    assert.deepEqual(missing[0], { text: '국물용 멸치 10개', foodId: 'dried-anchovy', amount: 10, unit: 'piece' });
    const cooked = await client.post(`/fridges/${fridgeId}/cookings`, draft);
    assert.equal(cooked.status, 201);
    const after = await contents(client, fridgeId, cooked.headers.get('position')!);
    assert.equal(after.콩나물, '200 g');
  });

  test('of a pack takes spoons', async () => {
    const { client, fridgeId } = await newcomer(server.url);
    const path = `/fridges/${fridgeId}`;
    await client.post(`${path}/ingredients`, { items: [{ name: '고춧가루' }, { name: '고추장' }] });
    const [{ recipeId }] = (await client.get(`/recipes?search=${encodeURIComponent('제육볶음')}`)).body.items;
    const { missing, ...draft } = (await client.post(`${path}/cookings/draft`, { recipeId })).body;
    assert.ok(draft.deductions.length > 0);
    for (const { unit } of draft.deductions) assert.ok(['tbsp', 'tsp', 'g', 'ml'].includes(unit), unit);
    assert.equal((await client.post(`${path}/cookings`, draft)).status, 201);
  });

  test('may say which recommendation it follows, one of this fridge', async () => {
    const { client, fridgeId, recipeId } = await soupKitchen();
    const request = await client.post(`/fridges/${fridgeId}/recommendations`, {});
    const { recommendationId } = request.body;
    const body = { recipeId, version: 1, servings: 2, deductions: [] };
    const cook = (path: string, by: Client, id: string) =>
      by.post(`${path}/cookings`, { ...body, recommendationId: id });
    assert.equal((await cook(`/fridges/${fridgeId}`, client, recommendationId)).status, 201);
    const other = await newcomer(server.url);
    for (const reply of [
      await cook(`/fridges/${fridgeId}`, client, 'none'),
      await cook(`/fridges/${other.fridgeId}`, other.client, recommendationId),
    ])
      assertProblem(reply, 422, 'unknown-recommendation', { paths: ['recommendationId'] });
  });

  test('of food that nobody keeps track of is recorded all the same, and can be undone', async () => {
    const { client, fridgeId, recipeId } = await soupKitchen();
    const before = (await client.get(`/fridges/${fridgeId}/ingredients`)).body.items;
    const body = { recipeId, version: 1, servings: 2, deductions: [] };
    const facts = server.facts;
    const cooked = await client.post(`/fridges/${fridgeId}/cookings`, body);
    assert.equal(cooked.status, 201);
    assert.deepEqual(Object.keys(cooked.body).sort(), ['actionId', 'cookingId']);
    assert.equal(server.facts, facts + 1);
    const again = await client.post(`/fridges/${fridgeId}/cookings`, body);
    assert.notEqual(again.body.cookingId, cooked.body.cookingId, 'cooked twice');
    const undone = await client.post(`/fridges/${fridgeId}/undo`, { actionId: again.body.actionId });
    assert.equal(undone.status, 200);
    const after = await client.get(`/fridges/${fridgeId}/ingredients`, {
      'Wait-For-Position': undone.headers.get('position')!,
    });
    assert.deepEqual(after.body.items, before);
  });

  test('D-21: takes from exactly the ingredients that are named, or from none', async () => {
    const { client, fridgeId, recipeId } = await soupKitchen();
    const { items } = (await client.get(`/fridges/${fridgeId}/ingredients`)).body;
    const [first, second] = items;
    const body = { recipeId, version: 1, servings: 2 };
    const refused = await client.post(`/fridges/${fridgeId}/cookings`, {
      ...body,
      deductions: [
        { ingredientId: first.ingredientId, amount: 1 },
        { ingredientId: second.ingredientId, amount: 9999 },
      ],
    });
    assert.equal(refused.status, 409);
    assert.equal(refused.body.code, 'not-enough');
    const { body: still } = await client.get(`/fridges/${fridgeId}/ingredients`);
    assert.deepEqual(still.items, items);
    const twice = [first, first].map(({ ingredientId }: { ingredientId: string }) => ({ ingredientId, amount: 1 }));
    const reply = await client.post(`/fridges/${fridgeId}/cookings`, { ...body, deductions: twice });
    assert.deepEqual([reply.status, reply.body.errors[0].path], [422, 'deductions']);
  });

  test('needs a recipe that is held', async () => {
    const { client, fridgeId, recipeId } = await soupKitchen();
    for (const [id, version] of [
      ['none', 1],
      [recipeId, 2],
    ]) {
      const body = { recipeId: id, version, servings: 2, deductions: [] };
      const reply = await client.post(`/fridges/${fridgeId}/cookings`, body);
      assert.deepEqual([reply.status, reply.body.code], [404, 'recipe-not-found']);
    }
  });

  test('D-22: amounts in any unit that the table knows are taken', async () => {
    const { client, fridgeId } = await newcomer(server.url);
    const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { name: '간장', amount: 100, unit: 'ml' });
    const [{ ingredientId }] = stored.body.items;
    const path = `/fridges/${fridgeId}/ingredients/${ingredientId}/consume`;
    assert.equal((await client.post(path, { amount: 1, unit: '큰술' })).body.ingredient.amount, 85);
    assert.equal((await client.post(path, { amount: 0.5, unit: 'tablespoons' })).body.ingredient.amount, 77.5);
    assert.equal((await client.post(path, { amount: 1, unit: '개' })).body.code, 'unit-not-comparable');
  });
});
