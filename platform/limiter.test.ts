import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { KeyStore } from '../core/keys/port.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { sqliteKeyValue } from '../stores/key-value/sqlite.ts';
import { type Limit, limiter } from './limiter.ts';

const LIMIT: Limit = { name: 'commands', most: 10, seconds: 60, code: 'too-many-requests', what: 'commands' };
const tooMany = (retryAfter: number) => ({ code: 429, type: 'too-many-requests', data: { problem: true, retryAfter } });

function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  let now = Date.parse('2026-03-10T08:00:00.000Z');
  const keys = { hmacSecret: randomBytes(32) } as unknown as KeyStore;
  const open = () => {
    const keyValue = keep(sqliteKeyValue(path('kv.db'), () => new Date(now)));
    return { keyValue, ...limiter({ keyValue, keys }) };
  };
  return {
    open,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

test('of a hundred callers at once, on two nodes, as many pass as may', async t => {
  const { open } = stage(t);
  const nodes = [open(), open()];
  const taken = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => nodes[n % 2]!.take(LIMIT, 'mina')));
  assert.equal(taken.filter(({ status }) => status === 'fulfilled').length, 10);
  await nodes[0]!.take(LIMIT, 'jun');
});

test('a limit says how long it lasts, survives a restart, and ends as a whole', async t => {
  const { open, pass } = stage(t);
  const before = open();
  for (let n = 0; n < 10; n++) await before.take(LIMIT, 'mina');
  await before.keyValue.close();
  pass(20);
  const after = open();
  await assert.rejects(after.take(LIMIT, 'mina'), tooMany(40));
  await assert.rejects(after.require(LIMIT, 'mina'), tooMany(40));
  pass(39.5);
  await assert.rejects(after.take(LIMIT, 'mina'), tooMany(1));
  pass(0.5);
  for (let n = 0; n < 10; n++) await after.take(LIMIT, 'mina');
});

test('a clock that is set back does not extend a limit', async t => {
  const { open, pass } = stage(t);
  const limit = open();
  for (let n = 0; n < 10; n++) await limit.take(LIMIT, 'mina');
  pass(-86_400);
  await assert.rejects(limit.take(LIMIT, 'mina'), tooMany(60));
  pass(60);
  await limit.take(LIMIT, 'mina');
});

test('what is given back or forgotten may be taken again', async t => {
  const { open } = stage(t);
  const limit = open();
  for (let n = 0; n < 10; n++) await limit.take(LIMIT, 'mina');
  await limit.giveBack(LIMIT, 'mina');
  await limit.take(LIMIT, 'mina');
  await limit.forget(LIMIT, 'mina');
  for (let n = 0; n < 3; n++) await limit.giveBack(LIMIT, 'mina');
  for (let n = 0; n < 10; n++) await limit.take(LIMIT, 'mina');
  await assert.rejects(limit.take(LIMIT, 'mina'), tooMany(60));
});
