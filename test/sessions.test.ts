import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem, withoutTrace } from './support/problems.ts';

const server = await oneServer();
const visitor = () => new Client(server.url);
const login = (email: string, password = PASSWORD): Promise<Reply> =>
  visitor().post('/auth/login', { email, password });

/** Another device of a member. */
async function device(email: string): Promise<Client> {
  const client = visitor();
  const { status, body } = await client.post('/auth/login', { email, password: PASSWORD });
  assert.equal(status, 200);
  client.token = body.accessToken;
  return client;
}

/** Refreshes with a given cookie, and discards the new one. */
async function refreshWith(cookie: string | undefined): Promise<Reply> {
  const client = visitor();
  client.cookie = cookie;
  return client.post('/auth/refresh');
}

const cookieOf = ({ headers }: Reply) => headers.getSetCookie()[0]!.split(';', 1)[0]!;

test('the right password logs in, in any spelling of the e-mail', async () => {
  const { email, memberId } = await newcomer(server.url);
  for (const same of [email, ` ${email.toUpperCase()}  `]) {
    const reply = await login(same);
    assert.equal(reply.status, 200);
    assert.deepEqual(Object.keys(reply.body).sort(), ['accessToken', 'expiresIn', 'member']);
    assert.equal(reply.body.member.memberId, memberId);
    assert.ok(reply.body.expiresIn >= 900);
    assert.match(reply.headers.getSetCookie()[0]!, /HttpOnly/);
  }
});

test('a wrong password and an unknown e-mail get identical 401 answers', async () => {
  const { email } = await newcomer(server.url);
  const replies = [
    await login(email, `${PASSWORD} `),
    await login(email, ''),
    await login(`x${email}`),
    await login('no address at all'),
  ];
  for (const reply of replies) {
    assertProblem(reply, 401, 'invalid-credentials');
    assert.deepEqual(withoutTrace(reply), withoutTrace(replies[0]!));
    assert.deepEqual([...reply.headers.keys()], [...replies[0]!.headers.keys()]);
    assert.deepEqual(reply.headers.getSetCookie(), []);
  }
});

test('a password with a lone surrogate is refused', async () => {
  const { email } = await newcomer(server.url);
  for (const password of ['\ud83c', `${PASSWORD}\udf7c`])
    assertProblem(await login(email, password), 422, 'invalid', { paths: ['password'] });
});

test('D-13: a password in the address is refused, not used', async () => {
  const { email } = await newcomer(server.url);
  const query = new URLSearchParams({ email, password: PASSWORD });
  assertProblem(await visitor().post(`/auth/login?${query}`, {}), 422, 'invalid');
  assertProblem(await visitor().post(`/auth/login?password=${PASSWORD}`, { email }), 422, 'invalid');
});

test('D-36: a refresh gives new tokens and keeps the session', async () => {
  const { client, memberId } = await newcomer(server.url);
  const before = client.cookie!;
  const reply = await client.post('/auth/refresh');
  assert.equal(reply.status, 200);
  assert.notEqual(client.cookie, before);
  assert.equal(reply.body.member.memberId, memberId);
  const newer = visitor();
  newer.token = reply.body.accessToken;
  assert.equal((await newer.get('/members/me')).status, 200);
  assert.equal((await client.get('/members/me')).status, 200, 'the earlier access token stays valid');
  assert.equal((await client.post('/auth/refresh')).status, 200);
});

test('D-36: a reused refresh token ends the session at once', async () => {
  const { client, email } = await newcomer(server.url);
  const elsewhere = await device(email);
  const stolen = client.cookie!;
  const { body } = await client.post('/auth/refresh');
  const renewed = client.cookie!;
  assertProblem(await refreshWith(stolen), 401, 'token-reused');
  assertProblem(await client.get('/members/me'), 401, 'token-revoked');
  client.token = body.accessToken;
  assertProblem(await client.get('/members/me'), 401, 'token-revoked');
  assertProblem(await refreshWith(renewed), 401, 'token-invalid');
  assertProblem(await refreshWith(stolen), 401, 'token-invalid');
  assert.equal((await elsewhere.get('/members/me')).status, 200, 'another device stays logged in');
  assert.equal((await elsewhere.post('/auth/refresh')).status, 200);
});

test('D-36: of two concurrent refreshes with one token only one succeeds', async () => {
  const { client } = await newcomer(server.url);
  const replies = await Promise.all([refreshWith(client.cookie), refreshWith(client.cookie)]);
  const [served, refused] = replies.sort((a, b) => a.status - b.status) as [Reply, Reply];
  assert.equal(served.status, 200);
  assertProblem(refused, 401, 'token-reused');
  assertProblem(await refreshWith(cookieOf(served)), 401, 'token-invalid');
});

test('without a refresh token of this server a refresh is refused', async () => {
  const { client } = await newcomer(server.url);
  const [sessionId] = client.cookie!.replace('zipbob_refresh=', '').split('.');
  const wrong = ['', 'x', '.', 'a.b', `${sessionId}`, `${sessionId}.`, `.${sessionId}`, '%00.%00', '__proto__.x'];
  assertProblem(await visitor().post('/auth/refresh'), 401, 'token-invalid');
  for (const value of wrong) assertProblem(await refreshWith(`zipbob_refresh=${value}`), 401, 'token-invalid');
  assert.equal((await client.post('/auth/refresh')).status, 200, 'the session is unchanged');
});

