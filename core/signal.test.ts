import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signal } from './signal.ts';

const LONG_MS = 60_000;

test('all callers that wait are woken, each once', async () => {
  const signal = new Signal();
  const waits = [signal.wait(LONG_MS), signal.wait(), signal.wait(LONG_MS)];
  signal.notify();
  assert.deepEqual(await Promise.all(waits), [true, true, true]);
  assert.equal(await signal.wait(1), false);
});

test('news that came since a look ends the wait at once', async () => {
  const signal = new Signal();
  const { count } = signal;
  signal.notify();
  assert.equal(await signal.wait(LONG_MS, count), true);
  assert.equal(await signal.wait(1, signal.count), false);
});

test('without news a wait is over after its time, and other waits go on', async () => {
  const signal = new Signal();
  const other = signal.wait(LONG_MS);
  assert.equal(await signal.wait(1), false);
  signal.notify();
  assert.equal(await other, true);
});

test('a wait that was ended leaves no timer behind', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const signal = new Signal();
  const wait = signal.wait(10);
  signal.notify();
  assert.equal(await wait, true);
  const next = signal.wait();
  t.mock.timers.tick(10);
  signal.notify();
  assert.equal(await next, true);
});
