import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { memoryOf, Recent } from './memory.ts';

describe('the memory size of a value', () => {
  test('grows with its strings, its fields and its depth', () => {
    for (const [less, more] of [
      ['', 'a'],
      ['a'.repeat(1000), 'a'.repeat(1001)],
      [{}, { a: 1 }],
      [{ a: 1 }, { a: 1, b: 1 }],
      [{ a: 1 }, { a: { a: 1 } }],
      [[1], [1, 1]],
      [null, {}],
    ]) {
      assert.ok(memoryOf(less) < memoryOf(more), JSON.stringify(more));
    }
  });

  test('is never less than the size of its strings', () =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const texts: string[] = [];
        JSON.stringify(value, (_, inner) => {
          if (typeof inner === 'string') texts.push(inner);
          return inner;
        });
        assert.ok(memoryOf(value) >= texts.join('').length);
      }),
      { seed: 20260310 },
    ));
});

describe('the cache of recent values', () => {
  const value = (bytes: number) => ({ bytes });
  const there = (recent: Recent<{ bytes: number }>, ...names: string[]) => {
    const found = names.flatMap(name => {
      const one = recent.take(name);
      return one ? [[name, one] as const] : [];
    });
    for (const [name, one] of found) recent.put(name, one);
    return found.map(([name]) => name);
  };

  test('is limited by size, not by number', () => {
    const recent = new Recent<{ bytes: number }>(10);
    for (const name of ['a', 'b', 'c', 'd', 'e']) recent.put(name, value(2));
    assert.deepEqual(there(recent, 'a', 'b', 'c', 'd', 'e'), ['a', 'b', 'c', 'd', 'e']);
    recent.put('f', value(5));
    assert.deepEqual(there(recent, 'a', 'b', 'c', 'd', 'e', 'f'), ['d', 'e', 'f']);
  });

  test('evicts in the order of the last put', () => {
    const recent = new Recent<{ bytes: number }>(3);
    for (const name of ['a', 'b', 'c']) recent.put(name, value(1));
    recent.put('a', recent.take('a')!);
    recent.put('d', value(1));
    assert.deepEqual(there(recent, 'a', 'b', 'c', 'd'), ['a', 'c', 'd']);
  });

  test('keeps the last value even if it is too large, and nothing else with it', () => {
    const recent = new Recent<{ bytes: number }>(10);
    recent.put('a', value(4));
    recent.put('b', value(100));
    assert.deepEqual(there(recent, 'a', 'b'), ['b']);
    recent.put('c', value(1));
    assert.deepEqual(there(recent, 'b', 'c'), ['c']);
  });

  test('counts a value once, even if it was taken or put again', () => {
    const recent = new Recent<{ bytes: number }>(10);
    for (let n = 0; n < 50; n++) recent.put('a', value(6));
    for (let n = 0; n < 50; n++) recent.take('never');
    recent.put('b', value(4));
    assert.deepEqual(there(recent, 'a', 'b'), ['a', 'b']);
  });
});
