import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { newcomer, stage } from './testing.ts';

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
