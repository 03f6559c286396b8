import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Starting } from './starting.ts';

test('a start says every ten seconds what it is waiting for, until it is ready', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const lines: string[] = [];
  const starting = new Starting(line => lines.push(line));
  const log = Promise.withResolvers<string>();
  const views = Promise.withResolvers<void>();
  let position = 0;
  const known = starting.waitFor(() => 'the log', log.promise);
  t.mock.timers.tick(9_999);
  assert.deepEqual(lines, []);
  log.resolve('known');
  assert.equal(await known, 'known');
  // The ten seconds are those of the start, whatever it has been waiting for.
  const built = starting.waitFor(() => `the views (at ${position})`, views.promise);
  t.mock.timers.tick(1);
  position = 7;
  t.mock.timers.tick(10_000);
  const reason = new Error('no');
  views.reject(reason);
  await assert.rejects(built, error => error === reason);
  const expected = [
    'not ready after 10 s: waiting for the views (at 0)',
    'not ready after 20 s: waiting for the views (at 7)',
  ];
  assert.deepEqual(lines, expected);
  starting.ended();
  t.mock.timers.tick(60_000);
  assert.deepEqual(lines, expected);
});
