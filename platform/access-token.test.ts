import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { testFolder } from '../core/testing/test-folder.ts';
import { sqliteKeyValue } from '../stores/key-value/sqlite.ts';
import { sqliteKeyStore } from '../stores/keys/sqlite.ts';
import { ACCESS_SECONDS, revokeSession, signAccessToken, verifyAccessToken } from './access-token.ts';

const bearer = { memberId: 'm1', sessionId: 's1', language: 'ko' } as const;

function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  let now = Date.parse('2026-03-10T08:00:00Z');
  const keys = keep(sqliteKeyStore(path('keys.db')));
  const keyValue = keep(sqliteKeyValue(path('kv.db'), () => new Date(now)));
  return {
    keyValue,
    sign: (sessionId: string = bearer.sessionId) => signAccessToken(keys, keyValue, { ...bearer, sessionId }),
    verify: (token: string) => verifyAccessToken(keys, keyValue, token),
    pass(seconds: number) {
      now += seconds * 1000;
    },
  };
}
const refused = (code: string) => ({ code: 401, type: code });

test('the signature of a token is checked once, however often it comes', async t => {
  const { sign, verify } = stage(t);
  const [token, other] = [await sign(), await sign('s2')];
  const checks = t.mock.method(crypto, 'createVerify');
  for (let n = 0; n < 10; n++) assert.deepEqual(await verify(token), bearer);
  assert.equal(checks.mock.callCount(), 1);
  assert.equal((await verify(other)).sessionId, 's2');
  assert.equal(checks.mock.callCount(), 2);
});

test('a token that was good before is refused once it has expired, and not a second earlier', async t => {
  const { sign, verify, pass } = stage(t);
  const token = await sign();
  assert.deepEqual(await verify(token), bearer);
  pass(ACCESS_SECONDS - 1);
  assert.deepEqual(await verify(token), bearer);
  pass(1);
  await assert.rejects(verify(token), refused('token-expired'));
});

test('a token that was good before is refused once its session has ended', async t => {
  const { sign, verify, keyValue } = stage(t);
  const [token, other] = [await sign(), await sign('s2')];
  for (const one of [token, other]) await verify(one);
  await revokeSession(keyValue, 's1');
  await assert.rejects(verify(token), refused('token-revoked'));
  assert.equal((await verify(other)).sessionId, 's2');
});

test('a token that differs by one character is no token, also beside the good one', async t => {
  const { sign, verify } = stage(t);
  const token = await sign();
  await verify(token);
  for (const at of [5, token.indexOf('.') + 5, token.length - 10]) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    await assert.rejects(verify(changed), refused('token-invalid'));
  }
});
