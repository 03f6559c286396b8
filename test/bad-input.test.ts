import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { newcomer, type Reply } from './support/client.ts';
import { oneServer, storesNothing } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;
const [thing, spare] = (await client.post(ingredients, { items: [{ name: 'thing' }, { name: 'spare' }] })).body.items;
const path = `${ingredients}/${thing.ingredientId}`;

const send = (raw: string | Uint8Array, headers: Record<string, string> = {}): Promise<Reply> =>
  client.call('POST', ingredients, { raw, headers });

storesNothing(server);

test('what is no JSON is malformed', async () => {
  const broken = ['{', '{"name":"x"', "{'name':'x'}", '{"name":"x",}', '{name:"x"}', 'undefined', '\u0000', 'x=1&y=2'];
  const numbers = ['NaN', 'Infinity', '-Infinity', '01', '1.', '.5', '0x10', '1e'];
  for (const raw of [...broken, ...numbers.map(number => `{"name":"x","amount":${number}}`), '['.repeat(100_000)]) {
    assertProblem(await send(raw), 400, 'malformed-json');
  }
});

test('a body that is no UTF-8 is malformed, not guessed at', async () => {
  const around = (bytes: number[]) => Buffer.concat([Buffer.from('{"name":"x'), Buffer.from(bytes), Buffer.from('"}')]);
  for (const bytes of [[0xff, 0xfe], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
    assertProblem(await send(around(bytes)), 400, 'malformed-json');
  }
});

test('a body must be an object', async () => {
  for (const raw of ['[]', '[{"name":"x"}]', '"x"', '5', 'true', 'null']) {
    assertProblem(await send(raw), 422, 'invalid', { paths: [''] });
    assertProblem(await client.call('POST', `${path}/consume`, { raw }), 422, 'invalid', { paths: [''] });
    assertProblem(await client.call('PATCH', path, { raw }), 422, 'invalid', { paths: [''] });
  }
});

test('an empty body lacks what is needed', async () => {
  assertProblem(await send(''), 422, 'invalid', { paths: ['name'] });
  assertProblem(await client.post(ingredients), 422, 'invalid', { paths: ['name'] });
  assertProblem(await client.post(`${path}/discard`), 422, 'invalid', { paths: ['reason'] });
  assertProblem(await client.post('/auth/register'), 422, 'invalid', { paths: ['email', 'password', 'nickname'] });
});

test('a byte order mark before the body does no harm', async () => {
  const reply = await send('\ufeff{"nam":"x"}');
  assertProblem(reply, 422, 'invalid', { paths: ['nam', 'name'] });
});

test('a body that is said to be something else than JSON is refused', async () => {
  const types = [
    'text/plain',
    'text/json',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/jsonx',
  ];
  for (const type of [...types, 'multipart/form-data; boundary=x', 'application/octet-stream', 'json', '*/*']) {
    assertProblem(await send('{"name":"x"}', { 'Content-Type': type }), 415, 'unsupported-media-type');
  }
  const charset = { 'Content-Type': 'application/json; charset=latin1' };
  assertProblem(await send('{"name":"x"}', charset), 415, 'unsupported-media-type');
});

test('a body of a kind that is not read is never taken for an empty one', async () => {
  const known = ['application/merge-patch+json', 'application/vnd.api+json', 'application/problem+json'];
  const unclear = [
    ...['application/json charset=utf-8', 'application/json,application/json', 'application/json-seq', '+json', ''],
    ...['application/json.foo', 'application/json/x', 'application/json+x', 'text/x+json', 'application/+json+'],
  ];
  for (const type of [...known, ...unclear]) {
    const options = { raw: '{"amount":-1}', headers: { 'Content-Type': type } };
    for (const reply of [
      await client.call('POST', `${ingredients}/${spare.ingredientId}/consume`, options),
      await client.call('PATCH', `${ingredients}/${spare.ingredientId}`, options),
    ]) {
      assert.ok([415, 422].includes(reply.status), `${type}: ${reply.status} ${JSON.stringify(reply.body)}`);
      assertProblem(reply, reply.status, reply.status === 415 ? 'unsupported-media-type' : 'invalid');
    }
  }
});

test('a body that is compressed is refused, whole or broken', async () => {
  for (const encoding of ['gzip', 'deflate', 'br', 'x-gzip', 'rot13']) {
    for (const raw of [gzipSync('{"name":"x"}'), gzipSync('{"name":"x"}').subarray(0, 12), 'xxxxxxx']) {
      const reply = await send(raw, { 'Content-Encoding': encoding });
      assertProblem(reply, 415, 'unsupported-media-type');
    }
  }
});

test('a body that is too large is refused', async () => {
  const large = JSON.stringify({ name: 'x'.repeat(600_000) });
  assertProblem(await send(large), 413, 'too-large');
  const facts = Array.from({ length: 200 }, () => ({ name: '가'.repeat(150), note: '나'.repeat(500) }));
  assertProblem(await client.post(ingredients, { items: facts }), 413, 'too-large');
});

test('unknown fields are refused, wherever they are', async () => {
  for (const [extra, field] of [
    ['"nam":1', 'nam'],
    ['"Name":"x"', 'Name'],
    ['"__proto__":{"amount":1}', '__proto__'],
    ['"constructor":{"prototype":{}}', 'constructor'],
    ['"toString":1', 'toString'],
    ['"":1', ''],
    ['"revision":1', 'revision'],
    ['"addedBy":"me"', 'addedBy'],
    ['"voided":true', 'voided'],
    ['"note ":"x"', 'note '],
  ] as const) {
    assertProblem(await send(`{"name":"x",${extra}}`), 422, 'invalid', { paths: [field] });
    const item = `{"items":[{"name":"x"},{"name":"x",${extra}}]}`;
    const paths = [field === '' ? 'items[1].' : `items[1].${field}`];
    assertProblem(await send(item), 422, 'invalid', { paths });
    const patch = await client.call('PATCH', path, { raw: `{"amount":1,${extra}}` });
    assertProblem(patch, 422, 'invalid', { paths: [field] });
  }
});

test('a body cannot say again what the address says', async () => {
  for (const [field, value] of [
    ['fridgeId', fridgeId],
    ['fridgeId', 'another'],
    ['fridgeId', null],
  ] as const) {
    assertProblem(await client.post(ingredients, { name: 'x', [field]: value }), 422, 'invalid', { paths: [field] });
    assertProblem(await client.post(`${path}/consume`, { [field]: value }), 422, 'invalid', { paths: [field] });
  }
  const twice = { ingredientId: thing.ingredientId, amount: 1 };
  assertProblem(await client.patch(path, twice), 422, 'invalid', { paths: ['ingredientId'] });
  assertProblem(await client.post(`${path}/consume`, twice), 422, 'invalid', { paths: ['ingredientId'] });
});

test('D-34: a field of a wrong type, amount, date or length is refused by its name', async () => {
  const types = [true, {}, [], [1]];
  const dates = ['2026-02-30', '2025-02-29', '2026-13-01', '0001-01-01', '9999-12-31', '1999-12-31', '2200-01-01'];
  const noDates = ['tomorrow', '', '2026-1-1', '2026-01-01T00:00:00Z', '20260101', ' 2026-01-01', '+002026-01-01'];
  const instants = [
    '2026-02-30T00:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01T25:00:00Z',
    '0001-01-01T00:00:00Z',
  ];
  const wrong: Record<string, unknown[]> = {
    name: [...types, 5, null, '', '   ', '\t', 'x'.repeat(201), 'x'.repeat(10_000)],
    food: [...types, 5, '', 'x'.repeat(101), 'no-such-food', '__proto__', 'constructor'],
    amount: [...types, null, '', '1', 'NaN', 0, -0, -1, -1e300, 1e300, 1e-9, 1_000_001, Number.MAX_VALUE, 5e-324],
    unit: [...types, 5, null, '', ' ', 'x'.repeat(21), 'a\nb'],
    place: [...types, 5, null, '', 'nowhere', 'x'.repeat(31), '__proto__', 'constructor'],
    dueDate: [...types, 20_260_101, '', ...dates, ...noDates],
    dueType: [...types, 5, null, '', 'sell_by', 'USE_BY'],
    openedAt: [...types, 0, '', ...instants, '9999-01-01T00:00:00Z'],
    note: [...types, 5, '', '  ', 'x'.repeat(2001), 'x\u0000', 'bell\u0007', 'half \udc00'],
    barcode: [...types, 5, '', '123', 'x'.repeat(65), "1234'; --", '１２３４'],
    price: [...types, '5', -1, 1e300, -1e-9],
    occurredAt: [...types, 0, null, '', ...instants],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      const code = { food: /^(no-such|__proto|constr)/, place: /^(nowhere|__proto|constr)/ }[field]?.test(
        String(value),
      );
      const expected = code ? `unknown-${field}` : value === 1e-9 || value === 5e-324 ? 'amount-too-small' : 'invalid';
      const item = field === 'name' ? { [field]: value } : { name: 'x', [field]: value };
      assertProblem(await client.post(ingredients, item), 422, expected, { paths: [field] });
      const patched = await client.patch(path, { [field]: value });
      assertProblem(patched, 422, expected, { paths: [field] });
    }
  }
});

