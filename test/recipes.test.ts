import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Client, newcomer, type Reply } from './client.ts';
import { havePublicRecipes, ownRecipes, publicRecipes, type WrittenRecipe } from './korean-recipes.ts';
import { oneServer } from './one-server.ts';
import { launch } from './zipbob.ts';

/** `npm run import` as a user runs it. */
async function runImport(folder: string, ...files: string[]): Promise<{ code: number; out: string; err: string }> {
  const { child, ended } = await launch(folder, ['commands/import.ts', ...files]);
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  return { code: (await ended)!, out: out.join(''), err: err.join('') };
}

function jsonLines(folder: string, name: string, recipes: readonly unknown[]): string {
  const file = join(folder, name);
  writeFileSync(file, recipes.map(recipe => JSON.stringify(recipe)).join('\n'));
  return file;
}

async function recommended(client: Client, fridgeId: string, wish: object): Promise<Reply['body']> {
  const asked = await client.post(`/fridges/${fridgeId}/recommendations`, wish);
  assert.equal(asked.status, 202);
  assert.equal(asked.headers.get('location'), `/api/v1/recommendations/${asked.body.recommendationId}`);
  for (;;) {
    const { status, body } = await client.get(asked.headers.get('location')!);
    assert.equal(status, 200);
    if (body.status !== 'requested') return body;
  }
}

/** Puts everything that a recipe names into a new fridge, as it is written there. */
async function fridgeFor(url: string, recipe: WrittenRecipe): Promise<{ client: Client; fridgeId: string }> {
  const { client, fridgeId } = await newcomer(url);
  const found = (await client.get(`/recipes?search=${encodeURIComponent(recipe.title)}&limit=100`)).body.items;
  const { recipeId } = found.find(({ title }: { title: string }) => title === recipe.title);
  const { lines } = (await client.get(`/recipes/${recipeId}`)).body;
  const items = lines
    .filter(({ foodId }: { foodId?: string }) => foodId !== undefined)
    .map(({ foodId, amount, unit }: { foodId: string; amount?: number; unit?: string }) => ({
      food: foodId,
      ...(amount !== undefined && { amount, unit }),
    }));
  assert.equal((await client.post(`/fridges/${fridgeId}/ingredients`, { items })).status, 201);
  return { client, fridgeId };
}

const server = await oneServer();
const { folder } = server;

