import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refused, Unavailable } from './errors.ts';
import { Board, row, settled } from './testing/worker-sample.ts';

/** Polls that a worker may need until it finds that there is nothing to do; many more are a busy loop. */
const A_FEW = 5;
const names = (list: readonly { stream: string }[]) => list.map(({ stream }) => stream);
const closed = () => new Refused('rule', 'work-closed', 'this was done or given up');

describe('a claim that is refused', () => {
  test('is skipped silently, and other work is done', async t => {
    const board = new Board();
    board.put(row('a'), row('b'));
    // Another worker was faster with the first one, and the view does not show it yet.
    const shown = [row('a'), row('b')];
    board.put(row('a', 'theirs'));
    board.worker(t, { ready: async () => shown.splice(0) }).start();
    await settled();
    assert.deepEqual([names(board.performed), board.failures, board.reports], [['b'], [], []]);
  });

  test('is not retried before a wake-up', async t => {
    const board = new Board();
    const worker = board.worker(t, { ready: async () => [row('a')] });
    worker.start();
    await settled();
    assert.ok(board.looks <= A_FEW, `${board.looks} looks`);
    const looks = board.looks;
    worker.wake();
    await settled();
    assert.ok(board.looks > looks && board.looks <= looks + A_FEW, `${board.looks - looks} looks more`);
  });

  test('of work just done, which the view still shows, is not retried in a loop', async t => {
    const board = new Board();
    board.put(row('a'));
    board.worker(t, { ready: async () => [row('a')] }).start();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
    assert.ok(board.looks <= A_FEW, `${board.looks} looks`);
  });
});

describe('a claim that cannot be written', () => {
  test('is reported, and the work is not performed', async t => {
    const board = new Board();
    const away = new Unavailable('the log is away');
    const shown = [row('a')];
    board.worker(t, { ready: async () => shown.splice(0), claim: () => Promise.reject(away) }).start();
    await settled();
    assert.deepEqual([board.reports, board.performed, board.failures], [[away], [], []]);
  });

  test('is retried at the next poll, not at once', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    const away = new Unavailable('the log is away');
    const worker = board.worker(t, {
      ready: async () => [row('a')],
      claim: () => Promise.reject(away),
      lookEveryMs: 1000,
    });
    worker.start();
    await settled();
    const first = board.reports.length;
    assert.ok(first <= A_FEW, `${first} claims`);
    t.mock.timers.tick(1000);
    await settled();
    assert.ok(board.reports.length > first);
  });
});

describe('a claim that fails because of a bug', () => {
  test('is reported once, whatever the number of wake-ups, and other work is done', async t => {
    const board = new Board();
    const bug = new TypeError('a bug');
    board.put(row('b'));
    const worker = board.worker(t, {
      ready: async () => [row('a'), ...board.rows.values()],
      claim: async ({ stream }) => {
        if (stream === 'a') throw bug;
        if (!board.rows.delete(stream)) throw closed();
        return true;
      },
    });
    worker.start();
    await settled();
    worker.wake();
    await settled();
    assert.deepEqual([board.reports, names(board.performed), board.stops], [[bug], ['b'], []]);
  });
});

describe('a claim that closes the work', () => {
  test('is not performed', async t => {
    const board = new Board();
    const shown = [row('a')];
    board.worker(t, { ready: async () => shown.splice(0), claim: async () => false }).start();
    await settled();
    assert.deepEqual([board.performed, board.failures, board.reports], [[], [], []]);
  });
});

describe('a failed attempt', () => {
  test('is reported, and recorded under its claim', async t => {
    const board = new Board();
    const error = new Error('no luck');
    board.put(row('a'));
    board.hold('a');
    board.finish('a', error);
    board.worker(t).start();
    await settled();
    const claimId = board.claims[0]!.claimId;
    assert.deepEqual([board.failures, board.reports], [[{ stream: 'a', claimId, failure: 'mistake' }], [error]]);
  });

  test('is the last one after a bug, and does not count if a store or service was unavailable', async t => {
    for (const [error, expected] of [
      [new TypeError('a bug'), 'mistake'],
      [new Unavailable('the view is away'), 'away'],
      [Object.assign(new Error('no node answered'), { retryable: true }), 'away'],
      [closed(), 'failed'],
    ] as const) {
      const board = new Board();
      board.put(row('a'));
      board.hold('a');
      board.finish('a', error);
      board.worker(t).start();
      await settled();
      assert.deepEqual(
        board.failures.map(({ failure }) => failure),
        [expected],
        error.message,
      );
    }
  });

  test('does not affect other work', async t => {
    const board = new Board();
    board.put(row('a'), row('b'));
    board.hold('a');
    board.finish('a', new Error('no luck'));
    board.worker(t, { concurrency: 1 }).start();
    await settled();
    assert.deepEqual([names(board.failures), names(board.performed)], [['a'], ['b']]);
  });

  test('is ignored if another worker has taken over', async t => {
    const board = new Board();
    const error = new Error('no luck');
    const shown = [row('a')];
    board.put(row('a'));
    board.hold('a');
    board.finish('a', error);
    const worker = board.worker(t, { ready: async () => shown.splice(0), fail: () => Promise.reject(closed()) });
    worker.start();
    await settled();
    assert.deepEqual(board.reports, [error]);
  });

  test('is reported if it cannot be recorded, and the worker continues', async t => {
    const board = new Board();
    const [error, away] = [new Error('no luck'), new Unavailable('the log is away')];
    board.put(row('a'), row('b'));
    board.hold('a');
    board.finish('a', error);
    const shown = [row('a'), row('b')];
    board
      .worker(t, { ready: async () => shown.splice(0, 1), fail: () => Promise.reject(away), concurrency: 1 })
      .start();
    await settled();
    assert.deepEqual([board.reports, names(board.performed)], [[error, away], ['b']]);
  });

  test('is retried when it is due again', async t => {
    const board = new Board();
    let attempts = 0;
    const worker = board.worker(t, {
      perform: async ({ stream }) => {
        if (++attempts === 1) throw new Error('no luck');
        board.rows.delete(stream);
      },
      fail: async ({ stream }) => board.put(row(stream)),
    });
    board.put(row('a'));
    worker.start();
    await settled();
    assert.deepEqual([attempts, new Set(board.claims.map(({ claimId }) => claimId)).size], [2, 2]);
  });
});
