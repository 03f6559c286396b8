import assert from 'node:assert/strict';
import { sign, verify } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import type { KeyStore, SigningKey, VerifyingKey } from './port.ts';

/** An empty store for one test. */
export interface Stage {
  readonly keys: KeyStore;
  /** Opens another handle on the same store, as another node or a restarted one does. */
  open(): Promise<KeyStore>;
  /** Opens another handle with its own clock, in milliseconds. */
  openAt(now: () => number): Promise<KeyStore>;
}

const HOUR_MS = 3_600_000;
const ERASED = { name: 'Refused', code: 'erased' };

const isPair = ({ privateKey, publicKey }: SigningKey): boolean => {
  const message = Buffer.from('let me in');
  return verify('sha256', message, publicKey, sign('sha256', message, privateKey));
};
const publicHalf = ({ kid, publicKey }: VerifyingKey): VerifyingKey => ({ kid, publicKey });

/** Registers the contract of the key-store port for an adapter. `stage` closes everything it opened after its test. */
export function keyStoreContract(stage: (t: TestContext) => Promise<Stage>): void {
  describe('keys of members', () => {
    test('a member without a key has none', async t => {
      const { keys } = await stage(t);
      assert.equal(await keys.keyFor('mina'), undefined);
    });

    test('a key is created once and never changes', async t => {
      const { keys, open } = await stage(t);
      const key = await keys.ensure('mina');
      assert.equal(key.key.length, 32);
      for (const again of [keys, await open()]) {
        assert.deepEqual(await again.ensure('mina'), key);
        assert.deepEqual(await again.keyFor('mina'), key);
      }
    });

    test('two members have two keys', async t => {
      const { keys } = await stage(t);
      const [mina, otto] = [await keys.ensure('mina'), await keys.ensure('otto')];
      assert.notEqual(mina.keyId, otto.keyId);
      assert.notDeepEqual(mina.key, otto.key);
    });

    test('member ids differ by every character', async t => {
      const { keys } = await stage(t);
      const names = ['mina', 'Mina', 'mina ', "mi'na", 'é', 'é'.normalize('NFD'), ''];
      const made = await Promise.all(names.map(name => keys.ensure(name)));
      assert.equal(new Set(made.map(({ keyId }) => keyId)).size, names.length);
    });

    test('several handles that create a key at once get one key', async t => {
      const { keys, open } = await stage(t);
      const handles = [keys, await open(), await open()];
      for (let n = 0; n < 10; n++) {
        const [first, ...others] = await Promise.all(handles.map(handle => handle.ensure(`member-${n}`)));
        for (const other of others) assert.deepEqual(other, first);
      }
    });
  });

  describe('forgetting a member', () => {
    test('leaves a tombstone that no new key replaces', async t => {
      const { keys, open } = await stage(t);
      await keys.ensure('mina');
      await keys.forget('mina');
      for (const handle of [keys, await open()]) {
        assert.equal(await handle.keyFor('mina'), 'erased');
        await assert.rejects(handle.ensure('mina'), ERASED);
        assert.equal(await handle.keyFor('mina'), 'erased');
      }
    });

    test('reaches every other handle within a minute', async t => {
      const { keys, openAt } = await stage(t);
      let now = 0;
      const other = await openAt(() => now);
      const key = await keys.ensure('mina');
      assert.deepEqual(await other.keyFor('mina'), key);
      now = 30_000;
      await other.keyFor('mina'); // a lookup does not extend the cache lifetime
      await keys.forget('mina');
      now = 60_000;
      assert.equal(await other.keyFor('mina'), 'erased');
      await assert.rejects(other.ensure('mina'), ERASED);
    });

    test('is idempotent', async t => {
      const { keys } = await stage(t);
      await keys.ensure('mina');
      await keys.forget('mina');
      await keys.forget('mina');
      assert.equal(await keys.keyFor('mina'), 'erased');
    });

    test('without a key also leaves a tombstone', async t => {
      const { keys, open } = await stage(t);
      await keys.forget('mina');
      assert.equal(await keys.keyFor('mina'), 'erased');
      await assert.rejects((await open()).ensure('mina'), ERASED);
    });

    test('does not affect other members', async t => {
      const { keys, open } = await stage(t);
      const [otto] = [await keys.ensure('otto'), await keys.ensure('mina')];
      await keys.forget('mina');
      assert.deepEqual(await keys.keyFor('otto'), otto);
      assert.deepEqual(await (await open()).keyFor('otto'), otto);
    });

    test('while another handle creates the key leaves no key', async t => {
      const { keys, open } = await stage(t);
      const other = await open();
      for (let n = 0; n < 10; n++) {
        const member = `member-${n}`;
        await Promise.allSettled([other.ensure(member), keys.forget(member)]);
        assert.equal(await keys.keyFor(member), 'erased');
        assert.equal(await (await open()).keyFor(member), 'erased');
      }
    });
  });

  describe('secrets', () => {
    test('are the same after a restart, for every handle', async t => {
      const { keys, open } = await stage(t);
      const { identity, hmacSecret } = keys;
      const pairs = await keys.signingKeys();
      const other = await open();
      await keys.close();
      for (const handle of [other, await open()]) {
        assert.equal(handle.identity, identity);
        assert.deepEqual(handle.hmacSecret, hmacSecret);
        assert.deepEqual(await handle.signingKeys(), pairs);
      }
    });

    test('differ between two stores', async t => {
      const [one, two] = [(await stage(t)).keys, (await stage(t)).keys];
      assert.notEqual(one.identity, two.identity);
      assert.notDeepEqual(one.hmacSecret, two.hmacSecret);
      assert.notEqual((await one.signingKeys()).current.kid, (await two.signingKeys()).current.kid);
    });

    test('the identity does not reveal the HMAC secret', async t => {
      const { keys } = await stage(t);
      assert.equal(keys.hmacSecret.length, 32);
      assert.match(keys.identity, /^[0-9a-f]{64}$/);
      assert.notEqual(keys.identity, Buffer.from(keys.hmacSecret).toString('hex'));
    });

    test('the signing key signs', async t => {
      const { keys } = await stage(t);
      assert.ok(isPair((await keys.signingKeys()).current));
    });

    test('several handles that open an empty store at once have the same', async t => {
      const { open } = await stage(t);
      const handles = await Promise.all([open(), open(), open()]);
      const kids = await Promise.all(handles.map(async handle => (await handle.signingKeys()).current.kid));
      assert.equal(new Set(kids).size, 1);
    });

    test('a second close does nothing', async t => {
      const { keys } = await stage(t);
      await keys.close();
      await keys.close();
    });
  });

  describe('rotating the signing key', () => {
    test('puts a fresh key in its place, for every handle', async t => {
      const { keys, open } = await stage(t);
      const other = await open();
      const { current: before } = await other.signingKeys();
      const kid = await keys.rotateSigningKey(HOUR_MS);
      for (const handle of [keys, other, await open()]) {
        const { current, retired } = await handle.signingKeys();
        assert.equal(current.kid, kid);
        assert.ok(isPair(current));
        assert.deepEqual(retired, [publicHalf(before)]);
      }
    });

    test('keeps the keys before it, the newest first, without their private halves', async t => {
      const { keys } = await stage(t);
      const before: VerifyingKey[] = [];
      for (let n = 0; n < 3; n++) {
        before.unshift(publicHalf((await keys.signingKeys()).current));
        await keys.rotateSigningKey(HOUR_MS);
      }
      assert.deepEqual((await keys.signingKeys()).retired, before);
    });

    test('keeps them for no longer than was said', async t => {
      const { keys, open } = await stage(t);
      await keys.rotateSigningKey(1);
      const other = await open();
      while ((await other.signingKeys()).retired.length > 0) await new Promise(setImmediate);
      assert.deepEqual((await keys.signingKeys()).retired, []);
    });

    test('can drop all keys before it at once', async t => {
      const { keys, open } = await stage(t);
      await keys.rotateSigningKey(HOUR_MS);
      const kid = await keys.rotateSigningKey(0);
      for (const handle of [keys, await open()]) {
        const { current, retired } = await handle.signingKeys();
        assert.deepEqual([current.kid, retired], [kid, []]);
      }
    });

    test('from several handles at once loses none of the keys', async t => {
      const { keys, open } = await stage(t);
      const { current } = await keys.signingKeys();
      const handles = [keys, await open(), await open()];
      const made = await Promise.all(handles.map(handle => handle.rotateSigningKey(HOUR_MS)));
      const after = await keys.signingKeys();
      const kids = [after.current.kid, ...after.retired.map(({ kid }) => kid)];
      assert.deepEqual(kids.toSorted(), [current.kid, ...made].toSorted());
      assert.equal(kids.at(-1), current.kid);
    });

    test('leaves the other secrets and the keys of members alone', async t => {
      const { keys, open } = await stage(t);
      const key = await keys.ensure('mina');
      await keys.rotateSigningKey(0);
      const other = await open();
      assert.deepEqual([other.identity, other.hmacSecret], [keys.identity, keys.hmacSecret]);
      assert.deepEqual(await other.keyFor('mina'), key);
    });
  });
}