describe('recipes', () => {
  test('lines that are no recipe are refused with their place and reason, the others are taken', async () => {
    const file = join(folder, 'mixed.jsonl');
    const good = { title: '달걀밥', ingredients: ['밥 1공기', '달걀 1개'] };
    // Some take U+2028 for the end of a line; JSON does not.
    const odd = [
      { title: 7, ingredients: ['a'] },
      { title: '국\u2028밥', ingredients: ['밥'] },
    ];
    writeFileSync(file, `${JSON.stringify(good)}\n{"title":\n\n${odd.map(one => JSON.stringify(one)).join('\n')}\n`);
    const first = await runImport(folder, file);
    assert.equal(first.code, 1);
    assert.match(first.out, /^1 new, 0 held before, 3 refused$/m);
    assert.deepEqual(first.err.trim().split('\n'), [
      `${file}:2: is not valid JSON`,
      `${file}:4: title: Invalid input: expected string, received number`,
      `${file}:5: title: has control characters in it`,
    ]);
    const again = await runImport(folder, file);
    assert.match(again.out, /^0 new, 1 held before, 3 refused$/m);
  });

  test('a recipe shows what was understood of its lines and what was not', async () => {
    const { client } = await newcomer(server.url);
    const file = jsonLines(folder, 'one.jsonl', [
      { title: 'Odd soup', ingredients: ['2 1/2 cups water', '1 zorble, chopped', '양파 반개'], steps: ['Boil.'] },
    ]);
    assert.equal((await runImport(folder, file)).code, 0);
    const [{ recipeId }] = (await client.get('/recipes?search=odd%20soup')).body.items;
    const { body } = await client.get(`/recipes/${recipeId}`);
    assert.deepEqual(body.lines, [
      { text: '2 1/2 cups water', foodId: 'water', amount: 2.5, unit: 'cup', sure: 1 },
      { text: '1 zorble, chopped', amount: 1, unit: 'piece', preparation: 'chopped', sure: 0 },
      { text: '양파 반개', foodId: 'onion', amount: 0.5, unit: 'piece', sure: 1 },
    ]);
    assert.deepEqual(body.steps, [{ text: 'Boil.' }]);
    assert.equal(body.lang, 'en');
  });

  test('only operators import for everybody', async () => {
    const { client } = await newcomer(server.url);
    const body = { recipes: [{ title: 'x', ingredients: ['y'] }] };
    assert.equal((await client.post('/ops/recipes', body)).body.code, 'operators-only');
    client.token = undefined;
    assert.equal((await client.post('/ops/recipes', body)).status, 401);
  });

  test('every own recipe comes first in a fridge that holds what it needs', async () => {
    for (const recipe of ownRecipes()) {
      const { client, fridgeId } = await fridgeFor(server.url, recipe);
      const { status, recipes } = await recommended(client, fridgeId, { limit: 3 });
      assert.equal(status, 'done');
      assert.equal(recipes[0].title, recipe.title);
      assert.equal(recipes[0].tier, 'ready');
      assert.equal(recipes[0].coverage, 1);
      assert.deepEqual(recipes[0].missing, []);
    }
  });

  test('all 432 public recipes are taken in, and some of them come back ranked', async t => {
    if (!havePublicRecipes) return t.skip('../shared/data/kr-recipes is not on this machine; own recipes were tested');
    const all = publicRecipes();
    assert.equal(all.length, 432);
    const file = jsonLines(folder, 'public.jsonl', all);
    const imported = await runImport(folder, file);
    assert.equal(imported.err, '');
    assert.match(imported.out, /^432 new, 0 held before, 0 refused$/m);
    assert.equal(imported.code, 0);
    const bare = all.flatMap(({ ingredients }) => ingredients).filter(line => !(line as { amount?: string }).amount);
    assert.equal(bare.length, 8, 'the lines whose amount is NaN stay text');

    const { client } = await newcomer(server.url);
    assert.equal((await client.get('/recipes?limit=1')).body.total >= 432 + 12, true);
    for (const recipe of all.filter((_, index) => index % 40 === 0)) {
      const { client, fridgeId } = await fridgeFor(server.url, recipe);
      const { recipes } = await recommended(client, fridgeId, { limit: 10 });
      const place = recipes.findIndex(({ title }: { title: string }) => title === recipe.title);
      assert.ok(place >= 0 && place < 3, `${recipe.title} is at ${place}`);
    }
  });

  test('what was just stored counts, and what is eaten does not', async () => {
    const { client, fridgeId } = await newcomer(server.url);
    const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { name: '콩나물', amount: 300, unit: 'g' });
    const [{ ingredientId }] = stored.body.items;
    const before = await recommended(client, fridgeId, { limit: 50 });
    assert.ok(before.recipes.some(({ title }: { title: string }) => title.includes('콩나물')));
    await client.post(`/fridges/${fridgeId}/ingredients/${ingredientId}/consume`, {});
    assert.deepEqual((await recommended(client, fridgeId, {})).recipes, []);
  });

  test('a recommendation is seen by its own fridge only', async () => {
    const { client, fridgeId } = await newcomer(server.url);
    const asked = await client.post(`/fridges/${fridgeId}/recommendations`, {});
    const { client: stranger } = await newcomer(server.url);
    const seen = await stranger.get(`/recommendations/${asked.body.recommendationId}`);
    const none = await stranger.get('/recommendations/none');
    assert.equal(seen.status, 404);
    assert.deepEqual({ ...seen.body, traceId: '' }, { ...none.body, traceId: '' });
  });
});
