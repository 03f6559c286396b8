import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, PASSWORD, type Reply } from './support/client.ts';
import { contents, ownFolder, ownServer, settle } from './support/data-folders.ts';
import { assertProblem } from './support/problems.ts';

const details = { email: 'late@example.org', password: PASSWORD, nickname: 'late' };

/** Starts on a folder, registers under a fixed idempotency key, and stops. */
async function register(folder: string): Promise<Reply> {
  const server = await ownServer(folder);
  const reply = await new Client(server.url).post('/auth/register', details, { 'Idempotency-Key': 'once' });
  assert.equal(await server.stop(), 0);
  settle(folder);
  return reply;
}

test('with a key store from before a registration, repeating it makes no second key, and with the right store it works', async () => {
  const folder = ownFolder();
  const keys = join(folder, 'keys.db');
  const kept = ownFolder();
  await (await ownServer(folder)).stop();
  settle(folder);
  cpSync(keys, join(kept, 'before.db'));
  const first = await register(folder);
  assert.equal(first.status, 201);
  cpSync(keys, join(kept, 'after.db'));

  cpSync(join(kept, 'before.db'), keys);
  const before = contents(folder, ['keys.db']);
  assertProblem(await register(folder), 503, 'unavailable');
  assert.deepEqual(contents(folder, ['keys.db']), before);

  cpSync(join(kept, 'after.db'), keys);
  const again = await register(folder);
  assert.equal(again.status, 201);
  assert.deepEqual(again.body.member, first.body.member);
});
