import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Middleware } from 'moleculer';
import { MAX_BYTES, MAX_FACTS, type Proposed } from '../core/event-store/port.ts';
import type { Projection } from '../core/projection.ts';
import { advance, openSubscriber } from '../core/subscriber.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import { type FridgeEvent, fridgeFamily } from '../events/fridge.ts';
import { opened, stored } from '../events/testing.ts';
import { calling } from '../platform/joint.ts';
import { BUS_BYTES, bytesOf } from '../platform/message-size.ts';
import { handlersOn } from '../platform/parts.ts';
import { twoNodes } from '../platform/testing/two-nodes.ts';
import { Views } from '../platform/views.ts';
import recipesWith from '../projections/recipes.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { sqliteKeyValue } from '../stores/key-value/sqlite.ts';
import { sqliteKeyStore } from '../stores/keys/sqlite.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { fridges } from './fridges/fridges.api.ts';
import fridgesService from './fridges/fridges.service.ts';
import { MOST_PRESENT } from './fridges/room.ts';
import { wholeStock } from './fridges/whole-stock.ts';
import { heldRecipes } from './recipes/held-recipes.ts';
import { recipes } from './recipes/recipes.api.ts';
import recipesService from './recipes/recipes.service.ts';

const LIMIT = 50;
const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 };
const recipesView = recipesWith(baseCatalogue);
const { call } = calling(fridges.stock, recipes.rank, recipes.some);

/** Fridges on one node, recipes on another, and the bytes of every packet between them. */
async function stage(t: TestContext, ingredients: readonly FridgeEvent[], written: Record<string, string[]>) {
  const { path, keep } = testFolder(t);
  const clock = () => new Date(meta.at);
  const store = keep(sqliteEventStore(path('log.db')));
  const models = keep(sqliteReadModels(path('views.db')));
  const views = new Views({ relational: models, document: models }, store);
  const keyValue = keep(sqliteKeyValue(path('kv.db'), clock));
  const parts = {
    store,
    keys: keep(sqliteKeyStore(path('keys.db'))),
    keyValue,
    views,
    logId: 'log',
    clock,
    handler: handlersOn(store, clock),
    catalogue: baseCatalogue,
  };

  let run: Proposed[] = [];
  let revision = -1;
  const flush = async () => {
    if (run.length > 0) await store.append(fridgeFamily.streamOf('f1'), run, revision < 0 ? 'none' : revision);
    revision += run.length;
    run = [];
  };
  for (const event of [opened(), ...ingredients]) {
    const next = { id: randomUUID(), event, meta };
    if (run.length === MAX_FACTS || bytesOf([...run.slice(0, 1), next]) * (run.length + 1) > MAX_BYTES) await flush();
    run.push(next);
  }
  await flush();

  const view = await openSubscriber(store, models, 'log', recipesView as Projection, 0);
  const facts = Object.entries(written).map(([recipeId, lines], index) => ({
    ...{
      id: randomUUID(),
      stream: `recipe-${recipeId}`,
      revision: 0,
      position: index + 1,
      type: 'RecipeImported',
      meta,
    },
    data: { recipeId, title: recipeId, ingredients: lines, steps: [], tags: [], lang: 'en', visibility: 'public' },
  }));
  for (const { data } of facts) assert.ok(bytesOf(data) <= MAX_BYTES);
  await advance(view, 'log', facts, facts.length, { onError: 'stop' });
  await models.serve(recipesView as Projection<never>, 0);

  const sizes: number[] = [];
  const measuring = {
    transporterSend: (next: (topic: string, data: Buffer, about: object) => unknown) =>
      function send(this: unknown, topic: string, data: Buffer, about: object) {
        sizes.push(data.length);
        return next.call(this, topic, data, about);
      },
  } as unknown as Middleware;
  const withoutWaiting = { ...recipesService(parts), dependencies: [] };
  const options = { middlewares: [measuring], requestTimeout: 60_000 };
  const [kitchen, library] = await twoNodes(t, [fridgesService(parts)], [withoutWaiting], options);
  return { kitchen, library, sizes };
}

/** Of a full fridge: some with the longest name that a member can type. */
const fullFridge = Array.from({ length: MOST_PRESENT }, (_, index) => {
  const { id: foodId, unit } = baseCatalogue.foods[index % baseCatalogue.foods.length]!;
  const name = index % 10 === 0 ? '가'.repeat(4000) : `${foodId} ${'가'.repeat(60)}`;
  return stored(`${randomUUID()}`, { name, foodId, base: unit, unit, amount: 1, dueDate: '2026-03-17' });
});

/** With as much of lines as an append takes, each of which names as many foods as are read. */
const largeLines = Array.from({ length: 200 }, (_, line) => {
  const names = Array.from(
    { length: 40 },
    (_, i) => baseCatalogue.foods[(line * 7 + i) % baseCatalogue.foods.length]!.name.en,
  );
  return `${names.join(', ').slice(0, 400)}, ${'👨‍👩‍👧‍👦'.repeat(80)}`;
});
const largeRecipes = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`large-${i}`, largeLines]));

test('of the largest fridge and the largest recipes no message is larger than a bus carries', async t => {
  const { kitchen, library, sizes } = await stage(t, fullFridge, largeRecipes);
  const stock = await wholeStock(call, library, { fridgeId: 'f1' });
  assert.equal(stock.batches.length, MOST_PRESENT);
  assert.ok(bytesOf(stock) > 4 * BUS_BYTES);
  const { recipes: ranked } = await call(kitchen, recipes.rank, { fridgeId: 'f1', atLeast: 1, wish: { limit: LIMIT } });
  assert.ok(ranked.length <= LIMIT);
  const ids = Object.keys(largeRecipes);
  const recipesOfF1 = await heldRecipes(call, kitchen, 'f1', ids);
  assert.deepEqual(
    recipesOfF1.map(({ recipeId, lines }) => [recipeId, lines.length]),
    ids.map(recipeId => [recipeId, largeLines.length]),
  );
  assert.ok(bytesOf(recipesOfF1) > BUS_BYTES);
  assert.ok(Math.max(...sizes) < BUS_BYTES, `${Math.max(...sizes)} bytes`);
});

test('a ranking does not grow with the number of recipes', async t => {
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`milk-${i}`, ['milk 100ml', 'egg 2']]));
  const few = Object.fromEntries(Object.entries(many).slice(0, LIMIT));
  const sizes: number[] = [];
  for (const written of [few, many]) {
    const { kitchen } = await stage(t, [stored('m')], written);
    const answer = await call(kitchen, recipes.rank, { fridgeId: 'f1', atLeast: 1, wish: { limit: LIMIT } });
    assert.equal(answer.recipes.length, LIMIT);
    sizes.push(bytesOf(answer.recipes.map(recipe => ({ ...recipe, recipeId: '' }))));
  }
  assert.equal(sizes[0], sizes[1]);
});

test('a recipe whose ranking alone is too large is left out, and the others are answered', async t => {
  const drops = Array.from({ length: MOST_PRESENT }, (_, i) => stored(`${randomUUID()}-${i}`, { amount: 1000 }));
  const written = { flood: ['milk 100l'], cup: ['milk 200ml'] };
  const { kitchen } = await stage(t, drops, written);
  const { recipes: ranked } = await call(kitchen, recipes.rank, { fridgeId: 'f1', atLeast: 1, wish: { limit: LIMIT } });
  assert.deepEqual(
    ranked.map(({ recipeId }) => recipeId),
    ['cup'],
  );
});
