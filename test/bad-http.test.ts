import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer } from './client.ts';
import { oneServer, storesNothing } from './one-server.ts';
import { assertProblem } from './problems.ts';
import { request, sendRaw } from './raw.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;
const thing = (await client.post(ingredients, { name: 'thing', amount: 10 })).body.items[0];
const path = `${ingredients}/${thing.ingredientId}`;
const own = `Authorization: Bearer ${client.token}`;
const send = (line: string, headers: readonly string[] = [], body = '') =>
  sendRaw(server.url, request(line, [own, ...headers], body));

storesNothing(server);

test('an address that is not properly encoded is malformed', async () => {
  for (const part of ['%ZZ', '%', '%f', '%ff', '%C3', '%ED%A0%80', 'a%2']) {
    assertProblem(await send(`GET /api/v1/fridges/${part}`), 400, 'malformed');
    assertProblem(await send(`GET /api/v1${ingredients}/${part}`), 400, 'malformed');
    assertProblem(await send(`POST /api/v1${ingredients}/${part}/consume`), 400, 'malformed');
  }
});

test('an id of any characters is just not found', async () => {
  const ids = [
    '%00',
    '%2F',
    '..%2F..%2Fetc%2Fpasswd',
    '%0d%0aSet-Cookie:%20a=b',
    '%EA%B9%80',
    '%F0%9F%8D%B3',
    '*',
    "';--",
  ];
  for (const id of [...ids, '__proto__', 'constructor', '%22', '%20', '$', '-', '0', 'null', `${fridgeId}%00`]) {
    const fridge = await send(`GET /api/v1/fridges/${id}`);
    assertProblem(fridge, 404, 'fridge-not-found');
    assert.equal(fridge.headers.get('set-cookie'), null);
    assertProblem(await send(`GET /api/v1${ingredients}/${id}`), 404, 'ingredient-not-found');
    assertProblem(await send(`POST /api/v1${ingredients}/${id}/consume`), 404, 'ingredient-not-found');
  }
});

test('an id of five thousand characters is refused by name', async () => {
  const long = 'x'.repeat(5000);
  assertProblem(await client.get(`/fridges/${long}`), 422, 'invalid', { paths: ['fridgeId'] });
  assertProblem(await client.get(`${ingredients}/${long}`), 422, 'invalid', { paths: ['ingredientId'] });
  assertProblem(await client.get(`/${long}`), 404, 'not-found');
});

test('addresses that are none of ours are not found', async () => {
  const inside = ['/~node/list', '/fridges.open', '/auth/api-keys', '/projector/rebuild', '/views', '/.env', '', '/'];
  const outside = ['/api', '/api/v2/fridges', '/list-aliases', '/gateway/listAliases', '/start.ts', '/var/keys.db'];
  const traversal = ['/../package.json', '/api/v1/../../package.json', '/%2e%2e/package.json', '/..%2fpackage.json'];
  for (const address of [...inside.map(one => `/api/v1${one}`), ...outside, ...traversal]) {
    for (const method of ['GET', 'POST']) assertProblem(await send(`${method} ${address}`), 404, 'not-found');
  }
  for (const action of ['open', 'store', 'mine']) {
    assertProblem(await send(`POST /api/v1/fridges/${action}`), 404, 'not-found');
  }
});

test('a call that the contract does not name is not found, and does nothing', async () => {
  for (const method of ['PUT', 'DELETE']) {
    assertProblem(await send(`${method} /api/v1${ingredients}`, [], '{"name":"x"}'), 404, 'not-found');
    assertProblem(await send(`${method} /api/v1${path}/consume`), 404, 'not-found');
  }
  assertProblem(await send(`POST /api/v1${path}`, ['X-HTTP-Method-Override: PATCH'], '{"amount":1}'), 404, 'not-found');
});

test('a method that is not served is refused, and does nothing', async () => {
  for (const method of ['OPTIONS', 'TRACE', 'PURGE', 'PROPFIND', 'LOCK', 'SEARCH', 'QUERY']) {
    for (const address of [ingredients, `${path}/consume`, '/nowhere']) {
      const reply = await send(`${method} /api/v1${address}`, [], '{"name":"x"}');
      assertProblem(reply, 405, 'method-not-allowed');
      assert.match(reply.headers.get('allow') ?? '', /GET/);
    }
  }
});

test('HEAD has no content and does nothing', async () => {
  for (const address of ['/livez', `/api/v1${ingredients}`, `/api/v1${path}/consume`, '/nowhere']) {
    const reply = await send(`HEAD ${address}`);
    assert.ok(reply.status === 200 || reply.status === 404);
    assert.equal(reply.body, '');
    assert.match(reply.headers.get('trace-id') ?? '', /^[0-9a-f]{32}$/);
  }
});

