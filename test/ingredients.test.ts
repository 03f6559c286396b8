import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, memberId, fridgeId } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;

/** Stores one thing and gives it back as it was shown. */
async function stored(item: object): Promise<Reply['body']> {
  const reply = await client.post(ingredients, item);
  assert.equal(reply.status, 201);
  assert.equal(reply.body.items.length, 1);
  return reply.body.items[0];
}
const on = (ingredientId: string, what: string, body: object = {}): Promise<Reply> =>
  client.post(`${ingredients}/${ingredientId}/${what}`, body);
const correct = (ingredientId: string, patch: object): Promise<Reply> =>
  client.patch(`${ingredients}/${ingredientId}`, patch);
const get = async (ingredientId: string): Promise<Reply['body']> =>
  (await client.get(`${ingredients}/${ingredientId}`)).body;
const plusDays = (instant: string, days: number, timeZone = 'Asia/Seoul'): string => {
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(instant));
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
};

test('a name alone is enough', async () => {
  const reply = await client.post(ingredients, { name: 'Omas Geheimrezept' });
  assert.equal(reply.status, 201);
  const { actionId, items } = reply.body;
  assert.deepEqual(Object.keys(reply.body).sort(), ['actionId', 'items']);
  assert.match(actionId, /\S/);
  const { ingredientId, addedAt, revision, ...rest } = items[0];
  const defaults = { amount: 1, unit: 'piece', place: 'fridge', status: 'no_date' };
  assert.deepEqual(rest, { name: 'Omas Geheimrezept', ...defaults, addedBy: memberId });
  assert.ok(Math.abs(Date.now() - Date.parse(addedAt)) < 60_000);
  assert.equal(reply.headers.get('location'), `/api/v1${ingredients}/${ingredientId}`);
  assert.match(reply.headers.get('position') ?? '', /\S/);
  assert.deepEqual(await get(ingredientId), items[0]);
});

test('a known food brings what it is bought in, its place and its date', async () => {
  const byName = await stored({ name: '흰 우유' });
  assert.deepEqual(byName.food, { id: 'milk', name: '우유' });
  assert.equal(byName.name, '흰 우유');
  for (const item of [byName, await stored({ food: 'milk' })]) {
    assert.deepEqual([item.food.id, item.amount, item.unit, item.place], ['milk', 1, 'l', 'fridge']);
    assert.deepEqual([item.dueDate, item.dueType], [plusDays(item.addedAt, 7), 'use_by']);
    assert.deepEqual([item.dueDateSource, item.status, item.daysLeft], ['rule', 'fresh', 7]);
  }
  assert.equal((await stored({ food: 'milk', amount: 500 })).unit, 'ml', 'who counts, counts in the usual unit');
  const frozen = await stored({ food: 'milk', place: 'freezer' });
  assert.equal(frozen.dueDate, plusDays(frozen.addedAt, 90));
  const opened = await stored({ food: 'milk', openedAt: '2026-01-01T00:00:00Z' });
  assert.equal(opened.dueDate, '2026-01-06', 'once opened, the days count from then');
  const undated = await stored({ food: 'milk', dueDate: null });
  assert.deepEqual([undated.dueDate, undated.dueType, undated.status], [undefined, undefined, 'no_date']);
  const onion = await stored({ name: 'yellow onion' });
  assert.deepEqual([onion.food.id, onion.unit, onion.place], ['onion', 'piece', 'pantry']);
});

test('a food is named in the language that is asked for, the ingredient as it was typed', async () => {
  const headers = { 'Accept-Language': 'en-GB, ko;q=0.5' };
  const reply = await client.post(ingredients, { name: '계란' }, headers);
  assert.deepEqual([reply.body.items[0].food.name, reply.body.items[0].name], ['egg', '계란']);
});

