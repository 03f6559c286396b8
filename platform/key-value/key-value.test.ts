import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Damaged } from '../../core/errors.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { problemOf } from '../problem.ts';
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

describe('a short-lived value', () => {
  test('is there for everybody once it was set', async t => {
    const { kv, open } = stage(t);
    assert.equal(await kv.get('session'), undefined);
    await kv.set('session', 'mina', 60);
    assert.equal(await kv.get('session'), 'mina');
    assert.equal(await open().get('session'), 'mina');
    assert.equal(await kv.get('Session'), undefined);
  });

  test('keeps any text', async t => {
    const { kv } = stage(t);
    for (const value of [
      '',
      '👩🏽‍🍳',
      'é'.normalize('NFD'),
      `'); DROP TABLE entries; --`,
      'a\0b',
      'x'.repeat(100_000),
    ]) {
      await kv.set(value, value, 60);
      assert.equal(await kv.get(value), value);
    }
  });

  test('is replaced when it is set again, and lasts as long as the new one', async t => {
    const { kv, pass } = stage(t);
    await kv.set('session', 'one', 10);
    await kv.set('session', 'two', 60);
    pass(30);
    assert.equal(await kv.get('session'), 'two');
    await kv.set('session', 'three', 5);
    pass(5);
    assert.equal(await kv.get('session'), undefined);
  });

  test('is gone when its time is over, to the millisecond', async t => {
    const { kv, open, pass } = stage(t);
    await kv.set('session', 'mina', 60);
    pass(59.999);
    assert.equal(await kv.get('session'), 'mina');
    pass(0.001);
    assert.equal(await kv.get('session'), undefined);
    assert.equal(await open().get('session'), undefined);
  });

  test('survives a restart, and its time goes on', async t => {
    const { kv, open, pass } = stage(t);
    await kv.set('session', 'mina', 60);
    await kv.close();
    pass(30);
    const again = open();
    assert.equal(await again.get('session'), 'mina');
    pass(30);
    assert.equal(await again.get('session'), undefined);
  });

  test('that has run out does not come back when others are written', async t => {
    const { kv, pass } = stage(t);
    await kv.set('old', '1', 10);
    await kv.set('lasting', '2', 100);
    pass(10);
    await kv.set('new', '3', 10);
    assert.deepEqual(await Promise.all(['old', 'lasting', 'new'].map(kv.get)), [undefined, '2', '3']);
  });

  test('is gone once it was deleted', async t => {
    const { kv, open } = stage(t);
    await kv.set('session', 'mina', 60);
    await kv.set('other', 'otto', 60);
    await open().delete('session');
    await kv.delete('never there');
    assert.equal(await kv.get('session'), undefined);
    assert.equal(await kv.get('other'), 'otto');
  });
});

describe('replace', () => {
  test('puts a value where nothing stands', async t => {
    const { kv } = stage(t);
    assert.equal(await kv.replace('limit', undefined, '1', 60), true);
    assert.equal(await kv.replace('limit', undefined, '2', 60), false);
    assert.equal(await kv.get('limit'), '1');
  });

  test('puts a value where the expected one stands', async t => {
    const { kv } = stage(t);
    await kv.set('limit', '1', 60);
    assert.equal(await kv.replace('limit', '1', '2', 60), true);
    assert.equal(await kv.replace('limit', '1', '3', 60), false);
    assert.equal(await kv.get('limit'), '2');
  });

  test('does not take nothing for the empty text', async t => {
    const { kv } = stage(t);
    assert.equal(await kv.replace('limit', '', '1', 60), false);
    await kv.set('limit', '', 60);
    assert.equal(await kv.replace('limit', undefined, '1', 60), false);
    assert.equal(await kv.replace('limit', '', '1', 60), true);
  });

  test('gives the new value its own time, and a failed one changes none', async t => {
    const { kv, pass } = stage(t);
    await kv.set('limit', '1', 10);
    assert.equal(await kv.replace('limit', 'other', '2', 1000), false);
    assert.equal(await kv.replace('limit', '1', '2', 20), true);
    pass(19.999);
    assert.equal(await kv.get('limit'), '2');
    pass(0.001);
    assert.equal(await kv.get('limit'), undefined);
  });

  test('takes what has run out for nothing', async t => {
    const { kv, pass } = stage(t);
    await kv.set('limit', '1', 10);
    pass(10);
    assert.equal(await kv.replace('limit', '1', '2', 10), false);
    assert.equal(await kv.replace('limit', undefined, '3', 10), true);
    assert.equal(await kv.get('limit'), '3');
  });

  test('of two at once one wins', async t => {
    const { kv, open } = stage(t);
    const handles = [kv, open(), open()];
    let standing: string | undefined;
    for (let round = 0; round < 20; round++) {
      const won = await Promise.all(handles.map((kv, n) => kv.replace('limit', standing, `${round}-${n}`, 60)));
      assert.equal(won.filter(Boolean).length, 1);
      standing = `${round}-${won.indexOf(true)}`;
      assert.equal(await kv.get('limit'), standing);
    }
  });

  test('loses no step when two count with it', async t => {
    const { kv, open } = stage(t);
    const countUp = async (handle: typeof kv) => {
      for (;;) {
        const before = await handle.get('count');
        if (await handle.replace('count', before, String(Number(before ?? 0) + 1), 60)) return;
      }
    };
    const handles = [kv, open()];
    await Promise.all(Array.from({ length: 100 }, (_, n) => countUp(handles[n % 2]!)));
    assert.equal(await kv.get('count'), '100');
  });

  test('loses no step when two threads count with it', async t => {
    const { kv, file } = stage(t);
    const program = new URL('./counting.child.ts', import.meta.url);
    const threads = [1, 2].map(() => new Worker(program, { workerData: { file, steps: 200 } }));
    const ends = await Promise.all(threads.map(thread => once(thread, 'exit')));
    assert.deepEqual(ends, [[0], [0]]);
    assert.equal(await kv.get('count'), '400');
  });

  test('is on the disk before it is answered', t => {
    const exec = t.mock.method(DatabaseSync.prototype, 'exec'); // it still does what it did: only this connection can tell
    stage(t);
    const connection = exec.mock.calls[0]!.this as DatabaseSync;
    const FULL = 2;
    assert.deepEqual({ ...connection.prepare('PRAGMA synchronous').get() }, { synchronous: FULL });
  });

  test('closing twice is as good as once', async t => {
    const { kv } = stage(t);
    await kv.close();
    await kv.close();
  });
});

test('what cannot be read because its file was damaged is Damaged, with the file and what to do', async t => {
  const { kv, open, file } = stage(t);
  const keys = Array.from({ length: 1500 }, (_, n) => `session-${n}`);
  for (const key of keys) await kv.set(key, 'x'.repeat(3000), 60);
  await kv.close();
  const damaged = open(); // the first pages that it read are in its memory no more
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(statSync(file).size - 4096, 0x5a), 0, undefined, 4096);
  closeSync(descriptor);
  const failed = (await Promise.allSettled(keys.map(key => damaged.get(key)))).flatMap(one =>
    one.status === 'rejected' ? [one.reason as Error] : [],
  );
  assert.ok(failed.length > 0);
  for (const error of failed) {
    assert.ok(error instanceof Damaged);
    assert.equal(problemOf(error)?.code, 503);
    assert.ok(error.message.startsWith(`the session store ${file} is damaged: `), error.message);
    assert.match(error.message, /delete it and start again, and everybody logs in anew$/);
  }
  const written = damaged.set('session-1', 'new', 60);
  await assert.rejects(written, Damaged);
});
