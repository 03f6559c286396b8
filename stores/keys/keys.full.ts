import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteKeyStore } from './sqlite.ts';

// A reader, such as a backup, keeps the write-ahead log from being cut off: SQLite gives up after five seconds.
test('a key that could not be wiped is not said to be forgotten', async t => {
  const { path, keep } = testFolder(t);
  const keys = keep(sqliteKeyStore(path('keys.db')));
  const filesWith = (secret: Uint8Array) =>
    ['keys.db', 'keys.db-wal', 'keys.db-shm'].filter(name => readFileSync(path(name)).includes(Buffer.from(secret)));
  const { key } = await keys.ensure('mina');
  const reader = keep(new DatabaseSync(path('keys.db')));
  reader.exec('BEGIN; SELECT count(*) FROM secrets');
  const outcome = await keys.forget('mina').then(
    () => 'forgotten',
    error => (error instanceof Unavailable ? 'unavailable' : String(error)),
  );
  assert.ok(
    outcome === 'unavailable' || (outcome === 'forgotten' && filesWith(key).length === 0),
    `${outcome}, and still there`,
  );

  reader.exec('COMMIT');
  await keys.forget('mina');
  assert.deepEqual(filesWith(key), []);
});
