import assert from 'node:assert/strict';
import { sign, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteKeyStore } from './sqlite.ts';

const ERASED = { name: 'Refused', code: 'erased' };

function keysIn(t: TestContext) {
  const { path, folder, keep } = testFolder(t);
  const openAt = (now?: () => number) => keep(sqliteKeyStore(path('keys.db'), now));
  const open = () => openAt();
  return { folder, path, open, openAt, keys: open() };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whether what was let go of is still held by somebody else. */
async function isHeld(ref: WeakRef<object>): Promise<boolean> {
  await new Promise(setImmediate); // a reference that was looked at lasts until the end of the turn
  collectGarbage();
  return ref.deref() !== undefined;
}

/** The files of a folder that hold these bytes, plain or written out. */
function filesWith(folder: string, secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  const forms = [bytes, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
  return readdirSync(folder).filter(name => {
    const content = readFileSync(`${folder}/${name}`);
    return forms.some(form => content.includes(form));
  });
}

describe('keys of members', () => {
  test('a member without a key has none', async t => {
    const { keys } = keysIn(t);
    assert.equal(await keys.keyFor('mina'), undefined);
  });

  test('a key is made once, and is the same from then on', async t => {
    const { keys, open } = keysIn(t);
    const key = await keys.ensure('mina');
    assert.equal(key.key.length, 32);
    for (const again of [keys, open()]) {
      assert.deepEqual(await again.ensure('mina'), key);
      assert.deepEqual(await again.keyFor('mina'), key);
    }
  });

  test('two members have two keys', async t => {
    const { keys } = keysIn(t);
    const [mina, otto] = [await keys.ensure('mina'), await keys.ensure('otto')];
    assert.notEqual(mina.keyId, otto.keyId);
    assert.notDeepEqual(mina.key, otto.key);
  });

  test('members are told apart by every character', async t => {
    const { keys } = keysIn(t);
    const names = ['mina', 'Mina', 'mina ', "mi'na", 'é', 'é'.normalize('NFD'), ''];
    const made = await Promise.all(names.map(name => keys.ensure(name)));
    assert.equal(new Set(made.map(({ keyId }) => keyId)).size, names.length);
  });

  test('what several handles make at once is one key', async t => {
    const { keys, open } = keysIn(t);
    const handles = [keys, open(), open()];
    for (let n = 0; n < 10; n++) {
      const [first, ...others] = await Promise.all(handles.map(handle => handle.ensure(`member-${n}`)));
      for (const other of others) assert.deepEqual(other, first);
    }
  });
});

describe('keys in memory', () => {
  test('are gone a minute after they were read, though nobody asks for them again', async t => {
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
    assert.deepEqual([await isHeld(mina), await isHeld(otto)], [true, true]);
    pass(1);
    assert.deepEqual([await isHeld(mina), await isHeld(otto)], [false, true]);
    pass(20_000);
    assert.equal(await isHeld(otto), false);
    // And so are those that come after a pause.
    const again = await read('mina');
    pass(59_999);
    assert.equal(await isHeld(again), true);
    pass(1);
    assert.equal(await isHeld(again), false);
  });

  test('are gone when the store is closed', async t => {
    const { keys } = keysIn(t);
    const mina = new WeakRef(await keys.ensure('mina'));
    await keys.close();
    assert.equal(await isHeld(mina), false);
  });
});

describe('forgetting a member', () => {
  test('leaves a tombstone that no new key replaces', async t => {
    const { keys, open } = keysIn(t);
    await keys.ensure('mina');
    await keys.forget('mina');
    for (const handle of [keys, open()]) {
      assert.equal(await handle.keyFor('mina'), 'erased');
      await assert.rejects(handle.ensure('mina'), ERASED);
      assert.equal(await handle.keyFor('mina'), 'erased');
    }
  });

  test('is known to every other handle within a minute', async t => {
    const { keys, openAt } = keysIn(t);
    let now = 0;
    const other = openAt(() => now);
    const key = await keys.ensure('mina');
    assert.deepEqual(await other.keyFor('mina'), key);
    now = 30_000;
    await other.keyFor('mina'); // looking it up does not keep it longer
    await keys.forget('mina');
    now = 60_000;
    assert.equal(await other.keyFor('mina'), 'erased');
    await assert.rejects(other.ensure('mina'), ERASED);
  });

  test('again changes nothing', async t => {
    const { keys } = keysIn(t);
    await keys.ensure('mina');
    await keys.forget('mina');
    await keys.forget('mina');
    assert.equal(await keys.keyFor('mina'), 'erased');
  });

  test('who never had a key also leaves a tombstone', async t => {
    const { keys, open } = keysIn(t);
    await keys.forget('mina');
    assert.equal(await keys.keyFor('mina'), 'erased');
    await assert.rejects(open().ensure('mina'), ERASED);
  });

  test('leaves the others alone', async t => {
    const { keys, open } = keysIn(t);
    const [otto] = [await keys.ensure('otto'), await keys.ensure('mina')];
    await keys.forget('mina');
    assert.deepEqual(await keys.keyFor('otto'), otto);
    assert.deepEqual(await open().keyFor('otto'), otto);
  });

  test('while another makes the key ends with none', async t => {
    const { keys, open } = keysIn(t);
    const other = open();
    for (let n = 0; n < 10; n++) {
      const member = `member-${n}`;
      await Promise.allSettled([other.ensure(member), keys.forget(member)]);
      assert.equal(await keys.keyFor(member), 'erased');
      assert.equal(await open().keyFor(member), 'erased');
    }
  });

  test('leaves its key nowhere on the disk', async t => {
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

  test('leaves nothing of a key that was on the disk before', async t => {
    const { folder, keys, open } = keysIn(t);
    const { key } = await keys.ensure('mina');
    await keys.close();
    assert.deepEqual(filesWith(folder, key), ['keys.db']);
    await open().forget('mina');
    assert.deepEqual(filesWith(folder, key), []);
  });
});

describe('secrets', () => {
  test('are the same after a restart, for every handle', async t => {
    const { keys, open } = keysIn(t);
    const { identity, hmacSecret, signingKeys } = keys;
    const other = open();
    await keys.close();
    for (const { identity: id, hmacSecret: secret, signingKeys: pairs } of [other, open()]) {
      assert.equal(id, identity);
      assert.deepEqual(secret, hmacSecret);
      assert.deepEqual(pairs, signingKeys);
    }
  });

  test('differ between two stores', t => {
    const [one, two] = [keysIn(t).keys, keysIn(t).keys];
    assert.notEqual(one.identity, two.identity);
    assert.notDeepEqual(one.hmacSecret, two.hmacSecret);
    assert.notEqual(one.signingKeys[0]!.kid, two.signingKeys[0]!.kid);
  });

  test('the identity tells nothing of the HMAC secret', t => {
    const { keys } = keysIn(t);
    assert.equal(keys.hmacSecret.length, 32);
    assert.match(keys.identity, /^[0-9a-f]{64}$/);
    assert.notEqual(keys.identity, Buffer.from(keys.hmacSecret).toString('hex'));
  });

  test('the signing key signs', t => {
    const { privateKey, publicKey } = keysIn(t).keys.signingKeys[0]!;
    const message = Buffer.from('let me in');
    assert.ok(verify('sha256', message, publicKey, sign('sha256', message, privateKey)));
  });

  test('closing twice is as good as once', async t => {
    const { keys } = keysIn(t);
    await keys.close();
    await keys.close();
  });
});
