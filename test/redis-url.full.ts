import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Client, newcomer, PASSWORD } from './support/client.ts';
import { ownFolder, ownServer, refusedStart } from './support/data-folders.ts';
import { assertProblem } from './support/problems.ts';
import { noRedis, startRedis } from './support/redis.ts';

async function stage(t: TestContext) {
  const redis = await startRedis(t);
  const folder = ownFolder();
  const extra = { REDIS_URL: redis.url };
  const server = await ownServer(folder, extra);
  return { redis, folder, server, again: () => ownServer(folder, extra), ...(await newcomer(server.url)) };
}

const logIn = (client: Client, email: string) => client.post('/auth/login', { email, password: PASSWORD });

async function readyAgain(url: string): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if ((await fetch(`${url}/readyz`)).status === 200) return;
  }
  assert.fail('it is not ready again');
}

describe('sessions in a Redis', { skip: noRedis }, () => {
  test('a member stays logged in over a restart, and nothing of it is in the folder', async t => {
    const { server, again, folder, client } = await stage(t);
    assert.equal(await server.stop(), 0);
    client.url = (await again()).url;
    assert.equal((await client.get('/members/me')).status, 200);
    assert.equal((await client.post('/auth/refresh')).status, 200);
    assert.equal(existsSync(join(folder, 'kv.db')), false);
  });

  test('while it is away, logins and refreshes answer 503, all else goes on, and what was revoked stays so', async t => {
    const { redis, server, client, email, fridgeId } = await stage(t);
    const ended = (await newcomer(server.url)).client;
    assert.equal((await ended.post('/auth/logout')).status, 204);
    await redis.kill();
    assert.equal((await client.get('/members/me')).status, 200);
    const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { name: 'milk' });
    assert.equal(stored.status, 201);
    assertProblem(await ended.get('/members/me'), 401, 'token-revoked');
    assertProblem(await logIn(client, email), 503, 'unavailable');
    assertProblem(await client.post('/auth/refresh'), 503, 'unavailable');
    assertProblem(await client.post('/auth/logout'), 503, 'unavailable');
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
    const ready = await fetch(`${server.url}/readyz`);
    const { checks } = (await ready.json()) as { checks: Record<string, string> };
    assert.deepEqual([ready.status, checks.sessions], [503, 'unavailable']);

    await redis.start();
    await readyAgain(server.url);
    assert.equal((await client.post('/auth/refresh')).status, 200);
    assertProblem(await ended.get('/members/me'), 401, 'token-revoked');
  });

  test('once it was emptied, older access tokens are refused, and members log in again', async t => {
    const { redis, client, email } = await stage(t);
    await redis.command('FLUSHALL');
    assertProblem(await client.get('/members/me'), 401, 'token-revoked');
    assertProblem(await client.post('/auth/refresh'), 401, 'token-invalid');
    const { status, body } = await logIn(client, email);
    assert.equal(status, 200);
    client.token = body.accessToken;
    assert.equal((await client.get('/members/me')).status, 200);
  });

  test('a start that cannot use it ends with one line, which does not tell the password', async t => {
    const redis = await startRedis(t);
    await redis.command('CONFIG', 'SET', 'requirepass', 'right');
    const urls = ['http://secret@127.0.0.1', 'redis://:secret@127.0.0.1:9', redis.url.replace('//', '//:secret@')];
    for (const REDIS_URL of urls) {
      const output = await refusedStart(ownFolder(), { REDIS_URL });
      assert.match(output, /^.*REDIS_URL.*\n$/);
      assert.doesNotMatch(output, /secret/);
    }
  });
});