test("where no header says otherwise, the language is the member's own, for the name that is kept too", async () => {
  const english = new Client(server.url);
  const account = { email: 'anna@example.org', password: PASSWORD, nickname: 'anna', language: 'en' };
  const registered = await english.post('/auth/register', account);
  english.token = registered.body.accessToken;
  const position = { 'Wait-For-Position': registered.headers.get('position')! };
  const path = `/fridges/${(await english.get('/fridges', position)).body.items[0].fridgeId}/ingredients`;
  const called = async (pending: Promise<Reply>) => {
    const [item] = (await pending).body.items;
    return [item.name, item.food.name];
  };
  const korean = { 'Accept-Language': 'ko-KR' };
  assert.deepEqual(await called(english.post(path, { food: 'milk' })), ['milk', 'milk']);
  assert.deepEqual(await called(english.post(path, { food: 'milk' }, { 'Accept-Language': 'fr' })), ['milk', 'milk']);
  assert.deepEqual(await called(english.post(path, { food: 'milk' }, korean)), ['우유', '우유']);
  assert.deepEqual(await called(client.post(ingredients, { food: 'milk' }, { 'Accept-Language': 'en' })), [
    ...['milk', 'milk'],
  ]);
  const session = await english.post('/auth/refresh', {});
  english.token = session.body.accessToken;
  assert.deepEqual(await called(english.post(path, { name: '두부' })), ['두부', 'tofu'], 'after a refresh too');
});

test('several things are stored as one action, each with all that was said of it', async () => {
  const items = [
    { food: 'beef', amount: 0.6, unit: 'kg', price: 30_000, note: '국거리\n반은 얼리기', barcode: '8801234567890' },
    { name: '간장', amount: 2.5, unit: 'tablespoons', place: 'pantry', dueDate: '2030-02-28', dueType: 'use_by' },
    { name: '달걀', amount: 30, unit: '개', openedAt: '2026-03-01T09:00:00+09:00' },
    { name: 'Kräuter', amount: 1, unit: 'Büschel' },
  ];
  const reply = await client.post(ingredients, { items });
  assert.equal(reply.status, 201);
  assert.equal(reply.headers.get('location'), `/api/v1${ingredients}`);
  const [beef, soy, eggs, herbs] = reply.body.items;
  assert.deepEqual([beef.amount, beef.unit, beef.price, beef.barcode], [0.6, 'kg', 30_000, '8801234567890']);
  assert.equal(beef.note, '국거리\n반은 얼리기');
  assert.deepEqual([soy.amount, soy.unit, soy.place], [2.5, 'tbsp', 'pantry']);
  assert.deepEqual([soy.dueDate, soy.dueType, soy.dueDateSource], ['2030-02-28', 'use_by', 'printed']);
  assert.deepEqual([eggs.unit, eggs.openedAt], ['piece', '2026-03-01T00:00:00.000Z']);
  assert.deepEqual([herbs.name, herbs.unit], ['Kräuter', 'büschel']);
  const ids = reply.body.items.map(({ ingredientId }: { ingredientId: string }) => ingredientId);
  assert.equal(new Set(ids).size, 4);
  for (const item of reply.body.items) assert.deepEqual(await get(item.ingredientId), item);
});

test('what happened earlier is dated then, but never later than now', async () => {
  const earlier = await stored({ food: 'milk', occurredAt: '2026-01-10T23:30:00+09:00' });
  assert.equal(earlier.addedAt, '2026-01-10T14:30:00.000Z');
  assert.equal(earlier.dueDate, '2026-01-17');
  const later = await stored({ name: 'from tomorrow', occurredAt: '2150-01-01T00:00:00Z' });
  assert.ok(Date.parse(later.addedAt) <= Date.now());
});

test('consuming takes what is said, in any unit of the kind, or all there is', async () => {
  const { ingredientId } = await stored({ name: '우유', amount: 1.5, unit: 'l' });
  const part = await on(ingredientId, 'consume', { amount: 200, unit: 'ml' });
  assert.equal(part.status, 200);
  assert.deepEqual(Object.keys(part.body).sort(), ['actionId', 'ingredient']);
  assert.deepEqual([part.body.ingredient.amount, part.body.ingredient.unit], [1.3, 'l']);
  assert.equal(part.headers.get('etag'), `"${part.body.ingredient.revision}"`);
  assert.match(part.headers.get('position') ?? '', /\S/);
  assert.equal((await on(ingredientId, 'consume', { amount: 0.3 })).body.ingredient.amount, 1);
  assert.equal((await on(ingredientId, 'consume', { amount: 2, unit: '컵' })).body.ingredient.amount, 0.6);
  const all = await on(ingredientId, 'consume');
  assert.equal(all.body.ingredient.amount, 0);
});

