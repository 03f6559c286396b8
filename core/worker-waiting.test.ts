import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Unavailable } from './errors.ts';
import { Board, CLAIM_MS, later, row, settled } from './testing/worker-sample.ts';
import type { WorkRow } from './waiting.ts';
import type { Worker, WorkerOptions } from './worker.ts';

const LOOK_EVERY_MS = 1000;
const names = (list: readonly { stream: string }[]) => list.map(({ stream }) => stream);

/** A worker on a clock that only the test advances; `pass` ends with its next poll. */
async function started(t: TestContext, board: Board, options: Partial<WorkerOptions<WorkRow>> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const worker: Worker<WorkRow> = board.worker(t, { lookEveryMs: LOOK_EVERY_MS, ...options });
  worker.start();
  await settled();
  const pass = async (ms: number) => {
    board.now += ms;
    t.mock.timers.tick(LOOK_EVERY_MS);
    await settled();
  };
  return { worker, pass };
}

describe('waiting work', () => {
  test('is done when its wait is over since it was seen, and not before', async t => {
    const board = new Board();
    board.put(later('a', 5000));
    const { pass } = await started(t, board);
    await pass(4999);
    assert.deepEqual(board.performed, []);
    await pass(1);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('counts its wait from when it was seen', async t => {
    const board = new Board();
    const { pass } = await started(t, board);
    await pass(60_000);
    board.put(later('a', 5000));
    await pass(60_000); // sees it now
    assert.deepEqual(board.performed, []);
    await pass(5000);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('is done at a wake-up, too', async t => {
    const board = new Board();
    board.put(later('a', 5000));
    const { worker } = await started(t, board);
    board.now += 5000;
    worker.wake();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('restarts its wait with another attempt', async t => {
    const board = new Board();
    board.put(later('a', 5000, 1));
    const { pass } = await started(t, board);
    board.put(later('a', 5000, 2));
    await pass(5000);
    assert.deepEqual(board.performed, []);
    await pass(5000);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('never blocks work that is due', async t => {
    const board = new Board();
    board.put(...Array.from({ length: 1000 }, (_, n) => later(`waits-${n}`, 5000)), row('a'));
    const { pass } = await started(t, board, { concurrency: 1 });
    assert.deepEqual(names(board.performed), ['a']);
    await pass(5000);
    assert.equal(board.performed.length, 1001);
  });

  test('is not starved by new work', async t => {
    const board = new Board();
    board.put(row('first'), later('a', 5000));
    board.hold('first');
    const { worker, pass } = await started(t, board, { concurrency: 1 });
    await pass(5000);
    board.put(row('second'));
    board.hold('second');
    worker.wake();
    await settled();
    board.finish('first');
    await settled();
    assert.deepEqual(names(board.performed), ['first', 'a']);
    board.finish('second');
  });

  test('is forgotten when it has ended: if it returns, its wait restarts', async t => {
    const board = new Board();
    board.put(later('a', 5000));
    const { pass } = await started(t, board);
    board.rows.clear();
    await pass(4000);
    board.put(later('a', 5000));
    await pass(4000);
    await pass(1000);
    assert.deepEqual(board.performed, []);
    await pass(4000);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('is read once, whatever the number of polls', async t => {
    const board = new Board();
    board.put(...Array.from({ length: 2000 }, (_, n) => later(`waits-${n}`, 600_000)));
    const { worker, pass } = await started(t, board);
    assert.equal(board.rowsRead, 2000);
    for (let n = 0; n < 5; n++) {
      worker.wake();
      await settled();
      await pass(1000);
    }
    board.put(later('new', 600_000));
    await pass(1000);
    assert.deepEqual([board.rowsRead, board.claimAttempts], [2001, 0]);
  });

  test('is read in pages, each in its own turn, from the end of the last one', async t => {
    const board = new Board();
    const pages: (readonly [position: number, limit: number, turn: number])[] = [];
    let turn = 0;
    const all = Array.from({ length: 1200 }, (_, n) => {
      const row = later(`waits-${n}`, 5000);
      return { key: `${row.stream} ${row.kind}`, row, position: n + 1 };
    });
    const { pass } = await started(t, board, {
      changes: async ({ position }, limit) => {
        pages.push([position, limit, turn]);
        setImmediate(() => turn++);
        return { generation: 1, changes: all.slice(position, position + limit) };
      },
    });
    assert.deepEqual(pages, [
      [0, 500, 0],
      [500, 500, 1],
      [1000, 500, 2],
    ]);
    await pass(1000);
    assert.deepEqual(pages.slice(3), [[1200, 500, 3]]);
  });

  test('is read from the start when another generation of the view is served', async t => {
    const board = new Board();
    const after: unknown[] = [];
    let generation = 1;
    const { pass } = await started(t, board, {
      changes: async place => {
        after.push(place);
        return { generation, changes: [] };
      },
    });
    generation = 2;
    await pass(1000);
    await pass(1000);
    assert.deepEqual(after, [
      { generation: -1, position: 0 },
      { generation: 1, position: 0 },
      { generation: 2, position: 0 },
    ]);
  });

  test('of another kind of work is ignored', async t => {
    const board = new Board();
    board.put(later('a', 1000), later('b', 1000));
    const { pass } = await started(t, board, { isOurs: ({ stream }) => stream === 'b' });
    await pass(1000);
    assert.deepEqual(names(board.performed), ['b']);
  });

  test('is checked again after the store was unavailable', async t => {
    const board = new Board();
    const away = new Unavailable('the view is away');
    let reads = 0;
    const change = { key: 'a mail', row: later('a', 5000), position: 1 };
    const { pass } = await started(t, board, {
      changes: async ({ position }) => {
        if (++reads === 1) throw away;
        return { generation: 1, changes: position === 0 ? [change] : [] };
      },
    });
    assert.deepEqual(board.reports, [away]);
    await pass(1000); // sees it now
    await pass(4999);
    assert.equal(board.claimAttempts, 0);
    await pass(1);
    assert.equal(board.claimAttempts, 1);
  });
});

describe('waiting work at a start', () => {
  /** A wait of a minute that ends in `seconds`, or has ended if negative. */
  const ending = (seconds: number): WorkRow => ({
    ...later('a', 60_000),
    until: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
  });
  const waitsFor = async (t: TestContext, seconds: number) => {
    const board = new Board();
    board.put(ending(seconds));
    const { pass } = await started(t, board, { now: () => Date.UTC(2026, 0, 1) });
    for (let waited = 1; waited <= 60; waited++) {
      await pass(1000);
      if (board.performed.length > 0) return waited;
    }
    return undefined;
  };

  for (const [seconds, waits] of [
    [30, 30],
    [3, 10],
    [-3600, 10],
    [60, 60],
    [3600, 60],
  ] as const) {
    test(`and ends in ${seconds} s by the clock is done after ${waits} s`, async t =>
      assert.equal(await waitsFor(t, seconds), waits));
  }

  test('counts its wait from when it is seen if it was added later', async t => {
    const board = new Board();
    const { pass } = await started(t, board, { now: () => Date.UTC(2026, 0, 1) });
    board.put(ending(1));
    await pass(0);
    await pass(59_000);
    assert.deepEqual(board.performed, []);
    await pass(1000);
    assert.deepEqual(names(board.performed), ['a']);
  });
});

describe('the claim of another worker', () => {
  test('is respected, and blocks no other work', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'), row('b'));
    const { pass } = await started(t, board, { concurrency: 1 });
    await pass(CLAIM_MS - 1);
    assert.deepEqual(names(board.performed), ['b']);
  });

  test('is replaced once it has been seen for its lease time', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { pass } = await started(t, board);
    await pass(CLAIM_MS);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('restarts the time when it is renewed', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { pass } = await started(t, board);
    for (let n = 1; n <= 3; n++) {
      board.put({ ...row('a', 'theirs'), until: new Date(n * CLAIM_MS).toISOString() });
      await pass(CLAIM_MS - 1);
    }
    await pass(CLAIM_MS - 1);
    assert.deepEqual(board.claims, []);
    await pass(1);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('restarts the time when it is a new claim', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { pass } = await started(t, board);
    board.put(row('a', 'another'));
    await pass(CLAIM_MS);
    assert.deepEqual(board.claims, []);
    await pass(CLAIM_MS);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('frees the work at once when it is given up', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { worker } = await started(t, board);
    board.put(row('a'));
    worker.wake();
    await settled();
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('may be an earlier claim of this worker, and expires like any other', async t => {
    const board = new Board();
    board.put(row('a'));
    board.hold('a');
    board.finish('a', new Error('no luck'));
    // The failure could not be recorded, so the work is still claimed.
    const { pass } = await started(t, board, { fail: () => Promise.reject(new Unavailable('away')) });
    await pass(CLAIM_MS - 1);
    assert.equal(board.claims.length, 1);
    await pass(1);
    assert.equal(board.claims.length, 2);
  });
});
