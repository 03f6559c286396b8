import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keyStoreContract } from '../../core/keys/contract.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteKeyStore } from './sqlite.ts';

function keysIn(t: TestContext) {
  const { path, folder, keep } = testFolder(t);
  const openAt = (now?: () => number) => keep(sqliteKeyStore(path('keys.db'), now));
  const open = () => openAt();
  return { folder, path, open, openAt, keys: open() };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whether the object is still reachable. */
async function isReachable(ref: WeakRef<object>): Promise<boolean> {
  await new Promise(setImmediate); // dereferencing a WeakRef keeps its target alive until the end of the turn
  collectGarbage();
  return ref.deref() !== undefined;
}

/** Names of the files in a folder that contain these bytes, raw or encoded. */
function filesWith(folder: string, secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  const forms = [bytes, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
  return readdirSync(folder).filter(name => {
    const content = readFileSync(`${folder}/${name}`);
    return forms.some(form => content.includes(form));
  });
}

keyStoreContract(async t => {
  const { keys, open, openAt } = keysIn(t);
  return { keys, open: async () => open(), openAt: async now => openAt(now) };
});

describe('keys in memory', () => {
  test('are dropped a minute after they were read, even without another call', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    const { openAt } = keysIn(t);
    const keys = openAt(() => now);
    const pass = (ms: number) => {
      now += ms;
      t.mock.timers.tick(ms);
    };
    const read = async (member: string) => new WeakRef(await keys.ensure(member));
    const mina = await read('mina');
    pass(20_000);
    const otto = await read('otto');
    pass(39_999);
    assert.deepEqual([await isReachable(mina), await isReachable(otto)], [true, true]);
    pass(1);
    assert.deepEqual([await isReachable(mina), await isReachable(otto)], [false, true]);
    pass(20_000);
    assert.equal(await isReachable(otto), false);
    // The timer also restarts after a pause.
    const again = await read('mina');
    pass(59_999);
    assert.equal(await isReachable(again), true);
    pass(1);
    assert.equal(await isReachable(again), false);
  });

  test('are dropped when the store is closed', async t => {
    const { keys } = keysIn(t);
    const mina = new WeakRef(await keys.ensure('mina'));
    await keys.close();
    assert.equal(await isReachable(mina), false);
  });
});

describe('forgetting a member, on the disk', () => {
  test('removes its key from the disk', async t => {
    const { folder, keys, open } = keysIn(t);
    const other = open();
    const members = Array.from({ length: 200 }, (_, n) => `member-${n}`);
    const made = await Promise.all(members.map(name => keys.ensure(name)));
    assert.notDeepEqual(filesWith(folder, made[7]!.key), []);
    await other.ensure('one more');
    const gone = [3, 7, 100, 199];
    for (const n of gone) await keys.forget(members[n]!);
    for (const n of gone) assert.deepEqual(filesWith(folder, made[n]!.key), [], members[n]);
    assert.notDeepEqual(filesWith(folder, made[8]!.key), []);

    await keys.close();
    await other.close();
    for (const n of gone) assert.deepEqual(filesWith(folder, made[n]!.key), [], members[n]);
  });

  test('removes a key from the disk that an earlier handle wrote', async t => {
    const { folder, keys, open } = keysIn(t);
    const { key } = await keys.ensure('mina');
    await keys.close();
    assert.deepEqual(filesWith(folder, key), ['keys.db']);
    await open().forget('mina');
    assert.deepEqual(filesWith(folder, key), []);
  });
});
