import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { anyOrder, anyRows, mostlyAll, walk } from '../../core/read-model/contract-find.ts';
import { at, built, put, sample } from '../../core/read-model/contract-sample.ts';
import type { ReadModels } from '../../core/read-model/port.ts';
import { mongoReadModels } from '../../stores/read-models/mongodb.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import * as mongo from '../support/mongodb.ts';

type Open = (t: TestContext) => ReadModels | Promise<ReadModels>;

/** Names and texts that stores are known to confuse or to sort by a language. */
const TEXTS = [
  '가',
  '각',
  '나',
  '까',
  '김치',
  'KIM',
  'kim',
  'Kim',
  'é',
  'é'.normalize('NFD'),
  'e',
  'z',
  'ß',
  'ss',
  'ﬀ',
];
const RUNS = 100;

/** @param stores the first is the measure of the others */
function sameAnswers(stores: Readonly<Record<string, Open>>): void {
  const opened = async (t: TestContext) => {
    const all = await Promise.all(
      Object.entries(stores).map(async ([name, open]) => ({ name, models: await open(t) })),
    );
    return all as [{ name: string; models: ReadModels }, ...{ name: string; models: ReadModels }[]];
  };

  test('of random rows, to random questions, page by page', async t => {
    const [measure, ...others] = await opened(t);
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.subarray(TEXTS),
        mostlyAll,
        anyOrder,
        fc.integer({ min: 1, max: 7 }),
        async (random, texts, where, order, limit) => {
          const rows = new Map(random.map(row => [row.id, row]));
          for (const [size, text] of texts.entries()) rows.set(text, { id: text, size, label: text });
          generation++;
          const answer = async (models: ReadModels) => {
            const model = await built(models, sample, generation);
            await model.commit(put(1, ...rows.values()), [], undefined, at(1));
            const query = { where, ...order };
            const answers = {
              found: await model.find(query),
              pages: await walk(model, { ...query, limit }),
              count: await model.count(where),
              changed: await model.changed(0, limit),
            };
            await models.drop(sample, generation);
            return answers;
          };
          const expected = await answer(measure.models);
          for (const { name, models } of others) assert.deepEqual(await answer(models), expected, name);
        },
      ),
      { seed: 20260310, numRuns: RUNS },
    );
  });
}

describe(`SQLite and ${mongo.serverName} give the same answers`, { skip: mongo.skip }, () => {
  const server = mongo.suiteMongo();
  sameAnswers({
    SQLite: t => {
      const models = sqliteReadModels(':memory:');
      t.after(() => models.close());
      return models;
    },
    MongoDB: t => {
      const { url, drop } = mongo.ownDatabase(server());
      const models = mongoReadModels(url);
      t.after(async () => {
        await models.close();
        await drop();
      });
      return models;
    },
  });
});
