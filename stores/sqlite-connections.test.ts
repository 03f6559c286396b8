import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';
import { Unavailable } from '../core/errors.ts';
import { catchUp } from '../core/projector.ts';
import { openSubscriber } from '../core/subscriber.ts';
import { added, contents, LOG, note, totals } from '../core/testing/projector-sample.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { sqliteEventStore } from './event-log/sqlite.ts';
import { sqliteReadModels } from './read-models/sqlite.ts';

test('a commit reaches the file itself within ten seconds, even with few writes', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { path, keep } = testFolder(t);
  const store = keep(sqliteEventStore(path('log.db')));
  const position = await note(store, 'box-1', added('milk', 1));
  // As when files are copied by hand, or lost after a kill: the write-ahead log is missing.
  const copied = async (name: string) => {
    cpSync(path('log.db'), path(name));
    return (await keep(sqliteEventStore(path(name))).head()).position;
  };
  assert.equal(await copied('before.db'), 0);
  t.mock.timers.tick(10_000);
  assert.equal(await copied('after.db'), position);
});

test('a closed file is not accessed any more', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { path } = testFolder(t);
  await sqliteEventStore(path('log.db')).close();
  assert.doesNotThrow(() => t.mock.timers.tick(60_000));
});

test('a read-only connection sees the commits of others and cannot write', async t => {
  const { path, keep } = testFolder(t);
  const writer = { log: keep(sqliteEventStore(path('log.db'))), views: keep(sqliteReadModels(path('views.db'))) };
  const reader = {
    log: keep(sqliteEventStore(path('log.db'), { readOnly: true })),
    views: keep(sqliteReadModels(path('views.db'), { readOnly: true })),
  };
  const position = await note(writer.log, 'box-1', added('milk', 1));
  assert.equal(await reader.log.headPosition(), position);
  await assert.rejects(note(reader.log, 'box-2', added('milk', 1)), Unavailable);

  const fed = await openSubscriber(reader.log, writer.views, LOG, totals(), 0);
  await catchUp(reader.log, LOG, fed, { onError: 'stop' });
  const seen = await openSubscriber(reader.log, reader.views, LOG, totals(), 0);
  assert.deepEqual(await contents(seen), await contents(fed));
  await assert.rejects(reader.views.serve(totals(), 0), Unavailable);
  assert.equal(await reader.log.headPosition(), position);
});
