import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { commandHandler } from '../core/command-handler.ts';
import { Unavailable } from '../core/errors.ts';
import type { Recorded } from '../core/fact.ts';
import type { Projection } from '../core/projection.ts';
import { Projector } from '../core/projector.ts';
import { openSubscriber } from '../core/subscriber.ts';
import { stores } from '../core/testing/projector-stage.ts';
import { recommendationFamily, recommendationWork } from '../events/recommendation.ts';
import { Views } from '../platform/views.ts';
import { openWork } from '../projections/open-work.ts';
import { recommendationDecider } from './recommendations/recommendation.decider.ts';
import { isNewsOfWork, type Task, workerOn } from './worker.ts';

const LOG = 'log-a';
const LIVE = { timeout: 30_000 };
const question = { recommendationId: 'r1', fridgeId: 'f1', fridgeRevision: 7, wish: { limit: 5 } };

/** A log, the view of open work that follows it, and a worker that does the ranking as a test says. */
async function stage(t: TestContext, rank: (task: Task, attempt: number) => Promise<void>) {
  const { store, models } = stores(t);
  const handler = commandHandler(store, recommendationFamily, recommendationDecider);
  const closed = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<never>();
  const reports: string[] = [];
  let attempts = 0;
  const worker = workerOn({
    ...{ work: recommendationWork, handler, views: new Views({ relational: models, document: models }, store) },
    broker: { nodeID: 'node-1' },
    logger: { warn: text => reports.push(text), error: text => stopped.reject(new Error(text)) },
    perform: {
      async rank(task) {
        await rank(task, ++attempts);
        await handler.handle(
          task.id,
          { do: 'rank', claimId: task.claimId, fridgeRevision: 7, recipes: [] },
          task.meta,
          () => {},
        );
        closed.resolve();
      },
      expire: async () => {},
    },
  });
  const projector = new Projector(store, LOG, [recommendationFamily], {
    advanced: ({ projection }) => isNewsOfWork(projection) && worker.wake(),
    stopped: reason => stopped.reject(reason),
  });
  const view = await openSubscriber(store, models, LOG, openWork as Projection, 0);
  await models.serve(openWork as Projection<never>, 0);
  await projector.add(view);
  projector.start();
  worker.start();
  t.after(async () => {
    await worker.stop();
    await projector.stop();
  });
  await handler.handle('r1', { do: 'request', ...question }, { commandId: 'asked' }, () => {});
  await Promise.race([closed.promise, stopped.promise]);
  const facts: Recorded[] = [];
  for await (const fact of store.read('recommendation-r1')) facts.push(fact);
  return { facts, reports };
}

const attemptOf = ({ data }: Recorded) => (data as { attempt?: number }).attempt;

describe('work of a family', () => {
  test('is claimed, done, and closed by its outcome; each step says what caused it', LIVE, async t => {
    const { facts, reports } = await stage(t, async () => {});
    const [request, claimed, ranked] = facts;
    assert.deepEqual(
      facts.map(({ type }) => type),
      ['RecommendationRequested', 'WorkClaimed', 'RecipesRanked'],
    );
    assert.deepEqual([claimed!.meta.causationId, claimed!.meta.correlationId], [request!.meta.commandId, 'asked']);
    assert.deepEqual([ranked!.meta.causationId, ranked!.meta.correlationId], [claimed!.meta.commandId, 'asked']);
    assert.deepEqual(reports, []);
  });

  test('during which a service is away is tried again, and the attempt does not count', LIVE, async t => {
    const { facts } = await stage(t, async (_task, attempt) => {
      if (attempt === 1) throw new Unavailable('the fridges are away');
    });
    assert.deepEqual(
      facts.map(fact => [fact.type, attemptOf(fact)]),
      [
        ['RecommendationRequested', undefined],
        ['WorkClaimed', 1],
        ['WorkFailed', 0],
        ['WorkClaimed', 1],
        ['RecipesRanked', undefined],
      ],
    );
  });
});

/** What must not compile. Not run. */
export const undone = (parts: Parameters<typeof workerOn<'rank' | 'expire'>>[0]) => [
  // @ts-expect-error nobody does the kind `expire`
  workerOn({ ...parts, perform: { rank: async () => {} } }),
  // @ts-expect-error there is no kind `mail`
  workerOn({ ...parts, perform: { ...parts.perform, mail: async () => {} } }),
];
