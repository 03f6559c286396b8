import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import jwt from 'jsonwebtoken';
import { signAccessToken } from '../platform/access-token.ts';
import { sqliteKeyValue } from '../stores/key-value/sqlite.ts';
import { sqliteKeyStore } from '../stores/keys/sqlite.ts';
import { Client, newcomer } from './support/client.ts';
import { ownFolder } from './support/data-folders.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';
import { launch } from './support/zipbob.ts';

const KID = /^access tokens are signed with the key (\S+), by all nodes within a minute$/m;
const server = await oneServer();

/** The operator's command, beside the server. */
async function command(folder: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { child, ended } = await launch(folder, ['commands/keys.ts', ...args]);
  const text = { out: '', err: '' };
  child.stdout.on('data', data => {
    text.out += String(data);
  });
  child.stderr.on('data', data => {
    text.err += String(data);
  });
  await once(child, 'close');
  return { code: await ended, ...text };
}

async function rotate(...args: string[]): Promise<string> {
  const { code, out, err } = await command(server.folder, 'rotate', ...args);
  assert.deepEqual([code, err], [0, '']);
  return KID.exec(out)![1]!;
}

const kidOf = (token: string): string => jwt.decode(token, { complete: true })!.header.kid!;

async function me(token: string) {
  const client = new Client(server.url);
  client.token = token;
  return client.get('/members/me');
}

/** Signs tokens as another node on the same stores does. */
function otherNode() {
  const keys = sqliteKeyStore(join(server.folder, 'keys.db'));
  const keyValue = sqliteKeyValue(join(server.folder, 'kv.db'), () => new Date());
  after(async () => {
    await keys.close();
    await keyValue.close();
  });
  return (token: string): Promise<string> => {
    const { sub, sid } = jwt.decode(token) as jwt.JwtPayload;
    // A node that starts now: it has not seen the keys before.
    return signAccessToken({ ...keys }, keyValue, { memberId: sub!, sessionId: sid });
  };
}

test('a signing key is rotated while the server runs: tokens of both keys are good', async () => {
  const { client, memberId } = await newcomer(server.url);
  const before = client.token!;
  const kid = await rotate();
  assert.notEqual(kid, kidOf(before));
  const token = await otherNode()(before);
  assert.equal(kidOf(token), kid);
  for (const good of [token, before, token]) assert.equal((await me(good)).body.memberId, memberId);
  // From now on this server signs with it, too.
  assert.equal(kidOf((await newcomer(server.url)).client.token!), kid);
});

test('a key that became known to others is dropped while the server runs; members only refresh their tokens', async () => {
  const { client, memberId } = await newcomer(server.url);
  const before = client.token!;
  assert.equal((await me(before)).status, 200);
  const kid = await rotate('--now');
  const token = await otherNode()(before);
  assert.equal((await me(token)).status, 200);
  assertProblem(await me(before), 401, 'token-invalid');
  client.token = undefined;
  const { status, body } = await client.post('/auth/refresh');
  assert.deepEqual([status, kidOf(body.accessToken), body.member.memberId], [200, kid, memberId]);
  assert.equal((await me(body.accessToken)).status, 200);
});

test('the command says what it needs, and makes no key store', async () => {
  for (const args of [[], ['rotate', 'now'], ['rotate', '--soon'], ['forget']]) {
    const { code, out, err } = await command(server.folder, ...args);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^usage: npm run keys -- copy .*\n.* npm run keys -- rotate \[--now\]\n/s);
  }
  const folder = ownFolder();
  const { code, err } = await command(folder, 'rotate');
  assert.deepEqual([code, err], [1, `there is no key store at ${join(folder, 'keys.db')}\n`]);
  assert.equal(existsSync(join(folder, 'keys.db')), false);
});
