import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { ServiceBroker } from 'moleculer';
import { openLog } from '../../core/log-identity.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { fridgeFamily } from '../../events/fridge.ts';
import { opened } from '../../events/testing.ts';
import { listening } from '../../platform/joint.ts';
import { Starting } from '../../platform/starting.ts';
import { advanced, since, Views } from '../../platform/views.ts';
import { fridges } from '../../projections/fridges.ts';
import recipesWith from '../../projections/recipes.ts';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import type { ViewStatus } from './projector.api.ts';
import projectorService from './projector.service.ts';

interface Status {
  readonly standingBy?: { holder: string; since: string };
  readonly stopped?: { name: string; message: string };
  readonly projections: readonly ViewStatus[];
  readonly rebuilding: readonly string[];
}

/** A projector on a log with some fridges; it is started by the test. */
async function stage(t: TestContext, count = 1) {
  const { folder, path, keep } = testFolder(t);
  const store = keep(sqliteEventStore(path('log.db')));
  const models = keep(sqliteReadModels(path('views.db')));
  const views = new Views({ relational: models, document: models }, store);
  const logId = await openLog(store, 'keys');
  const starting = new Starting();
  t.after(() => starting.ended());
  const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
  broker.createService(projectorService({ locations: { folder }, logId, store, starting }));
  let heard = Promise.withResolvers<void>();
  broker.createService({
    name: 'listener',
    events: listening(advanced, () => {
      heard.resolve();
      heard = Promise.withResolvers();
    }),
  });
  keep({ close: () => broker.stop() });
  const open = async (): Promise<number> => {
    const fridgeId = randomUUID();
    const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 };
    const proposed = { id: randomUUID(), event: opened({ fridgeId }), meta };
    return (await store.append(fridgeFamily.streamOf(fridgeId), [proposed], 'none')).position;
  };
  await Promise.all(Array.from({ length: count }, open));
  const status = () => broker.call<Status>('projector.status');
  return {
    broker,
    /** A second node on the same stores. */
    another() {
      const second = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
      second.createService(projectorService({ locations: { folder }, logId, store, starting }));
      keep({ close: () => second.stop() });
      return second;
    },
    store,
    models,
    views,
    open,
    viewsFile: () => keep(new DatabaseSync(path('views.db'))),
    /** Resolves when any view has advanced. */
    advanced: () => heard.promise,
    status,
    rebuild: () => broker.call<{ generation: number }, object>('projector.rebuild', { name: fridges.name }),
    async told(met: (fed: ViewStatus) => boolean): Promise<void> {
      for (;;) {
        const next = heard.promise;
        if ((await status()).projections.some(fed => fed.name === fridges.name && met(fed))) return;
        await next;
      }
    },
  };
}

/** What is told of the fridges, and of the projector. */
const toldOf = ({ stopped, projections, rebuilding }: Status) => {
  const { generation, position, live } = projections.find(({ name }) => name === fridges.name)!;
  return { stopped, rebuilding, generation, position, live };
};

test('a rebuild that cannot be promoted fails by itself: the view before it is served and fed on', async t => {
  const { broker, open, views, viewsFile, status, rebuild, told } = await stage(t);
  await broker.start();
  const file = viewsFile();
  // Only what is promoted gets its indexes, and this name is taken.
  const taken = `"${fridges.name}@${fridges.version}#1 by position"`;
  file.exec(`CREATE TABLE ${taken} (x INTEGER) STRICT`);
  await assert.rejects(rebuild(), /already a table/);

  const second = await open();
  await views.waitFor(fridges, since(second));
  await told(({ position }) => position === second);
  const before = { stopped: undefined, rebuilding: [], generation: 0, position: second, live: true };
  assert.deepEqual(toldOf(await status()), before);
  assert.equal(await views.count(fridges, {}), 2);

  file.exec(`DROP TABLE ${taken}`);
  assert.deepEqual(await rebuild(), { generation: 1 });
  const third = await open();
  await views.waitFor(fridges, since(third));
  await told(({ position }) => position === third);
  assert.deepEqual(toldOf(await status()), { ...before, generation: 1, position: third });
  assert.equal(await views.count(fridges, {}), 3);
});

