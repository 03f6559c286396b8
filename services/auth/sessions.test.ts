import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { verifyAccessToken } from '../../platform/access-token.ts';
import { sqliteKeyValue } from '../../stores/key-value/sqlite.ts';
import { sessions } from './sessions.ts';
import { newcomer, stage } from './testing.ts';

const DAY = 86_400;

test('a refresh that fails half-way leaves the token good', async t => {
  const { store, node } = stage(t);
  let away = false;
  const register = await node();
  const { refreshToken } = await register('register', newcomer());
  const ask = await node({
    read(stream, options) {
      if (away) throw new Unavailable('the store is away');
      return store.read(stream, options);
    },
  });
  away = true;
  for (const _ of [1, 2]) {
    await assert.rejects(ask('refresh', {}, { refreshToken: refreshToken! }), { code: 503, type: 'unavailable' });
  }
  away = false;
  const next = await ask('refresh', {}, { refreshToken: refreshToken! });
  assert.notEqual(next.refreshToken, refreshToken);
  assert.equal((await ask('refresh', {}, { refreshToken: next.refreshToken! })).body.expiresIn, 900);
});

test('a session ends after thirty days without use, and after a year in all', async t => {
  const { keys, keyValue, pass } = stage(t);
  const devices = sessions({ keys, keyValue });
  const invalid = { code: 401, type: 'token-invalid' };
  const idle = await devices.begin('mina');
  pass(30 * DAY);
  await assert.rejects(devices.find(idle.refreshToken), invalid);

  let used = await devices.begin('mina');
  for (let day = 0; day < 364; day += 28) {
    pass(28 * DAY);
    used = { ...used, refreshToken: await devices.renew(await devices.find(used.refreshToken)) };
  }
  pass(DAY - 1);
  used = { ...used, refreshToken: await devices.renew(await devices.find(used.refreshToken)) };
  pass(1);
  await assert.rejects(devices.find(used.refreshToken), invalid);
});

test('a session that an earlier release began goes on, and its year begins with its next use', async t => {
  const { keys, keyValue, pass } = stage(t);
  const devices = sessions({ keys, keyValue });
  const { sessionId, refreshToken } = await devices.begin('mina');
  const { begun: _, ...earlier } = JSON.parse((await keyValue.get(`session:${sessionId}`))!) as { begun: number };
  await keyValue.set(`session:${sessionId}`, JSON.stringify(earlier), 30 * DAY);
  const next = await devices.renew(await devices.find(refreshToken));
  pass(30 * DAY - 1);
  assert.equal((await devices.find(next)).memberId, 'mina');
});

test('a member has at most fifty sessions: the oldest that still lives gives way, with its access token', async t => {
  const { keys, keyValue, node } = stage(t);
  const ask = await node();
  const { body, refreshToken } = await ask('register', newcomer());
  const devices = sessions({ keys, keyValue });
  const { memberId } = body.member as { memberId: string };
  const second = await devices.begin(memberId);
  await devices.end((await devices.begin(memberId)).sessionId);
  for (let n = 0; n < 48; n++) await devices.begin(memberId);
  await devices.begin('jun');
  assert.equal((await verifyAccessToken(keys, keyValue, body.accessToken)).memberId, memberId);
  await devices.begin(memberId);
  await assert.rejects(verifyAccessToken(keys, keyValue, body.accessToken), { code: 401, type: 'token-revoked' });
  await assert.rejects(ask('refresh', {}, { refreshToken: refreshToken! }), { code: 401, type: 'token-invalid' });
  assert.equal((await devices.find(second.refreshToken)).sessionId, second.sessionId);
});

test('sessions that begin at the same moment are all counted', async t => {
  const { keys, keyValue } = stage(t);
  const devices = sessions({ keys, keyValue });
  for (let n = 0; n < 45; n++) await devices.begin('mina');
  const ten = await Promise.all(Array.from({ length: 10 }, () => devices.begin('mina')));
  const found = await Promise.allSettled(ten.map(({ refreshToken }) => devices.find(refreshToken)));
  assert.deepEqual(
    found.map(({ status }) => status),
    ten.map(() => 'fulfilled'),
  );
  const list = JSON.parse((await keyValue.get('sessions:mina'))!) as string[];
  assert.deepEqual([list.length, new Set(list).size], [50, 50]);
  assert.deepEqual(list.slice(-10).sort(), ten.map(({ sessionId }) => sessionId).sort());
});

test('an emptied session store refuses every access token from before, logged out or not', async t => {
  const { keys, keyValue, clock, node } = stage(t);
  const ask = await node();
  const { body } = await ask('register', newcomer());
  const { sessionId } = await verifyAccessToken(keys, keyValue, body.accessToken);
  await sessions({ keys, keyValue }).end(sessionId);
  const emptied = sqliteKeyValue(':memory:', clock);
  t.after(() => emptied.close());
  const other = await ask('register', newcomer());
  for (const token of [body.accessToken, other.body.accessToken]) {
    await assert.rejects(verifyAccessToken(keys, emptied, token), { code: 401, type: 'token-revoked' });
  }
  assert.equal((await verifyAccessToken(keys, keyValue, other.body.accessToken)).language, 'ko');
});

test('a clock that is set back revives neither an expired token nor one that was logged out', async t => {
  const { keys, keyValue, node, pass } = stage(t);
  const ask = await node();
  const [{ body: expired }, { body: left }] = [await ask('register', newcomer()), await ask('register', newcomer())];
  const { sessionId } = await verifyAccessToken(keys, keyValue, left.accessToken);
  await sessions({ keys, keyValue }).end(sessionId);
  pass(2000);
  await keyValue.set('any', 'thing', 60); // sweeps what has run out
  pass(-1999);
  for (const token of [expired.accessToken, left.accessToken]) {
    await assert.rejects(verifyAccessToken(keys, keyValue, token), { code: 401, type: 'token-expired' });
  }
  const { body } = await ask('register', newcomer());
  assert.equal((await verifyAccessToken(keys, keyValue, body.accessToken)).memberId, body.member.memberId);
});
