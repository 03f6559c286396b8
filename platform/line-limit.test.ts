import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { LineLimit } from './line-limit.ts';

test('twenty lines of a kind are passed on in a minute, and then how many were not', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: string[] = [];
  const limit = new LineLimit(line => lines.push(line));
  const passed = (count: number) =>
    Array.from({ length: count }, (_, n) => limit.allows(`GET failed, trace ${randomUUID()}, try ${n}`)).filter(
      Boolean,
    );
  assert.equal(passed(612).length, 20);
  assert.equal(limit.allows('the view fridges stands still'), true);
  assert.deepEqual(lines, []);
  t.mock.timers.tick(60_000);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^592 more lines like this were left out in a minute: GET failed, trace /);
  assert.equal(passed(20).length, 20);
  t.mock.timers.tick(60_000);
  assert.equal(lines.length, 1);
});

test('lines that all differ are limited, too, and take no memory for ever', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const limit = new LineLimit(() => {});
  const words = (n: number) => [...String(n)].map(digit => 'abcdefghij'[Number(digit)]).join('x');
  const passed = Array.from({ length: 5000 }, (_, n) => limit.allows(`no such word: ${words(n)}`)).filter(Boolean);
  assert.ok(passed.length <= 520, `${passed.length} lines`);
});
