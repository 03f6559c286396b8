import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { readModelContract } from '../../core/read-model/contract.ts';
import { at, built, put, sample, thing } from '../../core/read-model/contract-sample.ts';
import type { ReadModels } from '../../core/read-model/port.ts';
import { damage, testFolder } from '../../core/testing/test-folder.ts';
import { sqliteReadModels } from './sqlite.ts';

readModelContract('SQLite in memory', async () => {
  const models = sqliteReadModels(':memory:');
  return { models, close: () => models.close() };
});

readModelContract('SQLite in a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-test-'));
  const handles: ReadModels[] = [];
  const another = async () => {
    const models = sqliteReadModels(join(folder, 'views.db'));
    handles.push(models);
    return models;
  };
  return {
    models: await another(),
    reopen: another,
    async close() {
      for (const handle of handles) await handle.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

describe('SQLite read models', () => {
  test('a commit that fills the disk is Unavailable and leaves the old rows and checkpoint', async t => {
    const { path, keep } = testFolder(t);
    const small = keep(sqliteReadModels(path('views.db'), { maxPages: 40 }));
    const model = await built(small, sample, 0);
    await model.commit(put(1, thing('milk')), [], undefined, at(1));
    const large = Array.from({ length: 100 }, (_, i) => thing(`row-${i}`, { label: 'x'.repeat(4096) }));
    const changes = [...put(2, thing('milk', { size: 2 })), ...put(2, ...large)];
    const parked = [{ key: 'x', position: 2, error: 'oops', skipped: 0 }];
    await assert.rejects(model.commit(changes, parked, at(1), at(2)), Unavailable);
    assert.deepEqual(await model.checkpoint(), at(1));
    assert.deepEqual(await model.find(), [thing('milk')]);
    assert.deepEqual(await model.parked(), []);
    assert.equal(await model.commit(put(2, thing('tofu')), [], at(1), at(2)), 'committed');

    const roomy = await built(keep(sqliteReadModels(path('views.db'))), sample, 0);
    assert.equal(await roomy.commit(put(3, ...large), parked, at(2), at(3)), 'committed');
    assert.equal(await model.count(), 102);
  });

  test('every method throws Unavailable if the file cannot be read', async t => {
    const { path, keep } = testFolder(t);
    const full = await built(keep(sqliteReadModels(path('views.db'))), sample, 0);
    await full.commit(put(1, thing('milk')), [{ key: 'x', position: 1, error: 'oops', skipped: 0 }], undefined, at(1));
    const models = keep(sqliteReadModels(path('views.db')));
    const model = await models.generation(sample, 0);
    damage(path('views.db'));
    const questions = {
      lease: () => models.lease('projector'),
      served: () => models.served(sample),
      checkpoints: () => models.checkpoints(),
      checkpoint: () => model.checkpoint(),
      load: () => model.load(['milk']),
      parked: () => model.parked(),
      find: () => model.find(),
      count: () => model.count(),
      changed: () => model.changed(0, 10),
    };
    for (const [name, ask] of Object.entries(questions)) {
      await assert.rejects(async () => ask(), Unavailable, name);
    }
  });

  test('a value that does not fit its column is not reported as an unavailable store', async t => {
    const model = await built(testFolder(t).keep(sqliteReadModels(':memory:')), sample, 0);
    const wrong = put(1, thing('milk', { size: 1.5 }));
    await assert.rejects(model.commit(wrong, [], undefined, at(1)), error => !(error instanceof Unavailable));
  });
  test('a read-only handle opens built generations and creates nothing', async t => {
    const { path, keep } = testFolder(t);
    const models = keep(sqliteReadModels(path('views.db')));
    const reader = keep(sqliteReadModels(path('views.db'), { readOnly: true }));
    await assert.rejects(reader.generation(sample, 0), Unavailable);
    const model = await built(models, sample, 0);
    await model.commit(put(1, thing('milk')), [], undefined, at(1));
    await models.serve(sample, 0);
    assert.deepEqual(await (await reader.generation(sample, 0)).find({ atLeast: 1 }), [thing('milk')]);
    await assert.rejects(reader.generation(sample, 1), Unavailable);
    assert.deepEqual(await reader.versions(sample.name), [1]);
  });
});