test('OPTIONS shows no data and carries out nothing, whatever method it asks for', async () => {
  const json = 'Content-Type: application/json';
  for (const method of [undefined, 'GET', 'POST', 'PATCH']) {
    const headers = [
      json,
      ...(method ? [`Access-Control-Request-Method: ${method}`, 'Origin: https://evil.example'] : []),
    ];
    for (const [address, body] of [
      [ingredients, '{"name":"x"}'],
      [`${path}/consume`, '{}'],
      [path, '{"amount":1}'],
      ['/members/me', '{}'],
    ] as const) {
      const reply = await send(`OPTIONS /api/v1${address}`, headers, body);
      assert.ok([204, 404, 405].includes(reply.status), `${method} ${address}: ${reply.status}`);
      assert.equal(reply.headers.get('access-control-allow-origin'), null);
    }
  }
});

test('what is no HTTP at all is refused as a problem document too', async () => {
  const close = 'Connection: close\r\n\r\n';
  for (const text of [
    `FOO /livez HTTP/1.1\r\nHost: x\r\n${close}`,
    `get /livez HTTP/1.1\r\nHost: x\r\n${close}`,
    `GET /livez HTTP/9.9\r\nHost: x\r\n${close}`,
    `GET /livez HTTP/1.1\r\nHost: x\r\nX: \u0000\r\n${close}`,
    `GET /livez HTTP/1.1\r\nHost: x\r\nX Y: z\r\n${close}`,
    `POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n${close}0\r\n\r\n`,
    `POST /api/v1${ingredients} HTTP/1.1\r\nHost: x\r\n${own}\r\nIdempotency-Key: a\rX-Evil: 1\r\n${close}`,
  ]) {
    const reply = await sendRaw(server.url, text);
    assertProblem(reply, 400, String(reply.body.code));
  }
});

test('headers that are too many or too large are refused as a problem document too', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `x${i}: y`);
  for (const headers of [many, [`X: ${'y'.repeat(20_000)}`], [`Cookie: ${'a=b;'.repeat(6000)}`]]) {
    const reply = await send('GET /livez', headers);
    assertProblem(reply, 431, String(reply.body.code));
  }
  const some = Array.from({ length: 500 }, (_, i) => `x${i}: y`);
  assert.equal((await send(`GET /api/v1${ingredients}`, some)).status, 200);
});

test('headers said twice are not guessed at', async () => {
  const address = `/api/v1${ingredients}`;
  assertProblem(await send(`GET ${address}`, ['If-Match: "1"', 'If-Match: "2"']), 400, 'malformed');
  assertProblem(
    await sendRaw(server.url, request(`GET ${address}`, ['Authorization: Bearer x', own])),
    401,
    'token-invalid',
  );
  const position = ['Wait-For-Position: x', 'Wait-For-Position: y'];
  assertProblem(await send(`GET ${address}`, position), 400, 'position-unknown');
});

test('D-13: what a command means stands in its body, never in its query', async () => {
  for (const [call, body, query] of [
    [ingredients, {}, 'name=x'],
    [ingredients, { name: 'x' }, 'note=x'],
    [`${path}/consume`, {}, 'unit=piece'],
    [`${path}/consume`, {}, 'ingredientId=x'],
    [`${path}/discard`, {}, 'reason=other'],
    [`/fridges/${fridgeId}/undo`, {}, 'actionId=x'],
    [`${path}/consume`, { amount: 1 }, 'amount=1'],
    ['/auth/logout', {}, 'x=1'],
  ] as const) {
    assertProblem(await client.post(`${call}?${query}`, body), 422, 'invalid');
  }
  assertProblem(await client.patch(`${path}?place=freezer`, {}), 422, 'invalid');
});

test('a query that repeats, nests or makes up fields is refused by name', async () => {
  for (const [query, field] of [
    ['limit=1&limit=2', 'limit'],
    ['limit[]=1', 'limit'],
    ['limit[a]=1', 'limit'],
    ['search=a&search=b', 'search'],
    ['search[$ne]=x', 'search'],
    ['place[0]=fridge', 'place'],
    ['a[b][c][d][e][f][g][h]=1', 'a'],
    ['nope=1', 'nope'],
    ['at', 'at'],
    ['fridgeId=x', 'fridgeId'],
    [`fridgeId=${fridgeId}`, 'fridgeId'],
  ] as const) {
    assertProblem(await client.get(`${ingredients}?${query}`), 422, 'invalid', { paths: [field] });
  }
  for (const query of ['?', '?&', '?&&&', '?__proto__[x]=1', '?constructor[prototype][x]=1']) {
    const reply = await client.get(`${ingredients}${query}`);
    assert.ok(reply.status === 200 || reply.status === 422);
    assert.equal(({} as Record<string, unknown>).x, undefined);
  }
  assertProblem(await client.get(`${ingredients}?${'a=1&'.repeat(2000)}`), 422, 'invalid', { paths: ['a'] });
});

test('a read pays no heed to a body', async () => {
  const headers = ['Content-Type: application/json'];
  const reply = await send(`GET /api/v1${ingredients}`, headers, '{"limit":"x","fridgeId":"other"}');
  assert.ok(reply.status === 200 || reply.status === 422);
  assertProblem(await send(`GET /api/v1${ingredients}`, headers, '{"limit"'), 400, 'malformed-json');
});