test('a rebuild is not promoted before it has seen what is shown already', async t => {
  const { broker, open, views, rebuild } = await stage(t);
  await broker.start();
  for (let generation = 1; generation <= 3; generation++) {
    let promoted = false;
    const rebuilding = rebuild().finally(() => {
      promoted = true;
    });
    let shown = 0;
    while (!promoted) {
      await views.waitFor(fridges, since(await open()));
      const position = await views.checkpoint(fridges);
      assert.ok(position >= shown, `${shown} was shown, then ${position}`);
      shown = position;
    }
    assert.deepEqual(await rebuilding, { generation });
  }
});

test('a start that is stopped while it builds the views ends soon, and shows no view that is half built', async t => {
  const { broker, store, models, advanced } = await stage(t, 10_000);
  const starting = broker.start().then(
    () => 'started',
    () => 'stopped',
  );
  await advanced();
  await broker.stop();
  assert.equal(await starting, 'stopped');
  const model = await models.generation(fridges, 0);
  const { position } = (await model.checkpoint())!;
  assert.ok(position < (await store.head()).position, 'it has built all of it first');
  assert.equal(await models.served(fridges), undefined);
});

test('a projector that another one replaces stands by, says so, and refuses to rebuild', async t => {
  const { broker, another, open, views, status, rebuild } = await stage(t);
  await broker.start();
  assert.equal((await status()).standingBy, undefined);
  const second = another();
  await second.start();
  while (!(await status()).standingBy) await new Promise(setImmediate);
  const { standingBy, projections, stopped } = await status();
  assert.deepEqual([standingBy!.holder, projections, stopped], ['the only node', [], undefined]);
  await assert.rejects(rebuild(), { code: 409, type: 'projector-stands-by' });
  await views.waitFor(fridges, since(await open()));

  await second.stop();
  while ((await status()).standingBy) await new Promise(setImmediate);
  await views.waitFor(fridges, since(await open()));
  while (!(await status()).projections.some(({ name }) => name === fridges.name)) await new Promise(setImmediate);
  assert.deepEqual(await rebuild(), { generation: 1 });
});

test('an older version is dropped when an operator retires it; the one that is shown cannot be', async t => {
  const { broker, another, models } = await stage(t);
  const recipes = recipesWith(baseCatalogue);
  const { name, version } = recipes;
  for (const change of [-1, 1]) await models.build({ ...recipes, version: version + change }, 0);
  await broker.start();
  const retire = (version: number, of = name) => broker.call<object, object>('projector.retire', { name: of, version });
  for (const shown of [version, version + 1]) {
    await assert.rejects(retire(shown), { code: 409, type: 'not-retired', message: /only older ones can be retired/ });
  }
  assert.deepEqual(await models.versions(name), [version - 1, version, version + 1]);
  assert.deepEqual(await retire(version - 1), { version: version - 1 });
  assert.deepEqual(await models.versions(name), [version, version + 1]);
  await assert.rejects(retire(version - 1), {
    message: `there is no version ${version - 1} of ${name}: there is ${version}, ${version + 1}`,
  });
  await assert.rejects(retire(1, 'nonsense'), { code: 404 });

  const second = another();
  await second.start();
  while (!(await broker.call<Status>('projector.status')).standingBy) await new Promise(setImmediate);
  await assert.rejects(retire(version - 1), { code: 409, type: 'projector-stands-by' });
});

test('the version before the present one stays, older ones are dropped, newer ones are left alone', async t => {
  const { broker, models } = await stage(t);
  const recipes = recipesWith(baseCatalogue);
  const { name, version } = recipes;
  for (const change of [-2, -1, 1]) await models.build({ ...recipes, version: version + change }, 0);
  await broker.start();
  while ((await models.versions(name)).includes(version - 2)) await new Promise(setImmediate);
  assert.deepEqual(await models.versions(name), [version - 1, version, version + 1]);
});
