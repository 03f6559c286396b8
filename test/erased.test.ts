import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD } from './support/client.ts';
import { ownFile } from './support/event-log.ts';
import { keysOf } from './support/on-mariadb.ts';
import { scratchFolder } from './support/programs.ts';
import { startZipBob } from './support/zipbob.ts';

const NOTE = '할머니가 주신 김치 secret-note';

test(
  'D-24: after a key is forgotten, nothing sealed with it is found or shown, and all else works',
  ownFile,
  async () => {
    const folder = scratchFolder();
    try {
      const first = await startZipBob(folder);
      const { client, fridgeId, email, memberId } = await newcomer(first.url);
      const path = `/fridges/${fridgeId}/ingredients`;
      const stored = await client.post(path, { name: '김치', note: NOTE });
      assert.equal(stored.body.items[0].note, NOTE);
      const other = await newcomer(first.url);
      assert.equal(await first.stop(), 0);

      const keys = await keysOf(folder);
      await keys.forget(memberId);
      await keys.close();

      const second = await startZipBob(folder);
      const gone = new Client(second.url);
      const login = await gone.post('/auth/login', { email, password: PASSWORD });
      const unknown = await gone.post('/auth/login', { email: 'nobody@example.org', password: PASSWORD });
      assert.deepEqual({ ...login.body, traceId: '' }, { ...unknown.body, traceId: '' });
      client.url = second.url;
      assert.equal((await client.get('/members/me')).status, 401);
      assert.equal((await client.post(path, { name: '두부' })).status, 401);
      const left = await client.get(path);
      assert.equal(left.status, 200);
      assert.equal('note' in left.body.items[0], false);
      other.client.url = second.url;
      assert.equal((await other.client.get('/members/me')).body.email, other.email);
      assert.equal(await second.stop(), 0);

      for (const file of readdirSync(folder)) {
        const bytes = readFileSync(join(folder, file));
        for (const plain of [NOTE, 'secret-note', email, PASSWORD]) {
          assert.equal(bytes.includes(plain), false, `${plain} is readable in ${file}`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
