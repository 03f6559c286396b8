import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ServiceSchema } from 'moleculer';
import { openLog } from '../../core/log-identity.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { handlersOn } from '../../platform/parts.ts';
import { Starting } from '../../platform/starting.ts';
import { twoNodes } from '../../platform/testing/two-nodes.ts';
import { Views } from '../../platform/views.ts';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { sqliteKeyValue } from '../../stores/key-value/sqlite.ts';
import { sqliteKeyStore } from '../../stores/keys/sqlite.ts';
import { openReadModels } from '../../stores/open.ts';
import authService from '../auth/auth.service.ts';
import fridgesService from '../fridges/fridges.service.ts';
import projectorService from '../projector/projector.service.ts';
import recipesService from '../recipes/recipes.service.ts';
import recommendationsService from '../recommendations/recommendations.service.ts';
import gatewayService from './gateway.service.ts';
import { hangUp } from './listen.ts';

const WAIT_MS = 20_000;
const LOOK_MS = 50;

test('/readyz names what no node serves, and nothing once another node serves it', async t => {
  const { folder, path, keep } = testFolder(t);
  const store = keep(sqliteEventStore(path('log.db')));
  const keys = keep(sqliteKeyStore(path('keys.db')));
  const keyValue = keep(sqliteKeyValue(path('kv.db'), () => new Date()));
  const models = await openReadModels({ folder });
  keep(models.relational);
  const starting = new Starting();
  t.after(() => starting.ended());
  const logId = await openLog(store, keys.identity);
  const clock = () => new Date();
  const parts = {
    ...{ store, keys, keyValue, views: new Views(models, store), logId, clock, catalogue: baseCatalogue, starting },
    handler: handlersOn(store, clock),
    ...{ locations: { folder }, operatorToken: 'o', trustedProxies: 0, secureCookie: false, commandsPerHour: 3600 },
    ...{ host: '127.0.0.1', port: 0, maxConnections: 100 },
  };
  const gateway = gatewayService(parts) as ServiceSchema;
  const [near, far] = await twoNodes(t, [gateway], [authService(parts), fridgesService(parts)]);
  const listening = near.getLocalService('gateway') as unknown as { listen(): Promise<void>; server: Server };
  await listening.listen();
  t.after(() => hangUp(listening.server));
  const url = `http://127.0.0.1:${(listening.server.address() as AddressInfo).port}/readyz`;
  const ready = async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(WAIT_MS) });
    const { status, unserved } = (await answer.json()) as { status: string; unserved?: string[] };
    return { code: answer.status, status, unserved };
  };

  const recipes = ['recipes.importMany', 'recipes.recipe', 'recipes.search', 'recipes.some'];
  const recommendations = ['isOf', 'recommendation', 'request', 'status'].map(name => `recommendations.${name}`);
  assert.deepEqual(await ready(), {
    ...{ code: 503, status: 'unavailable' },
    unserved: ['projector.status', ...recipes, ...recommendations],
  });

  far.createService(projectorService(parts));
  far.createService(recipesService(parts));
  await near.waitForServices(['projector', 'recipes'], WAIT_MS, LOOK_MS);
  assert.deepEqual(await ready(), { code: 503, status: 'unavailable', unserved: recommendations });

  far.createService(recommendationsService(parts));
  await near.waitForServices(['recommendations'], WAIT_MS, LOOK_MS);
  assert.deepEqual(await ready(), { code: 200, status: 'ok', unserved: undefined });

  await far.destroyService('fridges');
  const changes = near.localBus as unknown as EventEmitter;
  while (near.registry.hasService('fridges', 'second')) {
    await once(changes, '$services.changed', { signal: AbortSignal.timeout(WAIT_MS) });
  }
  const { code, unserved = [] } = await ready();
  assert.deepEqual([code, unserved.filter(action => !action.startsWith('fridges.'))], [503, []]);
  assert.ok(unserved.includes('fridges.stock'));
});