test('what is wrong with a field is said in plain words', async () => {
  const time = 'is not a time with an offset, such as 2026-01-31T18:30:00+09:00';
  for (const [body, ...errors] of [
    [{ items: [] }, 'items: needs at least 1 item'],
    [{ items: Array.from({ length: 201 }, () => ({ name: 'x' })) }, 'items: has more than 200 items'],
    [{ items: 'x' }, 'items: is not a list'],
    [{ items: [5] }, 'items[0]: is not an object'],
    [{ name: 5 }, 'name: is not a text'],
    [{ name: null }, 'name: is not a text'],
    [{ name: 'x', food: '' }, 'food: needs at least 1 character'],
    [{ name: 'x', food: 'x'.repeat(101) }, 'food: has more than 100 characters'],
    [{ name: 'x', price: -1 }, 'price: must not be less than 0'],
    [{ name: 'x', price: 1e10 }, 'price: must not be more than 1000000000'],
    [{ name: 'x', price: '1' }, 'price: is not a number'],
    [{ name: 'x', dueType: 'x' }, 'dueType: is none of best_before, use_by'],
    [{ name: 'x', openedAt: '2026-01-01' }, `openedAt: ${time}`],
    [{ name: 'x', more: 1 }, 'more: there is no such field'],
    [{ name: 'x', amount: 0, unit: '' }, 'amount: must be more than 0', 'unit: needs at least 1 character'],
  ] as const) {
    const reply = await client.post(ingredients, body);
    assertProblem(reply, 422, 'invalid');
    assert.equal(reply.body.detail, errors[0]);
    assert.deepEqual(
      reply.body.errors.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`),
      errors,
    );
  }
  const detailOf = async (reply: Promise<Reply>) => (await reply).body.detail;
  assert.equal(await detailOf(client.post(`${path}/discard`)), 'reason: is missing');
  assert.equal(await detailOf(client.post('/auth/login', { email: 'a@b.c' })), 'password: is missing');
  assert.equal(await detailOf(client.get('/recipes?lang=xxxxx')), 'lang: is not a language code');
  assert.equal(await detailOf(client.get('/recipes?limit=0')), 'limit: must not be less than 1');
  const wish = `/fridges/${fridgeId}/recommendations`;
  assert.equal(await detailOf(client.post(wish, { servings: 1.5 })), 'servings: is not a whole number');
  assert.equal(await detailOf(client.post(wish, { compose: 1 })), 'compose: is not true or false');
});

test('what is taken must be an amount', async () => {
  for (const amount of [0, -1, 1e-9, 1e300, '1', null, [], {}, true]) {
    const code = amount === 1e-9 ? 'amount-too-small' : 'invalid';
    assertProblem(await client.post(`${path}/consume`, { amount }), 422, code, { paths: ['amount'] });
    const discard = { amount, reason: 'other' };
    assertProblem(await client.post(`${path}/discard`, discard), 422, code, { paths: ['amount'] });
  }
});

test('of many items, one that is wrong keeps all out, and says which', async () => {
  const wrong: [object, string, string][] = [
    [{ name: 'x', amount: -1 }, 'items[199].amount', 'invalid'],
    [{ name: 'x', dueDate: '2026-02-30' }, 'items[199].dueDate', 'invalid'],
    [{ amount: 1 }, 'items[199].name', 'invalid'],
    [{ name: 'x', more: 1 }, 'items[199].more', 'invalid'],
    [{ food: 'no-such-food' }, 'items[199].food', 'unknown-food'],
    [{ name: 'x', place: 'nowhere' }, 'items[199].place', 'unknown-place'],
    [{ name: 'x', amount: 1e-9 }, 'items[199].amount', 'amount-too-small'],
  ];
  const good = Array.from({ length: 199 }, () => ({ name: 'x' }));
  const answers: string[] = [];
  for (const [item] of wrong) {
    const reply = await client.post(ingredients, { items: [...good, item] });
    assertProblem(reply, 422, reply.body.code);
    answers.push(`${reply.body.errors[0].path} ${reply.body.code}`);
  }
  assert.deepEqual(
    answers,
    wrong.map(([, field, code]) => `${field} ${code}`),
  );
});

test('items are a list of 1 to 200, and stand alone', async () => {
  const many = (length: number) => ({ items: Array.from({ length }, () => ({ name: 'x' })) });
  for (const body of [many(0), many(201), many(5000), { items: {} }, { items: null }, { items: 'x' }]) {
    assertProblem(await client.post(ingredients, body), 422, 'invalid', { paths: ['items'] });
  }
  for (const beside of [{ name: 'x' }, { amount: 1 }, { note: 'x' }]) {
    assertProblem(await client.post(ingredients, { ...many(1), ...beside }), 422, 'invalid', { paths: ['items'] });
  }
  for (const inside of [null, 5, 'x', [], [[]]]) {
    assertProblem(await client.post(ingredients, { items: [inside] }), 422, 'invalid', { paths: ['items[0]'] });
  }
  const nested = { items: [{ name: 'x', items: [{ name: 'x' }] }] };
  assertProblem(await client.post(ingredients, nested), 422, 'invalid', { paths: ['items[0].items'] });
});

test('deep nesting is refused like any wrong type', async () => {
  for (const deep of ['['.repeat(50_000) + ']'.repeat(50_000), `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`]) {
    assertProblem(await send(`{"name":${deep}}`), 422, 'invalid', { paths: ['name'] });
    assertProblem(await send(`{"name":"x","more":${deep}}`), 422, 'invalid', { paths: ['more'] });
  }
});
