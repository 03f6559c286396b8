import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Fact } from '../../core/fact.ts';
import { openLog } from '../../core/log-identity.ts';
import { catchUp } from '../../core/projector.ts';
import { openSubscriber } from '../../core/subscriber.ts';
import { contents } from '../../core/testing/projector-sample.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { fridgeFamily } from '../../events/fridge.ts';
import { opened, stored } from '../../events/testing.ts';
import { allProjections } from '../../projections/index.ts';
import { ProjectorProcess } from '../../services/projector/testing/projector-process.ts';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';

export const LIMIT = { timeout: 90_000 };

/** An empty log, and projectors on the same views, each in a process of its own. */
export async function stage(t: TestContext) {
  const { folder, path, keep } = testFolder(t);
  const store = keep(sqliteEventStore(path('log.db')));
  const models = keep(sqliteReadModels(path('views.db')));
  const logId = await openLog(store, 'keys');
  return {
    models,
    start(holder: string): ProjectorProcess {
      const started = new ProjectorProcess(folder, logId, holder);
      keep({ close: () => started.kill() });
      return started;
    },
    async open(): Promise<number> {
      const fridgeId = randomUUID();
      const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 };
      const facts: Fact[] = [opened({ fridgeId }), stored(randomUUID()), stored(randomUUID())];
      const proposed = facts.map(event => ({ id: randomUUID(), event, meta }));
      return (await store.append(fridgeFamily.streamOf(fridgeId), proposed, 'none')).position;
    },
    /** Resolves when every served view has reached this position. */
    async seen(position: number): Promise<void> {
      for (const projection of await allProjections(baseCatalogue)) {
        for (;;) {
          const generation = await models.served(projection);
          const at = generation !== undefined && (await (await models.generation(projection, generation)).checkpoint());
          if (at && at.position >= position) break;
          await setTimeout(20);
        }
      }
    },
    /** @throws AssertionError if a view differs from a fresh fold of all facts */
    async assertRight(): Promise<void> {
      const fresh = keep(sqliteReadModels(':memory:'));
      for (const projection of await allProjections(baseCatalogue)) {
        const generation = (await models.served(projection))!;
        const found = await openSubscriber(store, models, logId, projection, generation);
        const expected = await openSubscriber(store, fresh, logId, projection, 0);
        await catchUp(store, logId, expected, { onError: 'stop' });
        const position = found.checkpoint?.position;
        assert.deepEqual(
          { ...(await contents(found)), checkpoint: position },
          { ...(await contents(expected)), checkpoint: expected.checkpoint?.position },
          projection.name,
        );
      }
    },
  };
}

export const isFeeding = (process: ProjectorProcess) => process.isFeeding;
