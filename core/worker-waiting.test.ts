import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Unavailable } from './errors.ts';
import { Board, CLAIM_MS, later, row, settled } from './testing/worker-sample.ts';
import type { WorkRow } from './waiting.ts';
import type { Worker, WorkerOptions } from './worker.ts';

const LOOK_EVERY_MS = 1000;
const names = (list: readonly { stream: string }[]) => list.map(({ stream }) => stream);

/** A worker whose time only passes where a test says so; `pass` ends with its next look. */
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

describe('what waits', () => {
  test('is done when its time has passed since it was seen, and not before', async t => {
    const board = new Board();
    board.put(later('a', 5000));
    const { pass } = await started(t, board);
    await pass(4999);
    assert.deepEqual(board.performed, []);
    await pass(1);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('counts from when it was seen, whenever it began', async t => {
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

  test('begins anew with another attempt', async t => {
    const board = new Board();
    board.put(later('a', 5000, 1));
    const { pass } = await started(t, board);
    board.put(later('a', 5000, 2));
    await pass(5000);
    assert.deepEqual(board.performed, []);
    await pass(5000);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('never stands in the way of what can be done at once', async t => {
    const board = new Board();
    board.put(...Array.from({ length: 1000 }, (_, n) => later(`waits-${n}`, 5000)), row('a'));
    const { pass } = await started(t, board, { concurrency: 1 });
    assert.deepEqual(names(board.performed), ['a']);
    await pass(5000);
    assert.equal(board.performed.length, 1001);
  });

  test('is not kept from its turn by ever new work', async t => {
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

  test('is forgotten when it has ended: should it ever come again, its time begins anew', async t => {
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

  test('is read once, however often there is a look', async t => {
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
    assert.deepEqual([board.rowsRead, board.attempts], [2001, 0]);
  });

  test('is read in pages, each in a turn of its own, from where the last one ended', async t => {
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

  test('of another kind of work is left to its own worker', async t => {
    const board = new Board();
    board.put(later('a', 1000), later('b', 1000));
    const { pass } = await started(t, board, { isOurs: ({ stream }) => stream === 'b' });
    await pass(1000);
    assert.deepEqual(names(board.performed), ['b']);
  });

  test('is looked at again after the store was away', async t => {
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
    assert.equal(board.attempts, 0);
    await pass(1);
    assert.equal(board.attempts, 1);
  });
});

describe('what waits at a start', () => {
  /** A wait of a minute that ends so many seconds from now, or ended before. */
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

  test('counts from when it is seen if it came later', async t => {
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

describe("somebody else's claim", () => {
  test('is respected, and stands in the way of nothing else', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'), row('b'));
    const { pass } = await started(t, board, { concurrency: 1 });
    await pass(CLAIM_MS - 1);
    assert.deepEqual(names(board.performed), ['b']);
  });

  test('is replaced once it has been seen for its time', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { pass } = await started(t, board);
    await pass(CLAIM_MS);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('that is renewed starts the time anew', async t => {
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

  test('that is a new one starts the time anew', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { pass } = await started(t, board);
    board.put(row('a', 'another'));
    await pass(CLAIM_MS);
    assert.deepEqual(board.claims, []);
    await pass(CLAIM_MS);
    assert.deepEqual(names(board.performed), ['a']);
  });

  test('that was given up leaves the work free at once', async t => {
    const board = new Board();
    board.put(row('a', 'theirs'));
    const { worker } = await started(t, board);
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
    const { pass } = await started(t, board, { fail: () => Promise.reject(new Unavailable('away')) });
    await pass(CLAIM_MS - 1);
    assert.equal(board.claims.length, 1);
    await pass(1);
    assert.equal(board.claims.length, 2);
  });
});
