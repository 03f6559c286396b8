import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { testFolder } from '../core/testing/test-folder.ts';
import { takeDataFolder } from './data-folder.ts';
import { taker } from './data-folder-child.ts';

// Each waits for the ten seconds that a second process is patient.
const SLOW = { timeout: 60_000, concurrency: true };

test('a data folder that is held', SLOW, async t => {
  await Promise.all([
    t.test('is refused to a second process, which is told who holds it', async t => {
      const { folder } = testFolder(t);
      const lock = takeDataFolder(folder);
      lock.announce({ pid: process.pid, address: 'http://localhost:3000' });
      const other = taker(t, folder);
      assert.equal(await other.says(), 'taking');
      const holder = `process ${process.pid}, which serves http://localhost:3000`;
      assert.equal(await other.says(), `the data folder ${folder} is in use by ${holder}`);
      lock.release();
    }),
    t.test('is refused also where the holder is not known', async t => {
      const { folder, path } = testFolder(t);
      const lock = takeDataFolder(folder);
      rmSync(path('server.json'));
      const other = taker(t, folder);
      assert.equal(await other.says(), 'taking');
      assert.equal(await other.says(), `the data folder ${folder} is in use by another process`);
      lock.release();
    }),
  ]);
});
