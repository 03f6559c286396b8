import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { LOG, ownFile } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

// How many log-ins wait depends on what a password costs.
const server = await oneServer({ REAL_PASSWORDS: '1' });
const login = (email: string, password = PASSWORD, headers?: Record<string, string>): Promise<Reply> =>
  new Client(server.url).post('/auth/login', { email, password }, headers);

test('D-14: the eleventh wrong password is not checked, whatever address a header names; others can log in', async () => {
  const [{ email }, other] = [await newcomer(server.url), await newcomer(server.url)];
  for (let n = 0; n < 10; n++) assertProblem(await login(email, `wrong ${n}`), 401, 'invalid-credentials');
  for (const headers of [{}, { 'X-Forwarded-For': '203.0.113.7' }, { Forwarded: 'for=203.0.113.7' }]) {
    const reply = await login(email.toUpperCase(), PASSWORD, headers);
    assertProblem(reply, 429, 'too-many-attempts');
    assert.ok(Number(reply.headers.get('retry-after')) > 600);
    assert.ok(Number(reply.headers.get('retry-after')) <= 900);
  }
  assert.equal((await login(other.email)).status, 200);
});

test('D-14: the right password clears earlier failures', async () => {
  const { email } = await newcomer(server.url);
  for (const round of [1, 2]) {
    for (let n = 0; n < 6; n++) assertProblem(await login(email, `wrong ${round}`), 401, 'invalid-credentials');
    assert.equal((await login(email)).status, 200);
  }
});

test('D-14: concurrent log-ins are refused or queued, and the rest of the server keeps answering', async () => {
  const { client, email } = await newcomer(server.url);
  let answered = 0;
  const many = Array.from({ length: 120 }, (_, n) => login(`nobody-${n}@example.org`).finally(() => answered++));
  for (const address of ['/livez', '/readyz', '/index.html']) {
    const reply = await fetch(server.url + address);
    assert.equal(reply.status, 200);
    await reply.text();
  }
  assert.equal((await client.get('/members/me')).status, 200);
  assert.ok(answered < 120, 'no other request waited for all of the passwords');
  const replies = await Promise.all(many);
  const refused = replies.filter(({ status }) => status !== 401);
  // On a busy machine the queued log-ins may have timed out.
  for (const reply of refused) assertProblem(reply, 503, reply.body.code === 'timeout' ? 'timeout' : 'overloaded');
  assert.ok(refused.filter(({ body }) => body.code === 'overloaded').length >= 80);
  assert.ok(refused.length < 120);
  assert.equal((await login(email)).status, 200);
});

test('D-14: the counters name no person', ownFile, async () => {
  const address = 'secret-address@example.org';
  await login(address);
  const db = new DatabaseSync(join(server.folder, 'kv.db'), { readOnly: true });
  const entries = db.prepare('SELECT key, value FROM entries').all();
  db.close();
  const counts = entries.filter(({ key }) => String(key).startsWith('limit:'));
  assert.ok(counts.length >= 2);
  for (const { key, value } of counts) {
    assert.match(String(key), /^limit:[\w-]{43}$/);
    assert.match(String(value), /^\d+$/);
  }
  for (const text of [server.output, readFileSync(join(server.folder, LOG), 'latin1')]) {
    assert.ok(!text.includes('secret-address'));
  }
});
