import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { testFolder } from '../core/testing/test-folder.ts';
import * as stores from './open.ts';

const eventStoreUrl = 'esdb://mina:secret@log.example:2113?tls=false';
const clock = () => new Date();

describe('without a data folder', () => {
  const refused = (name: string) => ({ message: `there is no data folder for ${name}: set ZIPBOB_DATA` });

  test('each store that would be a file in it names what to set', async () => {
    await assert.rejects(stores.openEventStore({}), refused('log.db'));
    await assert.rejects(stores.openKeyStore({ eventStoreUrl }), refused('keys.db'));
    await assert.rejects(stores.openKeyValue({ eventStoreUrl }, clock), refused('kv.db'));
    await assert.rejects(stores.openReadModels({ eventStoreUrl }), refused('views.db'));
  });

  test('a log in a server needs none', async () => {
    assert.equal(stores.logExists({ eventStoreUrl }), true);
    assert.equal(stores.logPlace({ eventStoreUrl }), 'esdb://log.example:2113');
    await (await stores.openEventStore({ eventStoreUrl })).close();
  });
});

test('a file in which nothing was written yet is no log', async t => {
  const { folder, path } = testFolder(t);
  mkdirSync(folder, { recursive: true });
  assert.deepEqual([stores.logExists({ folder }), await stores.keysExist({ folder })], [false, false]);
  writeFileSync(path('log.db'), '');
  assert.equal(stores.logExists({ folder }), false);
  writeFileSync(path('log.db'), 'SQLite format 3');
  assert.equal(stores.logExists({ folder }), true);
});
