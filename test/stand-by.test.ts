import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Fact } from '../core/fact.ts';
import { openLog } from '../core/log-identity.ts';
import { member } from '../core/member.ts';
import { catchUp } from '../core/projector.ts';
import { contents } from '../core/testing/projector-sample.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { fridgeFamily } from '../events/fridge.ts';
import { opened, stored } from '../events/testing.ts';
import { allProjections } from '../projections/index.ts';
import { ProjectorProcess } from '../services/projector/testing/projector-process.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { seeded } from './seeded.ts';

const LIMIT = { timeout: 90_000 };

/** An empty log, and projectors on the same views, each in a process of its own. */
async function stage(t: TestContext) {
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
    /** Resolves when every view that is served has come this far. */
    async seen(position: number): Promise<void> {
      for (const projection of await allProjections()) {
        for (;;) {
          const generation = await models.served(projection);
          const at = generation !== undefined && (await (await models.generation(projection, generation)).checkpoint());
          if (at && at.position >= position) break;
          await setTimeout(20);
        }
      }
    },
    /** @throws AssertionError where a view is not what all facts together make of it */
    async assertRight(): Promise<void> {
      const fresh = keep(sqliteReadModels(':memory:'));
      for (const projection of await allProjections()) {
        const generation = (await models.served(projection))!;
        const found = await member(store, models, logId, projection, generation);
        const expected = await member(store, fresh, logId, projection, 0);
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

const isFeeding = (process: ProjectorProcess) => process.isFeeding;

for (const [how, leave] of [
  ['is killed', async (holder: ProjectorProcess) => holder.kill()],
  ['is stopped (SIGSTOP)', async (holder: ProjectorProcess) => holder.pause()],
  ['ends', (holder: ProjectorProcess) => holder.stop()],
] as const) {
  test(`a projector that stands by takes over when the holder ${how}`, LIMIT, async t => {
    const { start, open, seen, assertRight } = await stage(t);
    const first = start('first');
    await first.until(isFeeding);
    const second = start('second');
    await seen(await open());
    assert.deepEqual([first.isFeeding, second.isFeeding], [true, false]);
    await leave(first);
    await second.until(isFeeding);
    await seen(await open());
    if (first.isPaused) {
      first.resume();
      await first.until(({ isFeeding }) => !isFeeding);
      await seen(await open());
      assert.deepEqual([first.stops, second.isFeeding], [[], true]);
    }
    await assertRight();
  });
}

test('a process that comes back under its own name takes its lease at once', LIMIT, async t => {
  const { start, models } = await stage(t);
  const first = start('same');
  await first.until(isFeeding);
  await first.kill();
  const before = await models.lease('projector');
  await start('same').until(isFeeding);
  // Nobody has waited: nothing was challenged meanwhile.
  assert.deepEqual(await models.lease('projector'), { ...before, renewals: before!.renewals + 1 });
});

for (const seed of [1, 2]) {
  test(`two projectors that are killed and paused at random lose and double nothing (seed ${seed})`, LIMIT, async t => {
    const { start, open, seen, assertRight } = await stage(t);
    const random = seeded(seed);
    const pick = (count: number) => Math.floor(random() * count);
    const names = ['first', 'second'];
    const running = names.map(start);
    let last = 0;
    for (let round = 0; round < 40; round++) {
      for (let n = pick(8); n > 0; n--) last = await open();
      const side = pick(2);
      const process = running[side]!;
      const kind = pick(6);
      if (kind === 0) {
        await process.kill();
        running[side] = start(pick(2) === 0 ? process.holder : `${names[side]}-${round}`);
      } else if (kind <= 2) process.isPaused ? process.resume() : process.pause();
      else await setTimeout(pick(400));
    }
    for (const process of running) process.resume();
    await seen(await open().then(position => Math.max(position, last)));
    await assertRight();
    assert.deepEqual(
      running.flatMap(({ stops }) => stops),
      [],
    );
  });
}