test('what is used up or thrown away is gone from the list, and there is nothing left to do', async () => {
  for (const [what, body] of [
    ['consume', {}],
    ['discard', { reason: 'spoiled' }],
  ] as const) {
    const { ingredientId } = await stored({ name: `gone by ${what}`, amount: 2 });
    const reply = await on(ingredientId, what, body);
    const list = await client.get(`${ingredients}?search=gone+by+${what}`, {
      'Wait-For-Position': reply.headers.get('position')!,
    });
    assert.deepEqual(list.body, { items: [] });
    assertProblem(await on(ingredientId, 'consume'), 409, 'nothing-to-do');
    assertProblem(await on(ingredientId, 'consume', { amount: 1 }), 409, 'nothing-to-do');
    assertProblem(await on(ingredientId, 'discard', { reason: 'other' }), 409, 'nothing-to-do');
  }
});

test('taking more than there is says what there is', async () => {
  const { ingredientId } = await stored({ name: '소고기', amount: 0.5, unit: 'kg' });
  const also = { available: { amount: 0.5, unit: 'kg' } };
  assertProblem(await on(ingredientId, 'consume', { amount: 501, unit: 'g' }), 409, 'not-enough', { also });
  assertProblem(await on(ingredientId, 'discard', { reason: 'other', amount: 1 }), 409, 'not-enough', { also });
  assertProblem(await on(ingredientId, 'consume', { amount: 1, unit: '병' }), 409, 'unit-not-comparable');
  assert.equal((await get(ingredientId)).amount, 0.5);
  assert.equal((await on(ingredientId, 'consume', { amount: 500, unit: 'g' })).body.ingredient.amount, 0);
});

test('what there is, is said as it is shown', async () => {
  const { ingredientId } = await stored({ name: 'soy sauce', amount: 1, unit: 'tbsp' });
  const { amount } = (await on(ingredientId, 'consume', { amount: 1, unit: 'tsp' })).body.ingredient;
  const also = { available: { amount, unit: 'tbsp' } };
  assertProblem(await on(ingredientId, 'consume', { amount: 1 }), 409, 'not-enough', { also });
  assert.equal((await on(ingredientId, 'consume', { amount })).body.ingredient.amount, 0);
});

test('discarding needs one of the known reasons', async () => {
  const { ingredientId } = await stored({ name: 'tofu', amount: 3 });
  for (const reason of [undefined, null, '', 'bored', 'Spoiled', 1]) {
    assertProblem(await on(ingredientId, 'discard', { reason }), 422, 'invalid', { paths: ['reason'] });
  }
  const reply = await on(ingredientId, 'discard', { reason: 'past_use_by', amount: 1 });
  assert.equal(reply.status, 200);
  assert.equal(reply.body.ingredient.amount, 2);
  assert.equal(reply.headers.get('etag'), `"${reply.body.ingredient.revision}"`);
});

test('a correction changes exactly what it names, and null clears', async () => {
  const before = await stored({ name: '두부', note: 'for soup', price: 2000, dueDate: '2030-01-01', barcode: '12345' });
  const id = before.ingredientId;
  const reply = await correct(id, { amount: 2, place: 'freezer', note: 'for\nstew', dueDate: '2030-01-05' });
  assert.equal(reply.status, 200);
  const { revision, daysLeft: _, ...ingredient } = reply.body.ingredient;
  const { revision: __, daysLeft: ___, ...old } = before;
  const changed = { amount: 2, place: 'freezer', note: 'for\nstew', dueDate: '2030-01-05', dueDateSource: 'user' };
  assert.deepEqual(ingredient, { ...old, ...changed });
  assert.equal(reply.headers.get('etag'), `"${revision}"`);
  const cleared = await correct(id, { note: null, price: null, dueDate: null, barcode: null, food: null });
  const { note, price, barcode, dueDate, dueType, dueDateSource, food, daysLeft, ...bare } = cleared.body.ingredient;
  const gone = [note, price, barcode, dueDate, dueType, dueDateSource, food, daysLeft];
  assert.deepEqual(new Set(gone), new Set([undefined]));
  assert.deepEqual([bare.status, bare.name, bare.amount], ['no_date', '두부', 2]);
  assert.deepEqual(await get(id), cleared.body.ingredient);
});

