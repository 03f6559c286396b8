import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { all, many } from '../../core/event-store/contract/tools.ts';
import { damage, testFolder } from '../../core/testing/test-folder.ts';
import { sqliteEventStore } from './sqlite.ts';

test('every method of a log whose file cannot be read throws Unavailable', async t => {
  const { path, keep } = testFolder(t);
  await keep(sqliteEventStore(path('log.db'))).append('box-1', many(3), 'none');
  const store = keep(sqliteEventStore(path('log.db')));
  damage(path('log.db'));
  await assert.rejects(store.head(), Unavailable);
  await assert.rejects(all(store.read('box-1')), Unavailable);
  await assert.rejects(store.append('box-1', many(1), 2), Unavailable);
  for (const live of [false, true]) {
    const signal = AbortSignal.timeout(5000);
    await assert.rejects(all(store.follow({ after: 0, live, signal })), Unavailable);
  }
});
