import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, newcomer, type Reply } from './support/client.ts';
import { factsOf } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';
import { plant } from './support/planting.ts';

const MOST = 1_000_000;
const server = await oneServer();

/** A member with one ingredient of the most that there may be, and what is asked of it. */
async function household() {
  const { client, fridgeId } = await newcomer(server.url);
  const ingredients = `/fridges/${fridgeId}/ingredients`;
  const big = await client.post(ingredients, { name: 'big', amount: MOST, unit: 'kg', price: 1_000_000_000 });
  const [{ ingredientId }] = big.body.items;
  const path = `${ingredients}/${ingredientId}`;
  const { token } = client;
  /** the server may be at another address by now */
  const present = () => Object.assign(new Client(server.url), { token });
  return { fridgeId, ingredients, path, present };
}
type Household = Awaited<ReturnType<typeof household>>;

/** What the view shows of each thing in a fridge, once it has seen a command. */
async function seen({ ingredients, present }: Household, { headers }: Reply): Promise<string[]> {
  const list = await present().get(ingredients, { 'Wait-For-Position': headers.get('position')! });
  assert.equal(list.status, 200, JSON.stringify(list.body));
  return list.body.items.map(({ name, amount, unit }: Record<string, unknown>) => `${name}: ${amount} ${unit}`).sort();
}

test('absurd amounts over several commands leave the lists of all as they should be', async () => {
  const home = await household();
  const { present, path, ingredients } = home;
  for (let times = 0; times < 4; times++) {
    const { amount } = (await present().get(path)).body;
    const used = await present().post(`${path}/consume`, { amount: Number((amount * 0.985).toFixed(6)) });
    assert.equal(used.status, 200);
  }
  assert.equal((await present().get(path)).body.amount, 0.050625);
  for (const [amount, unit] of [
    [MOST, 'gallon'],
    [MOST, 'kg'],
    [1, 'mg'],
    [MOST, 'gallon'],
  ] as const) {
    const corrected = await present().patch(path, { amount, unit });
    assert.equal(corrected.status, 200, JSON.stringify(corrected.body));
    assert.deepEqual(await seen(home, corrected), [`big: ${amount} ${unit}`]);
  }
  const discarded = await present().post(`${path}/discard`, { reason: 'other', amount: 500_000 });
  assert.equal(discarded.status, 200);
  const next = await present().post(ingredients, { name: 'egg', amount: 3 });
  assert.deepEqual(await seen(home, next), ['big: 500000 gallon', 'egg: 3 piece']);
  const facts = factsOf(server.folder).flatMap(({ data }) => [data, (data.changed ?? {}) as Record<string, unknown>]);
  for (const field of ['amount', 'taken', 'bought']) {
    const wrong = facts.filter(data => field in data && !Number.isSafeInteger(data[field]));
    assert.deepEqual(wrong, [], field);
  }
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
});

test('a fact that fits no view, from whatever release, hides its own ingredient only, also after a restart', async () => {
  const [home, other] = [await household(), await household()];
  const { fridgeId, path, ingredients, present } = home;
  const ingredientId = path.slice(ingredients.length + 1);
  const corrected = await present().patch(path, { amount: 5 });
  await seen(home, corrected);
  await plant(server.folder, `fridge-${fridgeId}`, { data: { ingredientId, changed: { bought: 1.5e19 } } });
  for (const restart of [false, true]) {
    if (restart) await server.restart('stop');
    const later = await home.present().post(ingredients, { name: `later ${restart}` });
    assert.ok((await seen(home, later)).includes(`later ${restart}: 1 piece`));
    const theirs = await other.present().post(other.ingredients, { name: `theirs ${restart}` });
    assert.ok((await seen(other, theirs)).includes(`theirs ${restart}: 1 piece`));
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  }
});