test('a date by rule follows what is corrected, and is shown only where there is one', async () => {
  const { ingredientId, addedAt } = await stored({ food: 'pork' });
  const dated = async (patch: object) => {
    const { dueDate, dueDateSource, status } = (await correct(ingredientId, patch)).body.ingredient;
    return [dueDate, dueDateSource, status];
  };
  assert.deepEqual(await dated({ place: 'freezer' }), [plusDays(addedAt, 180), 'rule', 'fresh']);
  assert.deepEqual(await dated({ place: 'pantry' }), [undefined, undefined, 'no_date']);
  assert.deepEqual(await dated({ place: 'fridge' }), [plusDays(addedAt, 4), 'rule', 'due_soon']);
  const openedAt = new Date(Date.now() + 3_600_000).toISOString();
  assertProblem(await correct(ingredientId, { openedAt }), 422, 'in-the-future', { paths: ['openedAt'] });
  const items = [{ food: 'milk' }, { food: 'milk', openedAt: '2190-01-01T00:00:00Z' }];
  assertProblem(await client.post(ingredients, { items }), 422, 'in-the-future', { paths: ['items[1].openedAt'] });
});

test('a correction to what is so already is nothing to do', async () => {
  const item = { name: '우리 집 우유', food: 'milk', amount: 2, unit: 'l', place: 'fridge', note: 'same', price: 5 };
  const more = { dueDate: '2031-05-05', dueType: 'use_by', openedAt: '2026-01-01T00:00:00Z', barcode: '4006381333931' };
  const { ingredientId } = await stored({ ...item, ...more, dueDate: '2031-05-06' });
  const { revision } = (await correct(ingredientId, { dueDate: more.dueDate })).body.ingredient;
  const answers: string[] = [];
  for (const [field, value] of Object.entries({ ...item, ...more })) {
    const { status, body } = await correct(ingredientId, { [field]: value });
    answers.push(`${field}: ${status} ${body.code}`);
  }
  const fields = Object.keys({ ...item, ...more });
  assert.deepEqual(
    answers,
    fields.map(field => `${field}: 409 nothing-to-do`),
  );
  assertProblem(await correct(ingredientId, {}), 409, 'nothing-to-do');
  assertProblem(await correct(ingredientId, { ...item, ...more }), 409, 'nothing-to-do');
  assert.equal((await get(ingredientId)).revision, revision);
});

test('the same name in a correction does not lose the food that was said with it', async () => {
  const { ingredientId } = await stored({ name: '할머니표', food: 'kimchi' });
  const { body } = await correct(ingredientId, { name: '할머니표', amount: 2 });
  assert.equal(body.ingredient.food?.id, 'kimchi');
});

test('what is not there is not found', async () => {
  for (const id of ['nothing', '00000000-0000-8000-8000-000000000000']) {
    assertProblem(await client.get(`${ingredients}/${id}`), 404, 'ingredient-not-found');
    assertProblem(await correct(id, { amount: 1 }), 404, 'ingredient-not-found');
    assertProblem(await on(id, 'consume'), 404, 'ingredient-not-found');
    assertProblem(await on(id, 'discard', { reason: 'other' }), 404, 'ingredient-not-found');
  }
});

test('D-23: takings at the same moment are all counted, and never more than there is', async () => {
  const { ingredientId } = await stored({ name: 'apples', amount: 12 });
  const replies = await Promise.all(Array.from({ length: 20 }, () => on(ingredientId, 'consume', { amount: 1 })));
  const taken = replies.filter(({ status }) => status === 200);
  assert.deepEqual(
    taken.map(({ body }) => body.ingredient.amount).sort((a, b) => a - b),
    Array.from({ length: 12 }, (_, i) => i),
  );
  for (const refused of replies.filter(({ status }) => status !== 200)) assertProblem(refused, 409, 'nothing-to-do');
  assert.equal((await get(ingredientId)).amount, 0);
});
