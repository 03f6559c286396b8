import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type EventStoreServer, startEventStore } from './eventstoredb/start.ts';
import { newcomer, type Reply } from './support/client.ts';
import { ownFolder, ownServer } from './support/data-folders.ts';
import { assertProblem } from './support/problems.ts';

const position = ({ headers }: Reply) => ({ 'Wait-For-Position': headers.get('position')! });

async function household() {
  const log: EventStoreServer = await startEventStore({ folder: ownFolder() });
  after(() => log.stop());
  const server = await ownServer(ownFolder(), { EVENTSTORE_URL: log.url });
  const { client, fridgeId } = await newcomer(server.url);
  const stranger = await newcomer(server.url);
  const fridge = `/fridges/${fridgeId}`;
  const stored = await client.post(`${fridge}/ingredients`, { name: '콩나물', amount: 300, unit: 'g', note: 'cold' });
  assert.equal(stored.status, 201);
  const { ingredientId } = stored.body.items[0];
  const recipes = await client.get('/recipes?limit=1', position(stored));
  const reads = [
    ...['/members/me', '/fridges', fridge, `${fridge}/ingredients`, `${fridge}/ingredients?search=cold`],
    ...[`${fridge}/ingredients/${ingredientId}`, '/recipes', `/recipes/${recipes.body.items[0].recipeId}`],
  ];
  return { log, server, client, fridge, stored, reads, stranger: stranger.client };
}

test('with the log away, what is shown is read as before', async () => {
  const { log, server, client, fridge, stored, reads, stranger } = await household();
  const before = await Promise.all(reads.map(path => client.get(path, position(stored))));
  assert.deepEqual(
    before.map(({ status }) => status),
    reads.map(() => 200),
  );
  await log.kill();
  for (const [i, path] of reads.entries()) {
    for (const headers of [undefined, position(stored)]) {
      const { status, body, headers: answered } = await client.get(path, headers);
      assert.deepEqual([path, status, body], [path, 200, before[i]!.body]);
      assert.equal(answered.get('etag'), before[i]!.headers.get('etag'));
    }
  }
  // Whoever is no member is still refused, and commands say that the log is away.
  assertProblem(await stranger.get(fridge), 404, 'fridge-not-found');
  assertProblem(await stranger.get(`${fridge}/ingredients`), 404, 'fridge-not-found');
  assertProblem(await client.post(`${fridge}/ingredients`, { name: 'later' }), 503, 'unavailable');
  assert.equal(await server.stop(), 0);
});
