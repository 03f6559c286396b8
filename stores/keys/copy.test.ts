import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { copyKeys, type KeyEntries } from '../../core/keys/copy.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteKeyEntries, sqliteKeyStore } from './sqlite.ts';

async function filled(t: TestContext, members: number) {
  const { path, keep } = testFolder(t);
  const keys = keep(sqliteKeyStore(path('from.db')));
  const source = keep(sqliteKeyEntries(path('from.db')));
  const entries = Array.from({ length: members }, (_, n) => ({ subject: `member-${n}`, keyId: `key-${n}` }));
  await source.addSubjects(entries.map(entry => ({ ...entry, key: randomBytes(32), erasedAt: undefined })));
  await keys.forget('member-1');
  await keys.forget('never there');
  return { keys, path, keep, source };
}

test('a copied key store has the same secrets, keys and tombstones', async t => {
  const { keys, path, keep, source } = await filled(t, 1201);
  const target = keep(sqliteKeyEntries(path('to.db')));
  assert.deepEqual(await copyKeys(source, target), { keys: 1200, erased: 2 });
  await target.close();
  const copied = keep(sqliteKeyStore(path('to.db')));
  const { identity, hmacSecret } = keys;
  assert.deepEqual([copied.identity, copied.hmacSecret], [identity, hmacSecret]);
  assert.deepEqual(await copied.signingKeys(), await keys.signingKeys());
  for (const n of [0, 1200]) assert.deepEqual(await copied.keyFor(`member-${n}`), await keys.keyFor(`member-${n}`));
  for (const gone of ['member-1', 'never there']) assert.equal(await copied.keyFor(gone), 'erased');
});

test('an interrupted copy has no secrets yet; the next one completes it, and brings what was forgotten meanwhile', async t => {
  const { keys, path, keep, source } = await filled(t, 1201);
  const target = keep(sqliteKeyEntries(path('to.db')));
  let pages = 0;
  const interrupted: KeyEntries = {
    ...target,
    addSubjects: async page => {
      if (++pages === 2) throw new Error('interrupted');
      await target.addSubjects(page);
    },
  };
  await assert.rejects(copyKeys(source, interrupted), /interrupted/);
  assert.deepEqual(await target.secrets(), {});
  await keys.forget('member-0');
  assert.deepEqual(await copyKeys(source, target), { keys: 1199, erased: 3 });
  await target.close();
  assert.equal(await keep(sqliteKeyStore(path('to.db'))).keyFor('member-0'), 'erased');
});

test('a store with keys of its own is refused, and stays as it is', async t => {
  const { path, keep, source } = await filled(t, 3);
  const own = keep(sqliteKeyStore(path('own.db')));
  await own.ensure('otto');
  const target = keep(sqliteKeyEntries(path('own.db')));
  const before = await target.subjects(undefined, 10);
  await assert.rejects(copyKeys(source, target), /own\.db holds the keys of another log, or new ones/);
  assert.deepEqual(await target.subjects(undefined, 10), before);
});

test('a store without secrets has nothing to copy', async t => {
  const { path, keep, source } = await filled(t, 1);
  const empty = keep(sqliteKeyEntries(path('empty.db')));
  await assert.rejects(copyKeys(empty, source), /there are no keys in .*empty\.db/);
});

test('a copy that differs from its source is not given the secrets', async t => {
  const { path, keep, source } = await filled(t, 3);
  const target = keep(sqliteKeyEntries(path('to.db')));
  await target.addSubjects([{ subject: 'otto', keyId: 'k', key: Buffer.alloc(32, 7), erasedAt: undefined }]);
  await assert.rejects(copyKeys(source, target), /are not the same as those in/);
  assert.deepEqual(await target.secrets(), {});
});
