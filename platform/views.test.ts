import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fact, family } from '../core/fact.ts';
import { type Projection, projection, text } from '../core/projection.ts';
import { advance, openSubscriber, type Subscriber } from '../core/subscriber.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { balanced } from './testing/replicas.ts';
import { since, Views } from './views.ts';

const LOG = 'log-of-the-test';
const things = family('thing', { ThingMade: fact<{ name: string }>() });
const shelf = projection({
  name: 'shelf',
  version: 1,
  store: 'relational',
  from: [things],
  columns: { name: text() },
  keys: ({ data }) => [data.name],
  on: { ThingMade: (_row, { data }) => ({ name: data.name }) },
});
const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 };

/** A log, and a view of it, which is fed when a test says so. */
async function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  const store = keep(sqliteEventStore(path('log.db')));
  const models = keep(sqliteReadModels(path('views.db')));
  let asked = 0;
  const views = new Views(
    { relational: models, document: models },
    {
      headPosition: () => {
        asked++;
        return store.headPosition();
      },
    },
  );
  const fed: Subscriber = await openSubscriber(store, models, LOG, shelf as Projection, 0);
  await models.serve(shelf as Projection, 0);
  return {
    ...{ store, models, path, keep },
    views,
    /** how often the log was asked for its head */
    asked: () => asked,
    async askedFor(times: number): Promise<void> {
      while (asked < times) await setImmediate();
    },
    async make(name: string): Promise<number> {
      const proposed = { id: randomUUID(), event: { type: 'ThingMade' as const, data: { name } }, meta };
      return (await store.append(things.streamOf(name), [proposed], 'none')).position;
    },
    async feed(): Promise<void> {
      for await (const { events, upTo } of store.follow({ after: 0, live: false })) {
        await advance(fed, LOG, events, upTo, { onError: 'stop' });
      }
      views.wake();
    },
  };
}

test('a read that waits for what the view has seen does not ask the log', async t => {
  const { views, make, feed, asked } = await stage(t);
  const position = await make('f1');
  await feed();
  assert.equal((await views.get(shelf, 'f1', since(position)))?.name, 'f1');
  assert.equal(await views.count(shelf, {}, since(position, position)), 1);
  assert.equal(asked(), 0);
});

test('a read waits until the view has seen the position, and asks the log once', async t => {
  const { views, make, feed, asked, askedFor } = await stage(t);
  const position = await make('f1');
  const found = views.find(shelf, {}, since(position));
  const changed = views.changed(shelf, { generation: -1, position: 0 }, 10, since(position));
  await askedFor(2);
  await feed();
  assert.equal((await found).length, 1);
  assert.equal((await changed).changes.length, 1);
  assert.equal(asked(), 2);
});

test('of two replicas, a read that waits for a position is answered by the one that has seen it', async t => {
  const { store, models, make, feed, path, keep } = await stage(t);
  const position = await make('f1');
  await feed();
  const late = keep(sqliteReadModels(path('late.db')));
  await late.build(shelf as Projection, 0);
  const replicas = balanced(models, late);
  const views = new Views({ relational: replicas, document: replicas }, store);
  const when = since(position);
  await views.waitFor(shelf, when);
  assert.equal((await views.get(shelf, 'f1', when))?.name, 'f1');
  assert.equal((await views.find(shelf, {}, when)).length, 1);
  assert.equal(await views.count(shelf, {}, when), 1);
  assert.equal((await views.changed(shelf, { generation: 0, position: 0 }, 10, when)).changes.length, 1);
});

test('a position that is never seen is refused after two seconds, one beyond the end of the log at once', async t => {
  const { views, make } = await stage(t);
  const position = await make('f1');
  await assert.rejects(views.get(shelf, 'f1', since(position)), { code: 503, type: 'projection-behind' });
  await assert.rejects(views.get(shelf, 'f1', since(position + 1)), { code: 'position-unknown' });
});

test("a node's own commands are waited for, once for all reads of an answer, and then what there is is shown", async t => {
  const { views, make, feed } = await stage(t);
  await make('f1');
  await feed();
  const own = await make('f2');
  const when = since(undefined, own);
  const soon = views.get(shelf, 'f2', when);
  await feed();
  assert.equal((await soon)?.name, 'f2');
  const never = since(undefined, await make('f3'));
  assert.equal(await views.get(shelf, 'f3', never), undefined);
  const before = performance.now();
  assert.equal(await views.count(shelf, {}, never), 2);
  assert.ok(performance.now() - before < 1000, 'the waiting is over');
});
