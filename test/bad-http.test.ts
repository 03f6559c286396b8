import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer, type Reply } from './support/client.ts';
import { oneServer, storesNothing } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';
import { request, sendRaw } from './support/raw.ts';

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
  assertProblem(await send('GET /api/v1/fridges/open/'), 404, 'fridge-not-found');
});

test('a method that an address does not have is refused with those that it has, and does nothing', async () => {
  const every = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE', 'PROPFIND', 'QUERY'];
  const headers = ['Content-Type: application/json', 'X-HTTP-Method-Override: PATCH'];
  for (const [address, ...allowed] of [
    [`/api/v1${ingredients}`, 'GET', 'HEAD', 'POST'],
    [`/api/v1${ingredients}/?limit=1`, 'GET', 'HEAD', 'POST'],
    [`/api/v1${path}`, 'GET', 'HEAD', 'PATCH'],
    [`/api/v1${path}/consume`, 'POST'],
    ['/api/v1/fridges/open', 'GET', 'HEAD'],
    ['/api/v1/auth/login', 'POST'],
    ['/livez', 'GET', 'HEAD'],
    ['/openapi.json', 'GET', 'HEAD'],
  ] as const) {
    for (const method of every.filter(method => !allowed.some(one => one === method))) {
      const reply = await send(`${method} ${address}`, headers, '{"amount":1');
      assert.equal(reply.headers.get('allow')?.split(', ').sort().join(), allowed.join(), `${method} ${address}`);
      if (method === 'HEAD') assert.deepEqual([reply.status, reply.body], [405, '']);
      else assertProblem(reply, 405, 'method-not-allowed');
    }
  }
  for (const method of every.slice(2)) {
    assertProblem(await send(`${method} /api/v1${path}/nothing`, headers, '{"amount":1'), 404, 'not-found');
  }
});

test('HEAD is answered as GET is, without the content', async () => {
  for (const address of ['/', '/livez', '/openapi.json', '/nowhere', `/api/v1${ingredients}`, `/api/v1${path}`]) {
    const [head, get] = [await send(`HEAD ${address}`), await send(`GET ${address}`)];
    const answered = ({ status, headers }: Reply) => {
      assert.match(headers.get('trace-id') ?? '', /^[0-9a-f]{32}$/);
      for (const own of ['date', 'trace-id', 'x-request-id', 'transfer-encoding', 'content-length'])
        headers.delete(own);
      return [status, ...headers];
    };
    assert.deepEqual(answered(head), answered(get));
    assert.equal(head.body, '');
  }
  assert.equal((await sendRaw(server.url, request(`HEAD /api/v1${path}`))).status, 401);
});

test('a part or a state of a file that it does not have is refused', async () => {
  assertProblem(await send('GET /index.html', ['Range: bytes=99999999-']), 416, 'range-not-satisfiable');
  assertProblem(await send('GET /index.html', ['If-Match: "zz"']), 412, 'precondition-failed');
});

test('the mistakes of clients are no errors of the server: its log does not know them', async () => {
  const { output } = server;
  await send(`GET /api/v1${ingredients}`, ['Wait-For-Position: x']);
  await send(`GET /api/v1${ingredients}`, ['If-Match: x']);
  await send('GET /index.html', ['Range: bytes=99999999-']);
  await send('POST /api/v1/auth/login', ['Content-Type: application/json'], '{');
  await send('GET /api/v1/fridges/%ff');
  assert.equal(server.output, output);
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

test('a request without Host, or with an expectation that nobody knows, is refused as a problem document too', async () => {
  const close = 'Connection: close\r\n\r\n';
  for (const address of ['/livez', '/', `/api/v1${ingredients}`]) {
    assertProblem(await sendRaw(server.url, `GET ${address} HTTP/1.1\r\n${own}\r\n${close}`), 400, 'malformed');
    assert.equal((await sendRaw(server.url, `GET ${address} HTTP/1.0\r\n${own}\r\n${close}`)).status, 200);
    assertProblem(await send(`GET ${address}`, ['Expect: foo']), 417, 'expectation-failed');
  }
  const expecting = ['Content-Type: application/json', 'Expect: the-unexpected'];
  assertProblem(await send(`POST /api/v1${path}/consume`, expecting, '{"amount":1}'), 417, 'expectation-failed');
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

test('a query that is not properly encoded is malformed, and says where', async () => {
  for (const wrong of ['%E0%A4%A', '%', '%zz', '%ff', '%B1%E8', 'a+%C3', '%ED%A0%80']) {
    for (const query of [`search=${wrong}`, `limit=1&search=${wrong}&place=x`]) {
      assertProblem(await send(`GET /api/v1${ingredients}?${query}`), 400, 'malformed', { paths: ['search'] });
    }
    assertProblem(await send(`GET /api/v1${ingredients}?${wrong}=x`), 400, 'malformed', { paths: [wrong] });
  }
  assertProblem(await send(`GET /api/v1${ingredients}?sear%63h=%`), 400, 'malformed', { paths: ['search'] });
  assert.equal((await send(`GET /api/v1${ingredients}?search=%EA%B9%80+%25`)).status, 200);
});

test('a read pays no heed to a body', async () => {
  const headers = ['Content-Type: application/json'];
  const reply = await send(`GET /api/v1${ingredients}`, headers, '{"limit":"x","fridgeId":"other"}');
  assert.ok(reply.status === 200 || reply.status === 422);
  assertProblem(await send(`GET /api/v1${ingredients}`, headers, '{"limit"'), 400, 'malformed-json');
});
