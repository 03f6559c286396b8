import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type Client, newcomer } from './support/client.ts';
import { ownFolder, ownServer, refusedStart } from './support/data-folders.ts';
import { jsonLines, runImport } from './support/importing.ts';
import { noMongo, ownDatabase, startMongo } from './support/mongodb.ts';
import { assertProblem } from './support/problems.ts';

const PATIENCE_MS = 60_000;

async function mongo(t: TestContext) {
  const ends: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return startMongo({ after: end => ends.push(end) });
}

async function imported(folder: string, title: string): Promise<void> {
  const recipe = { title, ingredients: ['300 g tofu'], steps: ['Boil.'] };
  const { code, out, err } = await runImport(folder, jsonLines(folder, 'recipes.jsonl', [recipe]));
  assert.deepEqual([code, err], [0, ''], out);
}

/** The address of a recipe, once a view shows it that is fed again. */
async function shown(client: Client, title: string): Promise<string> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; ) {
    const { body } = await client.get(`/recipes?search=${encodeURIComponent(title)}`);
    const found = body.items?.find((recipe: { title: string }) => recipe.title === title);
    if (found) return `/recipes/${found.recipeId}`;
  }
  return assert.fail(`no view shows ${title}`);
}

describe('document views in a MongoDB', { skip: noMongo }, () => {
  test('recipes are there after a restart; while it is away they answer 503, and all else goes on', async t => {
    const server = await mongo(t);
    const extra = { MONGODB_URL: ownDatabase(server.url).url };
    const folder = ownFolder();
    const first = await ownServer(folder, extra);
    const { client, fridgeId } = await newcomer(first.url);
    await imported(folder, 'tofu soup');
    const path = await shown(client, 'tofu soup');
    assert.equal(await first.stop(), 0);

    const second = await ownServer(folder, extra);
    client.url = second.url;
    assert.equal((await client.get(path)).body.title, 'tofu soup');

    await server.kill();
    assertProblem(await client.get(path), 503, 'unavailable');
    assert.equal((await client.get(`/fridges/${fridgeId}/ingredients`)).status, 200);
    await imported(folder, 'more soup');
    await server.start();
    await shown(client, 'more soup');
    assert.equal((await client.get(path)).body.title, 'tofu soup');
    assert.equal(await second.stop(), 0);
  });

  test('a database that is emptied, or another one, is filled again from the log', async t => {
    const server = await mongo(t);
    const folder = ownFolder();
    const first = await ownServer(folder, { MONGODB_URL: ownDatabase(server.url).url });
    const { client } = await newcomer(first.url);
    await imported(folder, 'tofu soup');
    const path = await shown(client, 'tofu soup');
    assert.equal(await first.stop(), 0);
    client.url = (await ownServer(folder, { MONGODB_URL: ownDatabase(server.url).url })).url;
    assert.equal((await client.get(path)).body.title, 'tofu soup');
  });

  test('a start that cannot use it ends with one line, which does not tell the password', async () => {
    for (const MONGODB_URL of ['http://secret@127.0.0.1', 'mongodb://somebody:secret@127.0.0.1:9/zipbob']) {
      const output = await refusedStart(ownFolder(), { MONGODB_URL });
      assert.match(output, /^.*MONGODB_URL.*\n$/);
      assert.doesNotMatch(output, /secret/);
    }
  });
});
