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

/** Families of a server that has been stopped again. */
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

/** Facts that a newer release could have written. */
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

/** Every command on a fridge, and every read. */
function uses(server: Running, family: Family): { commands: Promise<Reply>[]; reads: Promise<Reply>[] } {
  const client = as(family, server);
  const fridge = `/fridges/${family.fridgeId}`;
  const path = `${fridge}/ingredients/${family.ingredientId}`;
  return {
    commands: [
      client.post(`${fridge}/ingredients`, { name: 'x' }),
      client.post(`${path}/consume`, { amount: 1 }),
      client.post(`${path}/discard`, { amount: 1, reason: 'other' }),
      client.patch(path, { amount: 2 }),
      client.post(`${fridge}/undo`, { actionId: 'x' }),
    ],
    reads: [client.get(fridge), client.get(path), client.get(`${fridge}/ingredients`)],
  };
}

async function assertHeld(server: Running, folder: string, family: Family): Promise<void> {
  const facts = factsIn(folder);
  const { commands, reads } = uses(server, family);
  for (const reply of await Promise.all(commands)) assertProblem(reply, 503, 'newer-facts');
  for (const { status } of await Promise.all(reads)) assert.equal(status, 200, 'reads still work');
  assert.equal(factsIn(folder), facts, 'nothing is appended');
  const stored = await as(other, server).post(`/fridges/${other.fridgeId}/ingredients`, { name: 'y' });
  assert.equal(stored.status, 201, 'other fridges work');
  const ready = await fetch(`${server.url}/readyz`);
  const { checks } = (await ready.json()) as { checks: Record<string, string> };
  assert.deepEqual([ready.status, checks.views], [503, 'newer-facts']);
  assert.match(ready.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
}

test('newer facts in the log at start block their fridges, and readiness reports it', async () => {
  const copy = copyOf(folder);
  const blocked = families.filter(family => family !== other);
  assert.equal(blocked.length, Object.keys(newer).length);
  for (const [i, fact] of Object.values(newer).entries()) await plant(copy, `fridge-${blocked[i]!.fridgeId}`, fact);
  const server = await ownServer(copy);
  for (const family of blocked) await assertHeld(server, copy, family);
  assert.equal(await server.stop(), 0);
});

test('a newer fact that arrives while the server runs blocks its fridge, and readiness reports it', async () => {
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

test('unknown fields and unknown families are ignored', async () => {
  const copy = copyOf(folder);
  const fridge = `fridge-${own.fridgeId}`;
  await plant(copy, fridge, { data: { colour: 'red' }, meta: { mood: 'good' } });
  await plant(copy, 'spaceship-1', { like: fridge, type: 'ShipLaunched' });
  const server = await ownServer(copy);
  const { commands, reads } = uses(server, own);
  for (const reply of await Promise.all([...commands, ...reads])) assert.ok(reply.status < 300 || reply.status === 409);
  const client = as(own, server);
  const { headers } = await client.post(`/fridges/${own.fridgeId}/ingredients`, { name: 'new' });
  const list = await client.get(`/fridges/${own.fridgeId}/ingredients?search=new`, {
    'Wait-For-Position': headers.get('position')!,
  });
  assert.equal(list.body.items.length, 1);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal(await server.stop(), 0);
});
