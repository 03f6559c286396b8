import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf, printable } from './printable.ts';

test('control characters are printed as their code', () => {
  for (const [text, printed] of [
    ['\u001b[2J\u001b]0;title\u0007', '\\u001b[2J\\u001b]0;title\\u0007'],
    ['\u009b31m\u0090\u0085', '\\u009b31m\\u0090\\u0085'],
    ['a\rb\nc\td\u007f\u0000', 'a\\u000db\\u000ac\\u0009d\\u007f\\u0000'],
    ['\u202eabc\u2066\u2069\u200e\u200f\u061c', '\\u202eabc\\u2066\\u2069\\u200e\\u200f\\u061c'],
    ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ] as const) {
    assert.equal(printable(text), printed);
    assert.equal(printable(printed), printed);
  }
});

test('all else is printed as it is', () => {
  for (const text of ['김치찌개 (2인분)', 'crème brûlée', '👨‍👩‍👧‍👦 \\n "x"', 'مِلْح', ''])
    assert.equal(printable(text), text);
});

test('the message of an error keeps its lines', () => {
  assert.equal(messageOf(new Error('A: \u001b[31mred\nB: wrong')), 'A: \\u001b[31mred\nB: wrong');
  assert.equal(messageOf('\u009bJ'), '\\u009bJ');
});
