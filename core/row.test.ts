import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boolean, integer, json, optional, real, text } from './projection.ts';
import { rowCheck } from './row.ts';

const circular: Record<string, unknown> = {};
circular.self = circular;

const columns = { text: text(), integer: integer(), real: real(), boolean: boolean(), json: json<unknown>() };
const good = { text: '', integer: 0, real: 0, boolean: false, json: null };

const FIT: Record<keyof typeof good, readonly unknown[]> = {
  text: ['', 'a\0b', '🥛', 'é'.normalize('NFD')],
  integer: [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  real: [0, 0.1, -2.5, Number.MAX_VALUE, 5e-324, 2 ** 60],
  boolean: [true, false],
  json: [null, 0, '', false, [], {}, [1, [null]], { a: { b: ['c', undefined].slice(0, 1) }, d: undefined }],
};
const UNFIT: Record<keyof typeof good, readonly unknown[]> = {
  text: [undefined, null, 5, true, {}, ['a'], new Date(0), 'half \ud83c'],
  integer: [undefined, null, '1', 1.5, 2 ** 53, -(2 ** 53), 2 ** 63, Number.NaN, Number.POSITIVE_INFINITY, 1n, true],
  real: [undefined, null, '1', Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1n],
  boolean: [undefined, null, 0, 1, 'true'],
  json: [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    Symbol('x'),
    () => 1,
    new Date(0),
    new Map(),
    [undefined],
    [Number.NaN],
    { a: [1n] },
    { a: { b: new Date(0) } },
    circular,
  ],
};

describe('a folded row', () => {
  const check = rowCheck(columns);
  for (const name of Object.keys(columns) as (keyof typeof columns)[]) {
    test(`may hold any value that a column of type ${name} preserves`, () => {
      for (const value of FIT[name]) assert.doesNotThrow(() => check({ ...good, [name]: value }), String(value));
    });

    test(`may hold no other value in a column of type ${name}`, () => {
      for (const [i, value] of UNFIT[name].entries()) {
        assert.throws(() => check({ ...good, [name]: value }), Error, `${name} ${i}`);
      }
    });

    test(`may lack a column of type ${name} only if it is optional`, () => {
      const { [name]: _, ...without } = good;
      assert.throws(() => check(without), TypeError);
      const loose = rowCheck({ ...columns, [name]: optional<unknown>(columns[name]) });
      loose(without);
      loose({ ...without, [name]: undefined });
      for (const [i, value] of UNFIT[name].entries()) {
        if (value !== undefined) assert.throws(() => loose({ ...good, [name]: value }), Error, `${name} ${i}`);
      }
    });
  }

  test('may have fields without a column: a newer release may have written them', () =>
    check({ ...good, more: Number.NaN }));

  test('is refused with the name of the column, but without personal text', () => {
    assert.throws(() => check({ ...good, integer: 2 ** 63 }), {
      message: 'the column integer (integer) cannot hold 9223372036854776000',
    });
    assert.throws(() => check({ ...good, real: 'a secret' }), {
      message: 'the column real (real) cannot hold a value of type string',
    });
  });
});
