import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer, type Reply } from './support/client.ts';
import { oneServer, storesNothing } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const fridge = `/fridges/${fridgeId}`;
const stored = await client.post(`${fridge}/ingredients`, {
  items: [
    { name: '우유', amount: 500, unit: 'ml' },
    { name: '달걀', amount: 10, unit: '개' },
  ],
});
const [milk, eggs] = stored.body.items.map(({ ingredientId }: { ingredientId: string }) => ingredientId);
const [{ recipeId }] = (await client.get('/recipes?limit=1')).body.items;
const recipe = { recipeId, version: 1 };
const cooking = { ...recipe, servings: 2, deductions: [{ ingredientId: milk, amount: 1 }] };

const draft = (body: unknown): Promise<Reply> => client.post(`${fridge}/cookings/draft`, body);
const cook = (body: unknown): Promise<Reply> => client.post(`${fridge}/cookings`, body);
const wish = (body: unknown): Promise<Reply> => client.post(`${fridge}/recommendations`, body);
const refused = (reply: Reply, ...paths: string[]) => assertProblem(reply, 422, 'invalid', { paths });

storesNothing(server);

const noNumbers = [null, '', '1', 'NaN', true, {}, [], [1]];
const noTexts = [null, 5, true, {}, [], ['x']];
const noIds = [...noTexts, '', 'x'.repeat(101)];
const noCounts = [...noNumbers, 0, -0, -1, 1.5, 1e300, -1e300];
const noAmounts = [...noNumbers, 0, -0, -1, -1e300, 1e300, 1_000_001, Number.MAX_VALUE, -5e-324];
const noUnits = [...noTexts, '', ' ', 'x'.repeat(21), 'a\nb', 'half \udc00'];
const noDates = [
  5,
  true,
  {},
  [],
  '',
  'tomorrow',
  '2026-02-30',
  '2026-13-01',
  '2026-1-1',
  '0001-01-01',
  '1999-12-31',
  '2200-01-01',
  '9999-12-31',
  '+002026-01-01',
  '2026-01-01T00:00:00Z',
  ' 2026-01-01',
];
const noInstants = [
  5,
  true,
  {},
  [],
  '',
  'now',
  '2026-01-01',
  '2026-01-01T00:00:00',
  '2026-02-30T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '1999-12-31T23:59:59Z',
  '2200-01-01T00:00:00Z',
  '9999-01-01T00:00:00Z',
  '2026-01-01T25:00:00Z',
];

test('a draft: each invalid field is named', async () => {
  for (const [field, values] of Object.entries({
    recipeId: noIds,
    version: noCounts,
    servings: [...noCounts, 1001, 1e9],
    more: [1],
  })) {
    for (const value of values) refused(await draft({ ...recipe, servings: 2, [field]: value }), field);
  }
  refused(await draft({}), 'recipeId');
  for (const version of [2, 1e9, Number.MAX_SAFE_INTEGER]) {
    assertProblem(await draft({ recipeId, version }), 404, 'recipe-not-found');
  }
});

test('a cooking: each invalid field is named', async () => {
  for (const [field, values] of Object.entries({
    recipeId: noIds,
    version: noCounts,
    servings: [...noCounts, 1001, 1e9],
    deductions: [null, '', 5, true, {}, 'x'],
    leftovers: [null, '', 5, true, {}, 'x'],
    recommendationId: noIds,
    occurredAt: [null, ...noInstants],
    more: [1],
  })) {
    for (const value of values) refused(await cook({ ...cooking, [field]: value }), field);
  }
  refused(await cook({}), 'recipeId', 'version', 'servings', 'deductions');
  for (const version of [2, 1e9, Number.MAX_SAFE_INTEGER]) {
    assertProblem(await cook({ ...cooking, version }), 404, 'recipe-not-found');
  }
});

test('a cooking: each invalid field of a deduction is named with its place', async () => {
  const good = { ingredientId: eggs, amount: 1, unit: '개' };
  for (const [field, values] of Object.entries({
    ingredientId: noIds,
    amount: noAmounts,
    unit: noUnits,
    name: ['x'],
    dueDate: ['2026-03-10'],
  })) {
    for (const value of values) {
      const deductions = [
        { ingredientId: milk, amount: 1 },
        { ...good, [field]: value },
      ];
      refused(await cook({ ...cooking, deductions }), `deductions[1].${field}`);
    }
  }
  for (const value of [null, 5, 'x', []]) refused(await cook({ ...cooking, deductions: [value] }), 'deductions[0]');
  refused(await cook({ ...cooking, deductions: [{}] }), 'deductions[0].ingredientId', 'deductions[0].amount');
});

