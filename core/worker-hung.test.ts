import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Unavailable } from './errors.ts';
import { Board, row, settled } from './testing/worker-sample.ts';
import type { WorkRow } from './waiting.ts';
import type { WorkerOptions } from './worker.ts';

const LIMIT_MS = 60_000;
const names = (list: readonly { stream: string }[]) => list.map(({ stream }) => stream);
const never = () => new Promise<never>(() => {});

async function started(t: TestContext, board: Board, options: Partial<WorkerOptions<WorkRow>> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const worker = board.worker(t, { limitMs: LIMIT_MS, lookEveryMs: 1000, ...options });
  worker.start();
  await settled();
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      board.now += 1000;
      t.mock.timers.tick(1000);
      await settled();
    }
  };
  return { worker, pass };
}

describe('work that never ends', () => {
  test('does not stop its worker: as many calls hang as it may have at once, and the others are done', async t => {
    const board = new Board();
    const hung = ['a', 'b', 'c', 'd'];
    board.put(...hung.map(stream => row(stream)), row('e'));
    board.hold(...hung);
    const { pass } = await started(t, board);
    await pass(59);
    assert.deepEqual(names(board.performed), []);
    await pass(1);
    assert.deepEqual(names(board.performed), ['e']);
    assert.deepEqual(
      board.failures.map(({ stream, failure }) => [stream, failure]),
      hung.map(stream => [stream, 'failed']),
    );
    for (const stream of hung) {
      assert.equal(board.signals.get(stream)!.aborted, true);
      board.finish(stream);
    }
  });

  test('keeps its claim until then', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    const { pass } = await started(t, board);
    await pass(59);
    assert.deepEqual([board.renewals.length, board.claims.length], [11, 1]);
    board.finish('a');
  });

  test('is ended soon when the worker stops, and does not count', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    const { worker, pass } = await started(t, board, { graceMs: 5000 });
    const stopping = worker.stop();
    await settled();
    await pass(4);
    assert.equal(board.signals.get('a')!.aborted, false);
    await pass(1);
    await stopping;
    assert.deepEqual(
      board.failures.map(({ failure }) => failure),
      ['away'],
    );
    board.finish('a');
  });
});

describe('a store that never answers', () => {
  test('when work is claimed does not stop the worker', async t => {
    const board = new Board();
    const hung = ['a', 'b', 'c', 'd'];
    board.put(...hung.map(stream => row(stream)), row('e'));
    const hanging = Promise.withResolvers<boolean>();
    const { pass } = await started(t, board, {
      claim: async ({ stream }) => (stream === 'e' ? true : hanging.promise),
      perform: async ({ stream }, claimId) => {
        board.performed.push({ stream, claimId });
        board.rows.delete(stream);
      },
    });
    await pass(10);
    assert.deepEqual(names(board.performed), ['e']);
    assert.deepEqual(
      board.reports.map(error => error instanceof Unavailable),
      hung.map(() => true),
    );
    hanging.resolve(false);
  });

  test('when a failure is noted does not stop the worker', async t => {
    const board = new Board();
    board.put(row('a'), row('b'));
    board.hold('a');
    board.finish('a', new Error('no luck'));
    const { pass } = await started(t, board, { concurrency: 1, fail: never });
    await pass(9);
    assert.deepEqual(names(board.performed), []);
    await pass(1);
    assert.deepEqual(names(board.performed), ['b']);
  });

  for (const query of ['ready', 'changes'] as const) {
    test(`when it is asked for ${query} does not stop the worker`, async t => {
      const board = new Board();
      board.put(row('a'));
      let calls = 0;
      const answer = { ready: [row('a')], changes: { generation: 1, changes: [] } };
      const { pass } = await started(t, board, {
        [query]: () => (++calls === 1 ? never() : Promise.resolve(answer[query])),
      });
      await pass(9);
      assert.deepEqual([names(board.performed), board.reports], [[], []]);
      await pass(1);
      assert.deepEqual([names(board.performed), board.reports.length], [['a'], 1]);
    });
  }
});
