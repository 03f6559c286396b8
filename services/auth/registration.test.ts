import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { type Ask, newcomer, stage } from './testing.ts';

const MINUTES = 60;

/** A log where something happens before or after the first append to a stream of this family, and may throw. */
function around(
  store: EventStore,
  family: string,
  { before, after }: { before?: () => Promise<unknown>; after?: () => Promise<unknown> },
): Partial<EventStore> {
  let seen = false;
  return {
    async append(stream, events, expected) {
      const isFirst = !seen && stream.startsWith(`${family}-`);
      if (!isFirst) return store.append(stream, events, expected);
      seen = true;
      await before?.();
      const appended = await store.append(stream, events, expected);
      await after?.();
      return appended;
    },
  };
}
const away = async () => {
  throw new Unavailable('the store is away');
};
const key = { idempotencyKey: 'k' };

test('a try that fails leaves the names to a copy of it that came through', async t => {
  const { store, node } = stage(t);
  const mina = newcomer();
  const other = await node();
  const failing = await node(around(store, 'email', { before: () => other('register', mina, key).then(away) }));
  await assert.rejects(failing('register', mina, key), { code: 503, type: 'unavailable' });
  const stranger = { ...newcomer(), nickname: mina.nickname };
  await assert.rejects(other('register', stranger), { code: 409, type: 'nickname-taken' });
  const { email, password } = mina;
  assert.equal((await other('login', { email, password })).body.member.nickname, mina.nickname);
});

test('what a failed try reserved is for whoever tries the same again, until it lapses', async t => {
  const { store, node, pass } = stage(t);
  const mina = newcomer();
  const other = await node();
  const failing = await node(around(store, 'email', { before: away }));
  await assert.rejects(failing('register', mina, key), { code: 503 });
  const stranger = { ...newcomer(), nickname: mina.nickname };
  await assert.rejects(other('register', stranger), { code: 409, type: 'nickname-taken' });
  pass(9 * MINUTES);
  assert.equal((await failing('register', mina, key)).body.member.nickname, mina.nickname);
  pass(2 * MINUTES);
  await assert.rejects(other('register', stranger), { code: 409, type: 'nickname-taken' });
});

test('a registration that took too long gives its other name back', async t => {
  const { store, node, pass } = stage(t);
  const [mina, quick] = [newcomer(), newcomer()];
  const other = await node();
  const slow = await node(
    around(store, 'nickname', {
      async after() {
        pass(11 * MINUTES);
        await other('register', { ...quick, nickname: mina.nickname });
      },
    }),
  );
  await assert.rejects(slow('register', mina), { code: 409, type: 'registration-lapsed' });
  const again = await other('register', { ...mina, nickname: newcomer().nickname });
  assert.equal(again.body.member.email, mina.email);
});

test('a refused try gives back what it reserved itself, and nothing that an earlier one did', async t => {
  const { store, node } = stage(t);
  await refusedTry(await node(around(store, 'member', { before: away })));
});

test('a refusal by another node is a refusal: the names are given back', async t => {
  const { store, apart } = stage(t);
  await refusedTry(await apart(around(store, 'member', { before: away })));
});

/** The fridge refuses the second try: its key was used with another request. */
async function refusedTry(ask: Ask): Promise<void> {
  const [mina, another] = [newcomer(), newcomer()];
  await assert.rejects(ask('register', mina, key), { code: 503 });
  const changed = { ...mina, nickname: another.nickname };
  await assert.rejects(ask('register', changed, key), { code: 422, type: 'idempotency-key-reused' });
  for (const taken of ['nickname', 'email'] as const) {
    const stranger = { ...newcomer(), [taken]: mina[taken] };
    await assert.rejects(ask('register', stranger), { code: 409, type: `${taken}-taken` });
  }
  assert.equal((await ask('register', another)).body.member.nickname, another.nickname);
  assert.equal((await ask('register', mina, key)).body.member.nickname, mina.nickname);
}

test('a repeated registration computes one hash, as the first did', async t => {
  const scrypt = t.mock.method(crypto, 'scrypt');
  syncBuiltinESMExports();
  const ask = await stage(t).node();
  const mina = newcomer();
  const first = await ask('register', mina, key);
  assert.equal(scrypt.mock.callCount(), 1);
  assert.deepEqual((await ask('register', mina, key)).body.member, first.body.member);
  assert.equal(scrypt.mock.callCount(), 2);
  t.mock.restoreAll();
  syncBuiltinESMExports();
});

test('a clock that is set back does not keep a name reserved for longer', async t => {
  const { store, node, pass } = stage(t);
  const mina = newcomer();
  const other = await node();
  const failing = await node(around(store, 'email', { before: away }));
  await assert.rejects(failing('register', mina, key), { code: 503 });
  const stranger = { ...newcomer(), nickname: mina.nickname };
  pass(-9 * MINUTES);
  await assert.rejects(other('register', stranger), { code: 409, type: 'nickname-taken' });
  pass(-24 * 60 * MINUTES);
  assert.equal((await other('register', stranger)).body.member.nickname, mina.nickname);
});
