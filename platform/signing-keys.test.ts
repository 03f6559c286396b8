import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Unavailable } from '../core/errors.ts';
import type { SigningKeys } from '../core/keys/port.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { sqliteKeyStore } from '../stores/keys/sqlite.ts';
import { KnownSigningKeys } from './signing-keys.ts';

const HOUR_MS = 3_600_000;

/** A node and an operator, each with a handle of its own on one key store. */
function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  const operator = keep(sqliteKeyStore(path('keys.db')));
  const keys = keep(sqliteKeyStore(path('keys.db')));
  let now = 0;
  const reads: number[] = [];
  let away = false;
  const counted = {
    ...keys,
    async signingKeys(): Promise<SigningKeys> {
      reads.push(now);
      if (away) throw new Unavailable('the key store is away');
      return keys.signingKeys();
    },
  };
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return {
    operator,
    reads,
    known: new KnownSigningKeys(counted, () => now),
    pass(ms: number): void {
      now += ms;
      t.mock.timers.tick(ms);
    },
    goAway(isAway: boolean): void {
      away = isAway;
    },
  };
}

const turns = async (count = 20) => {
  for (let n = 0; n < count; n++) await new Promise(setImmediate);
};

test('a key that another node made is found at once, if the store was not read just now', async t => {
  const { operator, known, reads, pass } = stage(t);
  const { kid: before } = await known.current();
  pass(1000);
  const kid = await operator.rotateSigningKey(HOUR_MS);
  assert.ok(await known.publicKey(kid));
  assert.ok(await known.publicKey(before));
  assert.equal((await known.current()).kid, kid);
  assert.deepEqual(reads, [0, 1000]);
});

test('a flood of unknown key ids costs one read of the store a second, and a good one among them is found', async t => {
  const { operator, known, reads, pass } = stage(t);
  await known.current();
  const kid = await operator.rotateSigningKey(HOUR_MS);
  const flood = () => Array.from({ length: 1000 }, (_, n) => known.publicKey(`unknown-${n}`));
  const first = flood();
  const good = known.publicKey(kid);
  await turns();
  assert.deepEqual(reads, [0]);
  for (let n = 0; n < 10; n++) {
    pass(100);
    first.push(...flood());
    await turns(2);
  }
  assert.ok(await good);
  assert.deepEqual(reads, [0, 1000]);
  first.push(...flood());
  pass(1000);
  const answers = await Promise.all(first);
  assert.equal(answers.filter(key => key !== undefined).length, 0);
  assert.deepEqual(reads, [0, 1000, 2000]);
});

test('once a minute a node notices by itself which key to sign with, and which ones were dropped', async t => {
  const { operator, known, pass } = stage(t);
  const { kid: before } = await known.current();
  const kid = await operator.rotateSigningKey(0);
  pass(59_999);
  assert.equal((await known.current()).kid, before);
  pass(1);
  assert.equal((await known.current()).kid, kid);
  assert.equal(await known.publicKey(before), undefined);
});

test('while the store is away the known keys are used on; an unknown one may come later', async t => {
  const { known, pass, goAway } = stage(t);
  goAway(true);
  await assert.rejects(known.current(), Unavailable);
  await assert.rejects(known.publicKey('unknown'), Unavailable);
  goAway(false);
  const { kid } = await known.current();
  goAway(true);
  pass(60_000);
  assert.equal((await known.current()).kid, kid);
  assert.ok(await known.publicKey(kid));
  pass(1000);
  await assert.rejects(known.publicKey('unknown'), Unavailable);
});
