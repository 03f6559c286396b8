import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newcomer } from './support/client.ts';
import { jsonLines, runImport } from './support/importing.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { folder } = server;
const titles = (recipes: readonly { title: string }[]) => recipes.map(({ title }) => title);

describe('stored recipes', () => {
  test('a recipe has a revision of its own, in a list and by itself, and its versions can be requested', async () => {
    const { client } = await newcomer(server.url);
    const { items } = (await client.get('/recipes?limit=3')).body;
    for (const { recipeId, version, revision } of items) {
      assert.deepEqual([version, revision], [1, 0]);
      const one = await client.get(`/recipes/${recipeId}`);
      assert.deepEqual([one.status, one.body.revision, one.headers.get('etag')], [200, revision, `"${revision}"`]);
      const same = await client.get(`/recipes/${recipeId}?version=1`);
      assert.deepEqual([same.status, same.body], [200, one.body]);
      for (const other of [2, 1_000_000]) {
        assertProblem(await client.get(`/recipes/${recipeId}?version=${other}`), 404, 'recipe-not-found');
      }
      for (const wrong of ['0', '-1', '1.5', 'x', '', '1000001']) {
        const reply = await client.get(`/recipes/${recipeId}?version=${wrong}`);
        assertProblem(reply, 422, 'invalid', { paths: ['version'] });
      }
    }
  });

  test('a search for punctuation alone finds only literal matches', async () => {
    const { client } = await newcomer(server.url);
    const file = jsonLines(folder, 'marks.jsonl', [{ title: 'Soup _ no. 7', ingredients: ['2 xyzzy'] }]);
    assert.equal((await runImport(folder, file)).code, 0);
    const found = async (search: string) => titles((await client.get(`/recipes?search=${search}`)).body.items);
    assert.deepEqual([await found('_'), await found('___'), await found('--')], [['Soup _ no. 7'], [], []]);
    const { total } = (await client.get('/recipes?limit=1')).body;
    assert.ok((await found('.')).includes('Soup _ no. 7'));
    assert.ok((await client.get('/recipes?search=.')).body.total < total);
  });

  test('recipes have one order across pages', async () => {
    const { client } = await newcomer(server.url);
    const whole = (await client.get('/recipes?limit=100')).body.items.map(
      ({ recipeId }: { recipeId: string }) => recipeId,
    );
    assert.deepEqual(whole, whole.toSorted());
    const first = await client.get('/recipes?limit=5');
    const second = await client.get(`/recipes?limit=100&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map(({ recipeId }: { recipeId: string }) => recipeId);
    assert.deepEqual(ids, whole);
  });

  test('a recipe for many can be drafted and cooked for as many, but not for more', async () => {
    const { client, fridgeId } = await newcomer(server.url);
    const MOST = 1000;
    const feast = { title: 'Village feast', ingredients: ['100 kg rice'], servings: MOST };
    assert.equal((await runImport(folder, jsonLines(folder, 'feast.jsonl', [feast]))).code, 0);
    const [{ recipeId }] = (await client.get('/recipes?search=village%20feast')).body.items;
    const path = `/fridges/${fridgeId}`;
    const { status, body } = await client.post(`${path}/cookings/draft`, { recipeId });
    assert.deepEqual([status, body.servings], [200, MOST]);
    const { missing: _, ...cooking } = body;
    assert.equal((await client.post(`${path}/cookings`, cooking)).status, 201);
    assert.equal((await client.post(`${path}/recommendations`, { servings: MOST })).status, 202);
    for (const reply of [
      await client.post(`${path}/cookings/draft`, { recipeId, servings: MOST + 1 }),
      await client.post(`${path}/cookings`, { ...cooking, servings: MOST + 1 }),
      await client.post(`${path}/recommendations`, { servings: MOST + 1 }),
    ]) {
      assertProblem(reply, 422, 'invalid', { paths: ['servings'] });
    }
    const tooMany = jsonLines(folder, 'more.jsonl', [{ ...feast, servings: MOST + 1 }]);
    assert.match((await runImport(folder, tooMany)).err, /: servings: must not be more than 1000$/m);
  });
});
