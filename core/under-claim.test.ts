import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Refused, Unavailable } from './errors.ts';
import { settled } from './testing/worker-sample.ts';
import { LimitOver, type UnderClaimOptions, underClaim } from './under-claim.ts';

const LEASE_MS = 15_000;
const LIMIT_MS = 60_000;
const lost = () => new Refused('rule', 'claim-lost', 'another worker has it');
const never = () => new Promise<never>(() => {});

/** Work that ends when a test says so, under a lease whose time only passes where a test says so. */
function start(
  t: TestContext,
  options: Partial<UnderClaimOptions> = {},
  work?: (signal: AbortSignal) => Promise<string>,
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const done = Promise.withResolvers<string>();
  const seen = { renewals: 0, reports: [] as unknown[], signal: undefined as AbortSignal | undefined };
  const { renew = async () => {} } = options;
  const result = underClaim(
    signal => {
      seen.signal = signal;
      return work ? work(signal) : done.promise;
    },
    {
      ...{ leaseMs: LEASE_MS, limitMs: LIMIT_MS, signal: new AbortController().signal },
      report: error => seen.reports.push(error),
      ...options,
      renew: () => {
        seen.renewals++;
        return renew();
      },
    },
  );
  const outcome = result.catch((error: unknown) => error);
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      t.mock.timers.tick(1000);
      await settled();
    }
  };
  return { seen, outcome, pass, done };
}

describe('work under a lease', () => {
  test('comes to its own result, and nothing is renewed after that', async t => {
    const { seen, outcome, pass, done } = start(t);
    done.resolve('done');
    assert.equal(await outcome, 'done');
    await pass(60);
    assert.deepEqual([seen.renewals, seen.signal!.aborted], [0, false]);
  });

  test('may fail', async t => {
    const { outcome, done } = start(t);
    const error = new Error('no luck');
    done.reject(error);
    assert.equal(await outcome, error);
  });

  test('keeps its claim for as long as it takes', async t => {
    const { seen, outcome, pass, done } = start(t);
    await pass(59);
    assert.deepEqual([seen.renewals, seen.signal!.aborted], [11, false]);
    done.resolve('done');
    assert.equal(await outcome, 'done');
  });

  test('ends when its time is over, whether it minds its signal or not', async t => {
    const { seen, outcome, pass } = start(t, {}, never);
    await pass(59);
    assert.equal(seen.signal!.aborted, false);
    await pass(1);
    assert.ok((await outcome) instanceof LimitOver);
    assert.equal(seen.signal!.aborted, true);
    const { renewals } = seen;
    await pass(60);
    assert.equal(seen.renewals, renewals);
  });

  test('may fail late without harm', async t => {
    const { outcome, pass, done } = start(t);
    await pass(60);
    assert.ok((await outcome) instanceof LimitOver);
    done.reject(new Error('too late'));
    await settled();
  });

  test('ends at once where its claim was lost', async t => {
    const error = lost();
    const { seen, outcome, pass } = start(t, { renew: () => Promise.reject(error) });
    await pass(5);
    assert.equal(await outcome, error);
    assert.deepEqual([seen.signal!.reason, seen.renewals, seen.reports], [error, 1, []]);
  });

  test('goes on where a renewal fails once because the log is away', async t => {
    const away = new Unavailable('the log is away');
    let times = 0;
    const { seen, outcome, pass, done } = start(t, {
      renew: async () => {
        if (++times % 2) throw away;
      },
    });
    await pass(50);
    assert.deepEqual([seen.signal!.aborted, seen.renewals, seen.reports.length], [false, 10, 5]);
    done.resolve('done');
    assert.equal(await outcome, 'done');
  });

  for (const [how, renew] of [
    ['fails', () => Promise.reject(new Unavailable('the log is away'))],
    ['gets no answer', never],
  ] as const) {
    test(`ends when its claim has run out because every renewal ${how}`, async t => {
      const { seen, outcome, pass } = start(t, { renew });
      await pass(14);
      assert.equal(seen.signal!.aborted, false);
      await pass(1);
      assert.ok((await outcome) instanceof Unavailable);
      assert.equal(seen.signal!.aborted, true);
    });
  }

  test('ends where its worker does', async t => {
    const worker = new AbortController();
    const { seen, outcome } = start(t, { signal: worker.signal }, never);
    const reason = new Unavailable('the worker stops');
    worker.abort(reason);
    assert.equal(await outcome, reason);
    assert.equal(seen.signal!.aborted, true);
  });

  test('does not begin where its worker has ended', async t => {
    const reason = new Unavailable('the worker stops');
    const { seen, outcome } = start(t, { signal: AbortSignal.abort(reason) });
    assert.equal(await outcome, reason);
    assert.equal(seen.signal, undefined);
  });
});
