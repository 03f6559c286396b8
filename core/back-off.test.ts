import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff, backOffMs } from './back-off.ts';

const BOUNDS = { firstMs: 100, longestMs: 1000 };

test('each pause is twice the one before, up to the longest', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 50, 5000].map(failures => backOffMs(failures, BOUNDS)),
    [100, 200, 400, 800, 1000, 1000, 1000],
  );
});

test('jitter takes up to half of a pause away, and two callers do not keep in step', () => {
  const pauses = Array.from({ length: 50 }, () => {
    const backOff = new BackOff(BOUNDS);
    return [1, 2, 3, 4, 5, 6].map(failures => {
      const ms = backOff.next();
      const most = backOffMs(failures, BOUNDS);
      assert.ok(ms >= most / 2 && ms <= most, `${ms} after ${failures} failures`);
      return ms;
    });
  });
  assert.equal(new Set(pauses.map(String)).size, pauses.length);
});

test('after a success it begins anew', () => {
  const backOff = new BackOff(BOUNDS);
  for (let n = 0; n < 10; n++) backOff.next();
  backOff.reset();
  assert.ok(backOff.next() <= BOUNDS.firstMs);
});

test('a pause ends when its signal aborts', async () => {
  const hour = { firstMs: 3_600_000, longestMs: 3_600_000 };
  const abort = new AbortController();
  const pause = new BackOff(hour).pause(abort.signal);
  abort.abort();
  await pause;
  await new BackOff(hour).pause(abort.signal);
});
