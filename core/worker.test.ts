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

  test('does what is due, each under a claim of its own', async t => {
    const board = new Board();
    board.put(row('a'), row('b'), row('c'));
    board.worker(t).start();
    await settled();
    assert.deepEqual(names(board.performed), ['a', 'b', 'c']);
    assert.deepEqual(board.performed, board.claims);
    assert.equal(new Set(board.claims.map(({ claimId }) => claimId)).size, 3);
    assert.deepEqual([board.failures, board.reports], [[], []]);
  });

  test('does two kinds of work of one stream side by side', async t => {
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

  test('takes nothing on twice, however often it is woken', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    // A view that lags behind shows the work as it was before it was claimed.
    const worker = board.worker(t, { ready: async () => (board.performed.length === 0 ? [row('a')] : []) });
    worker.start();
    for (let n = 0; n < 5; n++) {
      worker.wake();
      await settled();
    }
    board.finish('a');
    await settled();
    assert.deepEqual([board.attempts, names(board.performed)], [1, ['a']]);
  });

  test('does only so much at once, and goes on as soon as there is room', async t => {
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

describe('looking for work', () => {
  test('goes on by itself, and no more often than it is told to', async t => {
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

  test('is not put off by wake-ups', async t => {
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

  test('is done once more, and only once, for wake-ups during a look', async t => {
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
    test(`is done once more for a wake-up ${steps} steps after the store has answered`, async t => {
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

  test('that fails is reported, and tried again later', async t => {
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

  test('that meets a mistake ends the worker, which says why once', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    const mistake = new RangeError('a mistake');
    const worker = board.worker(t, { ready: () => Promise.reject(mistake), lookEveryMs: LOOK_EVERY_MS });
    worker.start();
    await settled();
    for (let n = 0; n < 3; n++) {
      t.mock.timers.tick(LOOK_EVERY_MS);
      worker.wake();
      await settled();
    }
    assert.deepEqual([board.looks, board.stops, board.reports], [1, [mistake], []]);
    assert.equal(worker.failure, mistake);
  });
});

describe('stopping', () => {
  test('takes nothing new and waits for what is under way', async t => {
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

  test('waits for an attempt that fails, too', async t => {
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

  test('during a look waits for it, and takes on nothing of what it finds', async t => {
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
    assert.equal(board.attempts, 0);
  });

  test('ends the looking', async t => {
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

  test('is not for ever', async t => {
    const board = new Board();
    const worker = board.worker(t);
    worker.start();
    await worker.stop();
    board.put(row('a'));
    worker.start();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('may come before the start, and twice', async t => {
    const worker = new Board().worker(t);
    await worker.stop();
    await Promise.all([worker.stop(), worker.stop()]);
  });
});
