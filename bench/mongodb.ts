import { randomUUID } from 'node:crypto';
import { at, built, put, sample, thing } from '../core/read-model/contract-sample.ts';
import { Documents } from '../stores/read-models/mongodb/documents.ts';
import { mongoReadModels } from '../stores/read-models/mongodb.ts';
import { noMongo, serverName, startMongo, withMongo } from '../test/support/mongodb.ts';
import { alternate, figure, report, timed } from './harness.ts';

/** New rows through the adapter, in commits as a rebuild makes them, against the driver's own bulkWrite of the same documents. */
const ROWS = 5000;
const IN_A_COMMIT = 1000;

const rows = Array.from({ length: ROWS }, (_, i) =>
  thing(`key-${String(i).padStart(6, '0')}`, { label: `재료 ${i}`, rank: i, extra: { lines: [i, 'x'.repeat(200)] } }),
);
const batches = Array.from({ length: ROWS / IN_A_COMMIT }, (_, i) =>
  rows.slice(i * IN_A_COMMIT, (i + 1) * IN_A_COMMIT),
);

if (noMongo) {
  console.error(`NOT MEASURED: ${noMongo}`);
} else {
  const ends: (() => Promise<void>)[] = [];
  const { url } = await startMongo({ after: end => ends.push(end) });
  const documents = new Documents(sample.columns);
  const { adapter, driver } = await alternate({
    adapter: async () => {
      const models = mongoReadModels(`${url}${randomUUID()}`);
      const model = await built(models, sample, 0);
      const ms = await timed(async () => {
        for (const [i, batch] of batches.entries()) {
          await model.commit(put(i + 1, ...batch), [], i === 0 ? undefined : at(i), at(i + 1));
        }
      });
      await models.close();
      return ms;
    },
    driver: () =>
      withMongo(url, async client => {
        const collection = client.db(randomUUID()).collection<{ _id: string }>('rows');
        await collection.countDocuments();
        return timed(async () => {
          for (const [i, batch] of batches.entries()) {
            const replacements = put(i + 1, ...batch).map(change => documents.documentOf(change));
            const upserts = replacements.map(replacement => ({
              replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
            }));
            await collection.bulkWrite(upserts, { ordered: false });
          }
        });
      }),
  });
  for (const end of ends.reverse()) await end();
  const perSecond = (all: number[]) => all.map(ms => (ROWS / ms) * 1000);
  report([
    figure(`rows into ${serverName} / bare bulkWrite`, '1/s', perSecond(adapter), perSecond(driver), { least: 0.8 }),
  ]);
}
