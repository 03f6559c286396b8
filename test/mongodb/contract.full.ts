import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cases, properties } from '../../core/read-model/contract.ts';
import type { OpenedReadModels } from '../../core/read-model/contract-sample.ts';
import type { ReadModels } from '../../core/read-model/port.ts';
import { mongoReadModels } from '../../stores/read-models/mongodb.ts';
import { isFerret, ownDatabase, serverName, skip, suiteMongo } from '../support/mongodb.ts';

/** A MongoDB compares and writes a document in one step; FerretDB 1.24 finds it first, and writes it then. */
const ATOMIC = [
  'checkpoint and rows: of concurrent first commits one wins',
  'checkpoint and rows: of two commits from one checkpoint one wins',
];
const NOT_ATOMIC = 'NOT TESTED: FerretDB 1.24 does not update a document atomically; MONGODB_URL names a MongoDB';

async function open(url: string, dropped: () => Promise<unknown>): Promise<OpenedReadModels> {
  const handles: ReadModels[] = [];
  const reopen = async () => {
    const models = mongoReadModels(url);
    await models.prepare();
    handles.push(models);
    return models;
  };
  return {
    models: await reopen(),
    reopen,
    async close() {
      for (const handle of handles) await handle.close();
      await dropped();
    },
  };
}

for (const title of ATOMIC) assert.ok(cases.has(title), `there is no case called "${title}"`);

describe(`read models on ${serverName}`, { skip }, () => {
  const server = suiteMongo();
  for (const [title, run] of [...cases, ...properties]) {
    test(title, { skip: isFerret && ATOMIC.includes(title) && NOT_ATOMIC }, async t => {
      const { url, drop } = ownDatabase(server());
      const reason = await run(() => open(url, drop));
      if (reason) t.skip(reason);
    });
  }
});
