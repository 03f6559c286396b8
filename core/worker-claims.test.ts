import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refused, Unavailable } from './errors.ts';
import { Board, passed, row, settled } from './testing/worker-sample.ts';

const CLAIM_MS = 20;
/** Looks that a worker may need until it knows that there is nothing to do; many more are a loop that never rests. */
const A_FEW = 5;
const names = (list: readonly { stream: string }[]) => list.map(({ stream }) => stream);
const closed = () => new Refused('rule', 'work-closed', 'this was done or given up');

describe('a claim that is refused', () => {
  test('is passed over quietly, and the others are done', async t => {
    const board = new Board();
    board.put(row('a'), row('b'));
    // Somebody was quicker with the first one, and the view does not show it yet.
    const shown = [row('a'), row('b')];
    board.put(row('a', 'theirs'));
    board.worker(t, { due: async () => shown.splice(0) }).start();
    await settled();
    assert.deepEqual([names(board.performed), board.failures, board.reports], [['b'], [], []]);
  });

  test('is not tried again before there is news', async t => {
    const board = new Board();
    const worker = board.worker(t, { due: async () => [row('a')] });
    worker.start();
    await settled();
    assert.ok(board.looks <= A_FEW, `${board.looks} looks`);
    const looks = board.looks;
    worker.wake();
    await settled();
    assert.ok(board.looks > looks && board.looks <= looks + A_FEW, `${board.looks - looks} looks more`);
  });

  test('of work just done, which the view still shows, is not tried again and again', async t => {
    const board = new Board();
    board.put(row('a'));
    board.worker(t, { due: async () => [row('a')] }).start();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
    assert.ok(board.looks <= A_FEW, `${board.looks} looks`);
  });
});

describe('a claim that cannot be written', () => {
  test('is reported, and nothing is done without it', async t => {
    const board = new Board();
    const away = new Unavailable('the log is away');
    const shown = [row('a')];
    board.worker(t, { due: async () => shown.splice(0), claim: () => Promise.reject(away) }).start();
    await settled();
    assert.deepEqual([board.reports, board.performed, board.failures], [[away], [], []]);
  });

  test('is tried again with the next look, not at once', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const board = new Board();
    const away = new Unavailable('the log is away');
    const worker = board.worker(t, {
      due: async () => [row('a')],
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

describe('an attempt that comes to nothing', () => {
  test('is reported, and noted under its claim', async t => {
    const board = new Board();
    const error = new Error('no luck');
    board.put(row('a'));
    board.hold('a');
    board.finish('a', error);
    board.worker(t).start();
    await settled();
    const claimId = board.claims[0]!.claimId;
    assert.deepEqual([board.failures, board.reports], [[{ stream: 'a', claimId, error }], [error]]);
  });

  test('leaves the others alone', async t => {
    const board = new Board();
    board.put(row('a'), row('b'));
    board.hold('a');
    board.finish('a', new Error('no luck'));
    board.worker(t, { concurrency: 1 }).start();
    await settled();
    assert.deepEqual([names(board.failures), names(board.performed)], [['a'], ['b']]);
  });

  test('is left as it is where somebody else has taken over', async t => {
    const board = new Board();
    const error = new Error('no luck');
    const shown = [row('a')];
    board.put(row('a'));
    board.hold('a');
    board.finish('a', error);
    const worker = board.worker(t, { due: async () => shown.splice(0), fail: () => Promise.reject(closed()) });
    worker.start();
    await settled();
    assert.deepEqual(board.reports, [error]);
  });

  test('is reported where it cannot be noted, and the worker goes on', async t => {
    const board = new Board();
    const [error, away] = [new Error('no luck'), new Unavailable('the log is away')];
    board.put(row('a'), row('b'));
    board.hold('a');
    board.finish('a', error);
    const shown = [row('a'), row('b')];
    board.worker(t, { due: async () => shown.splice(0, 1), fail: () => Promise.reject(away), concurrency: 1 }).start();
    await settled();
    assert.deepEqual([board.reports, names(board.performed)], [[error, away], ['b']]);
  });

  test('is tried again when it is due again', async t => {
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

describe("somebody else's claim", () => {
  test('is respected, and stands in the way of nothing else', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'), row('b'));
    const worker = board.worker(t, { concurrency: 1 });
    worker.start();
    await settled();
    worker.wake();
    await settled();
    assert.deepEqual(names(board.performed), ['b']);
  });

  test('is replaced once it has been seen for its time', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const began = performance.now();
    const worker = board.worker(t, { claimMs: CLAIM_MS });
    worker.start();
    while (board.claims.length === 0) {
      await settled();
      worker.wake();
    }
    assert.ok(performance.now() - began >= CLAIM_MS);
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('counts from when it was seen, not from when it was made', async t => {
    const board = new Board();
    const worker = board.worker(t, { claimMs: CLAIM_MS });
    worker.start();
    board.put(row('a', 'theirs'));
    await passed(2 * CLAIM_MS, performance.now());
    worker.wake(); // sees it now
    await settled();
    assert.deepEqual(board.claims, []);
  });

  test('that is a new one starts the time anew', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const worker = board.worker(t, { claimMs: CLAIM_MS });
    worker.start();
    await settled();
    await passed(CLAIM_MS, performance.now());
    board.put(row('a', 'another'));
    const changed = performance.now();
    worker.wake();
    await settled();
    while (board.claims.length === 0) {
      worker.wake();
      await settled();
    }
    assert.ok(performance.now() - changed >= CLAIM_MS);
  });

  test('is forgotten with the work: where that comes back, the time starts anew', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const worker = board.worker(t, { claimMs: CLAIM_MS });
    worker.start();
    await settled();
    board.rows.delete('a');
    worker.wake();
    await settled();
    await passed(CLAIM_MS, performance.now());
    board.put(row('a', 'theirs'));
    const back = performance.now();
    worker.wake();
    await settled();
    while (board.claims.length === 0) {
      worker.wake();
      await settled();
    }
    assert.ok(performance.now() - back >= CLAIM_MS);
  });

  test('that was given up leaves the work free at once', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const worker = board.worker(t);
    worker.start();
    await settled();
    board.put(row('a'));
    worker.wake();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('may be our own from before, and is waited for like any other', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    board.finish('a', new Error('no luck'));
    // Neither done nor noted as failed: the work stays under the claim.
    const worker = board.worker(t, { fail: () => Promise.reject(new Unavailable('away')), claimMs: CLAIM_MS });
    const began = performance.now();
    worker.start();
    while (board.claims.length < 2) {
      await settled();
      worker.wake();
    }
    assert.ok(performance.now() - began >= CLAIM_MS);
  });
});
