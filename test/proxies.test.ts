import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer({ ZIPBOB_TRUSTED_PROXIES: '1' });
const login = (email: string, password: string, forwardedFor: string) =>
  new Client(server.url).post('/auth/login', { email, password }, { 'X-Forwarded-For': forwardedFor });

test("behind a proxy wrong passwords lock the client's network, and a forged entry does not count as another one", async () => {
  const { email } = await newcomer(server.url);
  for (let n = 0; n < 10; n++) {
    assertProblem(await login(email, 'wrong', `6.6.6.${n}, 203.0.113.7`), 401, 'invalid-credentials');
  }
  assertProblem(await login(email, PASSWORD, '203.0.113.7'), 429, 'too-many-attempts');
  assertProblem(await login(email, PASSWORD, '6.6.6.99, 203.0.113.7'), 429, 'too-many-attempts');
  assert.equal((await login(email, PASSWORD, '203.0.113.8')).status, 200);
});

test('all malformed entries count as one client', async () => {
  const { email } = await newcomer(server.url);
  for (let n = 0; n < 10; n++) assertProblem(await login(email, 'wrong', `nobody-${n}`), 401, 'invalid-credentials');
  assertProblem(await login(email, PASSWORD, 'nobody-10'), 429, 'too-many-attempts');
  assert.equal((await login(email, PASSWORD, '2001:db8::1')).status, 200);
});
