import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Unavailable } from './errors.ts';
import { Board, row, settled } from './testing/worker-sample.ts';

const LOOK_EVERY_MS = 1000;
const names = (list: readonly { stream: string }[]) => list.map(({ stream }) => stream);

describe('a worker', () => {
  test('does nothing before it is started', async t => {
    const board = new Board();
    board.put(row('a'));
    board.worker(t).wake();
    await settled();
    assert.equal(board.looks, 0);
  });

  test('does the work that is due, each under its own claim', async t => {
    const board = new Board();
    board.put(row('a'), row('b'), row('c'));
    board.worker(t).start();
    await settled();
    assert.deepEqual(names(board.performed), ['a', 'b', 'c']);
    assert.deepEqual(board.performed, board.claims);
    assert.equal(new Set(board.claims.map(({ claimId }) => claimId)).size, 3);
    assert.deepEqual([board.failures, board.reports], [[], []]);
  });

  test('does two kinds of work of one stream concurrently', async t => {
    const board = new Board();
    const kinds: string[] = [];
    const worker = board.worker(t, {
      ready: async () => (kinds.length === 0 ? [row('a'), { ...row('a'), kind: 'expire' }] : []),
      claim: async () => true,
      perform: async ({ kind }) => kinds.push(kind),
    });
    worker.start();
    await settled();
    assert.deepEqual(kinds, ['mail', 'expire']);
  });

  test('claims nothing twice, however often it is woken', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    // A lagging view still shows the work as unclaimed.
    const worker = board.worker(t, { ready: async () => (board.performed.length === 0 ? [row('a')] : []) });
    worker.start();
    for (let n = 0; n < 5; n++) {
      worker.wake();
      await settled();
    }
    board.finish('a');
    await settled();
    assert.deepEqual([board.claimAttempts, names(board.performed)], [1, ['a']]);
  });

  test('respects its concurrency limit, and continues as soon as there is room', async t => {
    const board = new Board();
    const all = ['a', 'b', 'c', 'd', 'e'];
    board.put(...all.map(stream => row(stream)));
    board.hold(...all);
    const worker = board.worker(t, { concurrency: 2 });
    worker.start();
    await settled();
    worker.wake();
    await settled();
    assert.deepEqual([names(board.claims), board.running], [['a', 'b'], 2]);
    board.finish('b');
    await settled();
    assert.deepEqual([names(board.claims), board.running], [['a', 'b', 'c'], 2]);
    for (const stream of ['a', 'c', 'd', 'e']) {
      board.finish(stream);
      await settled();
    }
    assert.deepEqual([board.performed.length, board.mostRunning], [5, 2]);
  });
});

