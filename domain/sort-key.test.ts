import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sortKey } from './sort-key.ts';

describe('the sort key of a name', () => {
  for (const [name, key] of [
    ['Milk', 'milk'],
    ['Crème Brûlée', 'creme brulee'],
    ['cre\u0300me', 'creme'],
    ['ÅNGSTRÖM', 'angstrom'],
    ['İzmir', 'izmir'],
    ['Ｍｉｌｋ', 'milk'],
    ['½ pint', '1⁄2 pint'],
    ['우유', '우유'],
    ['우유'.normalize('NFD'), '우유'],
    ['がんも', 'がんも'],
    ['🥛 milk', '🥛 milk'],
    ['', ''],
  ] as const) {
    test(`for "${name}" is "${key}"`, () => assert.equal(sortKey(name), key));
  }

  test('has at most 255 code points, and no half of one', () => {
    assert.equal(sortKey('🥛'.repeat(300)), '🥛'.repeat(255));
    assert.equal([...sortKey('\ufdfa'.repeat(200))].length, 255);
  });

  test('is fast for many combining marks', () => {
    const piled = `a${'\u0301\u0323'.repeat(20_000)}`;
    assert.equal(sortKey(piled), 'a');
  });

  test('is the same in any composition of the name, and fits into an index', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), name => {
        const key = sortKey(name);
        assert.equal(sortKey(name.normalize('NFD')), key);
        assert.equal(sortKey(name.normalize('NFC')), key);
        assert.ok(key.isWellFormed() && Buffer.byteLength(key) <= 4 * 255);
      }),
      { seed: 20260310, numRuns: 1000 },
    ));
});