test('D-36: an unknown refresh token ends no session', async () => {
  const [{ client }, other] = [await newcomer(server.url), await newcomer(server.url)];
  const [sessionId, secret, mark] = client.cookie!.split('=')[1]!.split('.') as [string, string, string];
  const [, theirSecret, theirMark] = other.client.cookie!.split('=')[1]!.split('.');
  for (const made of [
    `${sessionId}.${'x'.repeat(43)}`,
    `${sessionId}.${'x'.repeat(43)}.${mark}`,
    `${sessionId}.${secret}.${'x'.repeat(43)}`,
    `${sessionId}.${secret}.`,
    `${sessionId}.${secret}.${mark}.x`,
    `${sessionId}.${theirSecret}.${theirMark}`,
  ]) {
    assertProblem(await refreshWith(`zipbob_refresh=${made}`), 401, 'token-invalid');
  }
  assert.equal((await client.get('/members/me')).status, 200);
  assert.equal((await client.post('/auth/refresh')).status, 200);
});

test('D-36: a refused refresh deletes the cookie', async () => {
  const { client } = await newcomer(server.url);
  const used = client.cookie;
  await client.post('/auth/refresh');
  for (const cookie of [used, client.cookie, 'zipbob_refresh=x', undefined]) {
    const reply = await refreshWith(cookie);
    assert.equal(reply.status, 401);
    const [set, ...more] = reply.headers.getSetCookie();
    assert.match(set ?? '', /^zipbob_refresh=; /);
    assert.match(set ?? '', /Max-Age=0.*Path=\/api\/v1\/auth/);
    assert.deepEqual(more, []);
  }
  assertProblem(await client.post('/auth/refresh', { x: 1 }), 422, 'invalid');
  assert.deepEqual((await client.get('/members/me')).headers.getSetCookie(), []);
});

test('D-36: a refresh token is not accepted as an access token, nor the reverse', async () => {
  const { client } = await newcomer(server.url);
  const access = client.token!;
  const asCookie = await refreshWith(`zipbob_refresh=${access}`);
  assertProblem(asCookie, 401, 'token-invalid');
  const thief = visitor();
  thief.token = client.cookie!.replace('zipbob_refresh=', '');
  assertProblem(await thief.get('/members/me'), 401, 'token-invalid');
  assertProblem(await visitor().post('/auth/refresh', { refreshToken: thief.token }), 422, 'invalid', {
    paths: ['refreshToken'],
  });
});

test('D-01: logout revokes the access token at once', async () => {
  const { client, email } = await newcomer(server.url);
  const elsewhere = await device(email);
  const cookie = client.cookie!;
  const reply = await client.post('/auth/logout');
  assert.equal(reply.status, 204);
  assert.equal(reply.body, '');
  const cleared = reply.headers.getSetCookie()[0]!;
  for (const attribute of ['zipbob_refresh=;', 'Max-Age=0', 'Path=/api/v1/auth'])
    assert.ok(cleared.includes(attribute));
  assertProblem(await client.get('/members/me'), 401, 'token-revoked');
  assertProblem(await client.post('/auth/logout'), 401, 'token-revoked');
  assertProblem(await refreshWith(cookie), 401, 'token-invalid');
  assert.equal((await elsewhere.get('/members/me')).status, 200, 'another device stays logged in');
});

test('D-01: logout revokes the tokens from refreshes too, and the session cannot be refreshed again', async () => {
  const { client } = await newcomer(server.url);
  const first = client.token!;
  client.token = (await client.post('/auth/refresh')).body.accessToken;
  assert.equal((await client.post('/auth/logout')).status, 204);
  for (const token of [first, client.token]) {
    const other = visitor();
    other.token = token;
    assertProblem(await other.get('/members/me'), 401, 'token-revoked');
  }
  assertProblem(await client.post('/auth/refresh'), 401, 'token-invalid');
});

test('logging out needs an access token', async () => {
  const { client } = await newcomer(server.url);
  const byCookie = visitor();
  byCookie.cookie = client.cookie;
  assertProblem(await byCookie.post('/auth/logout'), 401, 'unauthenticated');
  assert.equal((await client.get('/members/me')).status, 200);
});

test('D-01: sessions and logouts survive kill -9', async () => {
  const stays = (await newcomer(server.url)).client;
  const left = (await newcomer(server.url)).client;
  const cookie = left.cookie;
  assert.equal((await left.post('/auth/logout')).status, 204);
  await server.restart();
  const again = visitor();
  again.token = left.token;
  assertProblem(await again.get('/members/me'), 401, 'token-revoked');
  assertProblem(await refreshWith(cookie), 401, 'token-invalid');
  again.token = stays.token;
  assert.equal((await again.get('/members/me')).status, 200);
  assert.equal((await refreshWith(stays.cookie)).status, 200);
});