describe('polling for work', () => {
  test('repeats at its interval, and not more often', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    board.worker(t, { lookEveryMs: LOOK_EVERY_MS }).start();
    await settled();
    board.put(row('a'));
    t.mock.timers.tick(LOOK_EVERY_MS - 1);
    await settled();
    assert.deepEqual([board.looks, board.performed], [1, []]);
    t.mock.timers.tick(1);
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('is not delayed by wake-ups', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    const worker = board.worker(t, { lookEveryMs: LOOK_EVERY_MS });
    worker.start();
    await settled();
    t.mock.timers.tick(LOOK_EVERY_MS - 1);
    worker.wake();
    await settled();
    assert.equal(board.looks, 2);
    t.mock.timers.tick(1);
    await settled();
    assert.equal(board.looks, 3);
  });

  test('is repeated exactly once for wake-ups during a poll', async t => {
    const board = new Board();
    const look = Promise.withResolvers<void>();
    const worker = board.worker(t, {
      ready: async () => {
        const found = [...board.rows.values()];
        await look.promise;
        return found;
      },
    });
    worker.start();
    await settled();
    board.put(row('a'));
    board.hold('a');
    for (let n = 0; n < 5; n++) worker.wake();
    look.resolve();
    await settled();
    assert.deepEqual([board.looks, names(board.claims)], [2, ['a']]);
    board.finish('a');
  });

  for (let steps = 0; steps < 10; steps++) {
    test(`is repeated for a wake-up ${steps} steps after the store has answered`, async t => {
      const board = new Board();
      const answer = Promise.withResolvers<void>();
      const worker = board.worker(t, {
        ready: async () => {
          const found = [...board.rows.values()];
          await answer.promise;
          return found;
        },
      });
      worker.start();
      await settled();
      answer.resolve();
      for (let step = 0; step < steps; step++) await undefined;
      board.put(row('a'));
      worker.wake();
      await settled();
      assert.deepEqual(names(board.performed), ['a']);
    });
  }

  test('is reported and retried later if it fails', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    board.put(row('a'));
    const away = new Unavailable('the view is away');
    const worker = board.worker(t, {
      ready: async () => {
        if (board.looks === 1) throw away;
        return [...board.rows.values()];
      },
      lookEveryMs: LOOK_EVERY_MS,
    });
    worker.start();
    await settled();
    assert.deepEqual([board.looks, board.reports, board.performed], [1, [away], []]);
    t.mock.timers.tick(LOOK_EVERY_MS);
    await settled();
    assert.deepEqual([names(board.performed), board.reports], [['a'], [away]]);
  });

  test('ends the worker if it meets a bug, which is reported once', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    const bug = new RangeError('a bug');
    const worker = board.worker(t, { ready: () => Promise.reject(bug), lookEveryMs: LOOK_EVERY_MS });
    worker.start();
    await settled();
    for (let n = 0; n < 3; n++) {
      t.mock.timers.tick(LOOK_EVERY_MS);
      worker.wake();
      await settled();
    }
    assert.deepEqual([board.looks, board.stops, board.reports], [1, [bug], []]);
    assert.equal(worker.failure, bug);
  });
});

describe('stopping', () => {
  test('claims nothing new and waits for the work in progress', async t => {
    const board = new Board();
    board.put(row('a'), row('b'));
    board.hold('a', 'b');
    const worker = board.worker(t, { concurrency: 1 });
    worker.start();
    await settled();
    let ended = false;
    const stopping = worker.stop().then(() => {
      ended = true;
    });
    await settled();
    assert.equal(ended, false);
    board.finish('a');
    await stopping;
    worker.wake();
    await settled();
    assert.deepEqual([names(board.claims), names(board.performed)], [['a'], ['a']]);
  });

  test('also waits for an attempt that fails', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    const worker = board.worker(t);
    worker.start();
    await settled();
    const stopping = worker.stop();
    board.finish('a', new Error('no luck'));
    await stopping;
    assert.deepEqual(names(board.failures), ['a']);
  });

  test('during a poll waits for it, and claims nothing that it finds', async t => {
    const board = new Board();
    const look = Promise.withResolvers<void>();
    const worker = board.worker(t, {
      ready: async () => {
        await look.promise;
        return [row('a')];
      },
    });
    worker.start();
    let ended = false;
    const stopping = worker.stop().then(() => {
      ended = true;
    });
    await settled();
    assert.equal(ended, false);
    look.resolve();
    await stopping;
    await settled();
    assert.equal(board.claimAttempts, 0);
  });

  test('ends the polling', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    const worker = board.worker(t, { lookEveryMs: LOOK_EVERY_MS });
    worker.start();
    await settled();
    await worker.stop();
    t.mock.timers.tick(10 * LOOK_EVERY_MS);
    await settled();
    assert.equal(board.looks, 1);
  });

  test('allows a restart', async t => {
    const board = new Board();
    const worker = board.worker(t);
    worker.start();
    await worker.stop();
    board.put(row('a'));
    worker.start();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('may happen before the start, and twice', async t => {
    const worker = new Board().worker(t);
    await worker.stop();
    await Promise.all([worker.stop(), worker.stop()]);
  });
});
