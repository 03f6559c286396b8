import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, newcomer, type Reply } from './support/client.ts';
import { copyOf, ownFolder, ownServer } from './support/data-folders.ts';
import { factsIn } from './support/event-log.ts';
import { plant } from './support/planting.ts';
import { assertProblem } from './support/problems.ts';
import type { Running } from './support/zipbob.ts';

interface Family {
  token: string;
  fridgeId: string;
  ingredientId: string;
}
const folder = ownFolder();
const families = await settled(4);
const [own, other] = families as [Family, Family];

/** Families of a server that is stopped again. */
async function settled(count: number): Promise<Family[]> {
  const server = await ownServer(folder);
  const family = async (): Promise<Family> => {
    const { client, fridgeId } = await newcomer(server.url);
    const { body, headers } = await client.post(`/fridges/${fridgeId}/ingredients`, { name: 'thing', amount: 5 });
    await client.get('/fridges', { 'Wait-For-Position': headers.get('position')! });
    return { token: client.token!, fridgeId, ingredientId: body.items[0].ingredientId };
  };
  const made = await Promise.all(Array.from({ length: count }, family));
  await server.stop();
  return made;
}

/** What a newer release would have written. */
const newer = {
  'an unknown type': { type: 'IngredientTeleported' },
  'a type that every object knows': { type: 'constructor' },
  'a higher version': { meta: { schema: 9 } },
};

function as({ token }: Family, { url }: Running): Client {
  const client = new Client(url);
  client.token = token;
  return client;
}

/** Everything that one can do in a fridge. */
function uses(server: Running, family: Family): Promise<Reply>[] {
  const client = as(family, server);
  const fridge = `/fridges/${family.fridgeId}`;
  const path = `${fridge}/ingredients/${family.ingredientId}`;
  return [
    client.post(`${fridge}/ingredients`, { name: 'x' }),
    client.post(`${path}/consume`, { amount: 1 }),
    client.post(`${path}/discard`, { amount: 1, reason: 'other' }),
    client.patch(path, { amount: 2 }),
    client.post(`${fridge}/undo`, { actionId: 'x' }),
    client.get(fridge),
    client.get(path),
    client.get(`${fridge}/ingredients`),
  ];
}

async function assertHeld(server: Running, folder: string, family: Family): Promise<void> {
  const facts = factsIn(folder);
  for (const reply of await Promise.all(uses(server, family))) assertProblem(reply, 503, 'newer-facts');
  assert.equal(factsIn(folder), facts, 'nothing is written on top');
  const stored = await as(other, server).post(`/fridges/${other.fridgeId}/ingredients`, { name: 'y' });
  assert.equal(stored.status, 201, 'other fridges go on');
  const ready = await fetch(`${server.url}/readyz`);
  const { checks } = (await ready.json()) as { checks: Record<string, string> };
  assert.deepEqual([ready.status, checks.views], [503, 'newer-facts']);
  assert.match(ready.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
}

test('newer facts in the log at start hold their fridges, and readiness says so', async () => {
  const copy = copyOf(folder);
  const others = families.filter(family => family !== other);
  assert.equal(others.length, Object.keys(newer).length);
  for (const [i, fact] of Object.values(newer).entries()) await plant(copy, `fridge-${others[i]!.fridgeId}`, fact);
  const server = await ownServer(copy);
  for (const family of others) await assertHeld(server, copy, family);
  assert.equal(await server.stop(), 0);
});

test('a newer fact that comes in while the server runs holds its fridge, and readiness says so', async () => {
  const copy = copyOf(folder);
  const server = await ownServer(copy);
  await plant(copy, `fridge-${own.fridgeId}`, newer['an unknown type']);
  const client = as(other, server);
  const { headers } = await client.post(`/fridges/${other.fridgeId}/ingredients`, { name: 'y' });
  const position = { 'Wait-For-Position': headers.get('position')! };
  assertProblem(await client.get('/fridges', position), 503, 'projection-behind');
  await assertHeld(server, copy, own);
  assert.equal(await server.stop(), 0);
});

test('fields and families that nobody knows yet are none of our business', async () => {
  const copy = copyOf(folder);
  const fridge = `fridge-${own.fridgeId}`;
  await plant(copy, fridge, { data: { colour: 'red' }, meta: { mood: 'good' } });
  await plant(copy, 'spaceship-1', { like: fridge, type: 'ShipLaunched' });
  const server = await ownServer(copy);
  for (const reply of await Promise.all(uses(server, own))) assert.ok(reply.status < 300 || reply.status === 409);
  const client = as(own, server);
  const { headers } = await client.post(`/fridges/${own.fridgeId}/ingredients`, { name: 'new' });
  const list = await client.get(`/fridges/${own.fridgeId}/ingredients?search=new`, {
    'Wait-For-Position': headers.get('position')!,
  });
  assert.equal(list.body.items.length, 1);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal(await server.stop(), 0);
});