test('a cooking: a deduction that contradicts the fridge is named with its place', async () => {
  const after = (deduction: object) => cook({ ...cooking, deductions: [{ ingredientId: milk, amount: 1 }, deduction] });
  const path = 'deductions[1]';
  for (const amount of [1e-9, 5e-324]) {
    const reply = await after({ ingredientId: eggs, amount });
    assertProblem(reply, 422, 'amount-too-small', { paths: [`${path}.amount`] });
  }
  const also = { available: { amount: 10, unit: 'piece' } };
  for (const amount of [10.2, 1_000_000]) {
    assertProblem(await after({ ingredientId: eggs, amount }), 409, 'not-enough', { paths: [path], also });
  }
  for (const unit of ['gallon', '한움큼씩']) {
    const reply = await after({ ingredientId: eggs, amount: 1, unit });
    assertProblem(reply, 409, 'unit-not-comparable', { paths: [path] });
  }
  for (const ingredientId of ['none', '__proto__', 'constructor', milk.toUpperCase()]) {
    const reply = await after({ ingredientId, amount: 1 });
    assertProblem(reply, 404, 'ingredient-not-found', { paths: [path] });
  }
  refused(await after({ ingredientId: milk, amount: 1 }), 'deductions');
});

test('a cooking: each invalid field of a leftover is named with its place', async () => {
  for (const [field, values] of Object.entries({
    name: [...noTexts, '', '   ', 'x'.repeat(201)],
    food: [...noTexts, '', 'x'.repeat(101)],
    amount: noAmounts,
    unit: noUnits,
    place: [...noTexts, '', 'x'.repeat(31)],
    dueDate: noDates,
    dueType: [...noTexts, '', 'sell_by'],
    openedAt: [null, ...noInstants],
    note: [...noTexts, '', 'x'.repeat(2001)],
    barcode: [...noTexts, '', '123', 'x'.repeat(65)],
    price: [...noNumbers, -1, 1e300, 1_000_000_001],
    occurredAt: ['2026-03-10T00:00:00Z'],
    ingredientId: ['x'],
  })) {
    for (const value of values) {
      const leftovers = [{ name: 'soup' }, { name: 'rest', [field]: value }];
      refused(await cook({ ...cooking, leftovers }), `leftovers[1].${field}`);
    }
  }
  for (const value of [null, 5, 'x', []]) refused(await cook({ ...cooking, leftovers: [value] }), 'leftovers[0]');
  refused(await cook({ ...cooking, leftovers: [{}] }), 'leftovers[0].name');
});

test('a cooking: an unknown or impossible value of a leftover is named with its place', async () => {
  for (const [field, value, code] of [
    ['food', 'no-such-food', 'unknown-food'],
    ['food', '__proto__', 'unknown-food'],
    ['place', 'nowhere', 'unknown-place'],
    ['place', 'constructor', 'unknown-place'],
    ['amount', 1e-9, 'amount-too-small'],
    ['openedAt', '2199-01-01T00:00:00Z', 'in-the-future'],
  ] as const) {
    const reply = await cook({ ...cooking, leftovers: [{ name: 'soup' }, { name: 'rest', [field]: value }] });
    assertProblem(reply, 422, code, { paths: [`leftovers[1].${field}`] });
  }
});

test('a cooking takes at most 200 ingredients and leaves at most 20 leftovers', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => ({ ingredientId: `none-${n}`, amount: 1 }));
  refused(await cook({ ...cooking, deductions: many(201) }), 'deductions');
  assertProblem(await cook({ ...cooking, deductions: many(200) }), 404, 'ingredient-not-found', {
    paths: ['deductions[0]'],
  });
  const left = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `rest ${n}` }));
  refused(await cook({ ...cooking, leftovers: left(21) }), 'leftovers');
  assertProblem(await cook({ ...cooking, deductions: many(1), leftovers: left(20) }), 404, 'ingredient-not-found', {
    paths: ['deductions[0]'],
  });
});

test('a wish: each invalid field is named', async () => {
  for (const [field, values] of Object.entries({
    servings: [...noCounts, 1001, 1e9],
    maxMinutes: [...noCounts, 10_001],
    limit: [...noCounts, 51],
    compose: [null, 'true', 1, {}],
    include: [null, 'pork', {}, Array(51).fill('pork')],
    exclude: [null, 'pork', {}, Array(51).fill('pork')],
    more: [1],
  })) {
    for (const value of values) refused(await wish({ [field]: value }), field);
  }
  for (const field of ['include', 'exclude']) {
    for (const value of noIds) refused(await wish({ [field]: ['pork', value] }), `${field}[1]`);
    const unknown = await wish({ [field]: ['pork', '__proto__'] });
    assertProblem(unknown, 422, 'unknown-food', { paths: [`${field}[1]`] });
  }
});

test('errors in several places are all named', async () => {
  const reply = await cook({
    ...cooking,
    servings: 0,
    version: 0,
    deductions: [{ ingredientId: milk, amount: 0, unit: '' }],
    leftovers: [{ name: '', amount: 1e300, dueDate: '2026-02-30' }],
  });
  refused(
    reply,
    'version',
    'servings',
    'deductions[0].amount',
    'deductions[0].unit',
    'leftovers[0].name',
    'leftovers[0].amount',
    'leftovers[0].dueDate',
  );
  assert.equal(reply.body.detail.startsWith('version: '), true);
});
