import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { onEventStore } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';

const server = await oneServer();

test('while another program holds the lock of a file, the process says that it lives; then all goes on', async () => {
  const { client, fridgeId, email } = await newcomer(server.url);
  const calls: [file: string, status: number, call: () => Promise<{ status: number }>][] = [
    ['log.db', 201, () => client.post(`/fridges/${fridgeId}/ingredients`, { name: 'milk' })],
    ['kv.db', 401, () => client.post('/auth/login', { email, password: 'wrong' })],
    ['kv.db', 200, () => client.post('/auth/refresh')],
    ['keys.db', 201, () => newcomer(server.url).then(() => ({ status: 201 }))],
  ];
  for (const [file, status, call] of calls) {
    if (file === 'log.db' && onEventStore) continue; // the log is in a server
    const lock = new DatabaseSync(join(server.folder, file));
    lock.exec('BEGIN IMMEDIATE');
    let answered = false;
    const answer = call().finally(() => {
      answered = true;
    });
    // Had the thread waited for the lock, it would have given up, and the command with it, before the last of these.
    for (let requests = 0; requests < 100; requests++) {
      assert.equal(await (await fetch(`${server.url}/livez`)).text(), '{"status":"ok"}');
    }
    assert.equal(answered, false, file);
    lock.exec('ROLLBACK');
    lock.close();
    assert.equal((await answer).status, status, file);
  }
});
