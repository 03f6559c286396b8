import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steadyTime } from './steady-time.ts';

const HOUR = 3_600_000;

test('after the clock is set back, the steady time continues from its last reading by the time elapsed since', () => {
  let wall = 10 * HOUR;
  let elapsed = 5;
  const pass = (ms: number) => {
    wall += ms;
    elapsed += ms;
  };
  const time = steadyTime(
    () => new Date(wall),
    undefined,
    () => elapsed,
  );
  assert.deepEqual(time(), { at: 10 * HOUR, ahead: 0 });
  pass(600_000);
  wall -= HOUR;
  assert.deepEqual(time(), { at: 10 * HOUR + 600_000, ahead: HOUR });
  pass(1000);
  assert.deepEqual(time(), { at: 10 * HOUR + 601_000, ahead: HOUR });
  wall += 2 * HOUR;
  assert.deepEqual(time(), { at: 12 * HOUR + 601_000, ahead: HOUR });
  const restarted = steadyTime(
    () => new Date(8 * HOUR),
    time(),
    () => 0,
  );
  assert.equal(restarted().at, 12 * HOUR + 601_000);
});
