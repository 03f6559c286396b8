import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Damaged } from '../../core/errors.ts';
import { keyValueContract } from '../../core/key-value/contract.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteKeyValue } from './sqlite.ts';

function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  let now = Date.parse('2026-03-10T08:00:00.000Z');
  const open = () => keep(sqliteKeyValue(path('kv.db'), () => new Date(now)));
  return {
    kv: open(),
    open,
    file: path('kv.db'),
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

describe('the SQLite key-value store', () => keyValueContract(stage));

test('two threads that count lose no step', async t => {
  const { kv, file } = stage(t);
  const program = new URL('./counting.child.ts', import.meta.url);
  const threads = [1, 2].map(() => new Worker(program, { workerData: { file, steps: 200 } }));
  const ends = await Promise.all(threads.map(thread => once(thread, 'exit')));
  assert.deepEqual(ends, [[0], [0]]);
  assert.equal(await kv.get('count'), '400');
  assert.equal((await kv.add('tries', 0, 60)).count, 400);
});

test('a value is durable before set resolves, even after a count, which need not be durable', async t => {
  const exec = t.mock.method(DatabaseSync.prototype, 'exec'); // calls through: only the store's own connection can report this pragma
  const { kv } = stage(t);
  const connection = exec.mock.calls[0]!.this as DatabaseSync;
  const FULL = 2;
  const synchronous = () => ({ ...connection.prepare('PRAGMA synchronous').get() });
  assert.deepEqual(synchronous(), { synchronous: FULL });
  await kv.add('tries', 1, 60);
  assert.deepEqual(synchronous(), { synchronous: FULL });
  await kv.set('session', 'mina', 60);
  await assert.rejects(kv.add('session', 1, 60));
  assert.deepEqual(synchronous(), { synchronous: FULL });
});

test('a file of an earlier release keeps its sessions', async t => {
  const { kv, open, file } = stage(t);
  await kv.set('session', 'mina', 60);
  await kv.close();
  const db = new DatabaseSync(file);
  db.exec('DROP TABLE own');
  db.close();
  const upgraded = open();
  assert.equal(await upgraded.get('session'), 'mina');
  assert.equal(await open().identity(), await upgraded.identity());
});

test('reads of a damaged file throw Damaged, with the file name and advice', async t => {
  const { kv, open, file } = stage(t);
  const keys = Array.from({ length: 1500 }, (_, n) => `session-${n}`);
  for (const key of keys) await kv.set(key, 'x'.repeat(3000), 60);
  await kv.close();
  const damaged = open(); // 1500 large values push the first pages out of its cache
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(statSync(file).size - 4096, 0x5a), 0, undefined, 4096);
  closeSync(descriptor);
  const failed = (await Promise.allSettled(keys.map(key => damaged.get(key)))).flatMap(one =>
    one.status === 'rejected' ? [one.reason as Error] : [],
  );
  assert.ok(failed.length > 0);
  for (const error of failed) {
    assert.ok(error instanceof Damaged);
    assert.ok(error.message.startsWith(`the session store ${file} is damaged: `), error.message);
    assert.match(error.message, /delete it and restart; all members have to log in again$/);
  }
  const written = damaged.set('session-1', 'new', 60);
  await assert.rejects(written, Damaged);
});
