import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { skip as noBrowser } from './support/browser.ts';

const HERE = import.meta.dirname;
/** a lower bound, to notice a run that found no tests */
const ENOUGH = 150;
/** Itself, tests that start an EventStoreDB of their own, tests of two projectors on one file, and browser tests without a browser. */
const LEFT_OUT = [
  'on-eventstoredb.full.ts',
  'eventstore-url.test.ts',
  'eventstore-cluster.full.ts',
  'eventstore-foreign.test.ts',
  'stand-by.test.ts',
  'stand-by.full.ts',
  ...(noBrowser ? ['browser.full.ts'] : []),
];
const files = globSync('*.{test,full}.ts', { cwd: HERE })
  .filter(name => !LEFT_OUT.includes(name))
  .toSorted((a, b) => Number(b.startsWith('kills.')) - Number(a.startsWith('kills.'))) // the longest first
  .map(name => join(HERE, name));

test('every test of the whole system passes with its event log in an EventStoreDB', async t => {
  const args = [
    '--import',
    join(HERE, 'support/ends.ts'),
    '--test',
    '--test-reporter=tap',
    '--test-timeout=900000',
    '--test-concurrency=2',
    ...files,
  ];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    env: { ...env, ZIPBOB_TEST_LOG: 'eventstoredb' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const ended = once(child, 'exit');
  const totals = new Map<string, number>();
  let failing = false;
  for await (const line of createInterface(child.stdout)) {
    const [, name, count] = /^# (\w+) (\d+)$/.exec(line) ?? [];
    if (name) totals.set(name, Number(count));
    if (/^\s*(not )?ok \d/.test(line)) failing = /^\s*not ok/.test(line);
    if (failing) console.error(line);
  }
  assert.deepEqual(await ended, [0, null]);
  assert.equal(totals.get('fail'), 0);
  const passed = totals.get('pass') ?? 0;
  assert.ok(passed >= ENOUGH, `only ${passed} tests ran`);
});
