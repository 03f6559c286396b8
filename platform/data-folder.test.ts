import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { testFolder } from '../core/testing/test-folder.ts';
import { serverInfo, takeDataFolder } from './data-folder.ts';
import { taker } from './data-folder-child.ts';

const CHILD = { timeout: 30_000 };
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('a data folder', () => {
  test('is made, for its owner only, with all that leads to it', t => {
    const folder = testFolder(t).path('var/lib/zipbob');
    const lock = takeDataFolder(folder);
    assert.equal(modeOf(folder), '700');
    lock.release();
  });

  test('that is there already is closed to others', t => {
    const folder = testFolder(t).path('data');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    const lock = takeDataFolder(folder);
    assert.equal(modeOf(folder), '700');
    lock.release();
  });

  test('says who holds it until it is released', t => {
    const { folder } = testFolder(t);
    const lock = takeDataFolder(folder);
    assert.deepEqual(serverInfo(folder), { pid: process.pid });
    lock.announce({ pid: process.pid, address: 'http://localhost:3000' });
    assert.deepEqual(serverInfo(folder), { pid: process.pid, address: 'http://localhost:3000' });
    assert.equal(modeOf(join(folder, 'server.json')), '600');
    lock.release();
    assert.equal(existsSync(join(folder, 'server.json')), false);
    assert.equal(serverInfo(folder), undefined);
  });

  test('says nothing where its file cannot be read', t => {
    const { folder, path } = testFolder(t);
    for (const text of ['', '{"pid":']) {
      writeFileSync(path('server.json'), text);
      assert.equal(serverInfo(folder), undefined);
    }
  });

  test('can be taken again once it was released', t => {
    const { folder } = testFolder(t);
    takeDataFolder(folder).release();
    takeDataFolder(folder).release();
  });

  test('is not in the way of another', t => {
    const { path } = testFolder(t);
    const [one, two] = [takeDataFolder(path('one')), takeDataFolder(path('two'))];
    one.release();
    two.release();
  });

  test('is given back when its process is killed', CHILD, async t => {
    const { folder } = testFolder(t);
    const other = taker(t, folder, 'http://localhost:3001');
    assert.deepEqual([await other.says(), await other.says()], ['taking', 'held']);
    assert.equal(serverInfo(folder)?.pid, other.process.pid);
    await other.kill();
    const lock = takeDataFolder(folder);
    assert.deepEqual(serverInfo(folder), { pid: process.pid });
    lock.release();
  });

  test('goes to who waits for it when it is released', CHILD, async t => {
    const { folder } = testFolder(t);
    const lock = takeDataFolder(folder);
    const other = taker(t, folder);
    assert.equal(await other.says(), 'taking');
    lock.release();
    assert.equal(await other.says(), 'held');
    assert.deepEqual(serverInfo(folder), { pid: other.process.pid });
    await other.release();
    assert.equal(existsSync(join(folder, 'server.json')), false);
  });
});
