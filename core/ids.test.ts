import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, commandIdOf, createdId, fingerprintOf } from './ids.ts';

const SEEDED = { seed: 20260310, numRuns: 300 };
const key = Buffer.alloc(32, 7);
const otherKey = Buffer.alloc(32, 8);

describe('canonical JSON', () => {
  test('is the same for every order of the fields', () =>
    assert.equal(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' }), '{"a":"x","b":[{"c":null,"d":1}]}'));

  test('keeps the order of lists', () => assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1])));

  test('distinguishes text from numbers and null from absent', () => {
    assert.notEqual(canonicalJson({ a: 1 }), canonicalJson({ a: '1' }));
    assert.notEqual(canonicalJson({ a: null }), canonicalJson({}));
  });

  test('treats an undefined field as absent', () =>
    assert.equal(canonicalJson({ a: 1, b: undefined }), canonicalJson({ a: 1 })));

  test('holds everything that JSON holds, in exactly one form', () => {
    const backwards = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(backwards);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, inner]) => [name, backwards(inner)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = canonicalJson(value);
        assert.equal(text, canonicalJson(backwards(value)));
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
      SEEDED,
    );
  });
});

describe('the id of a command', () => {
  const parts = ['mina', 'POST', '/fridges/f1/ingredients', 'key-1'] as const;

  test('is a hash that never changes', () => {
    assert.equal(commandIdOf(...parts), '920ca7bea84dac0835f91d48b0b642df90134b470a417be0e5b202b23bec1f44');
    assert.match(commandIdOf(...parts), /^[0-9a-f]{64}$/);
  });

  for (const [i, part] of ['who', 'method', 'path', 'key'].entries()) {
    test(`depends on the ${part}`, () => {
      const [who, method, path, idempotencyKey] = parts.map((value, n) => (n === i ? `${value}x` : value));
      assert.notEqual(commandIdOf(who!, method!, path!, idempotencyKey!), commandIdOf(...parts));
    });
  }

  test('cannot be forged by moving the boundaries between its parts', () =>
    assert.notEqual(commandIdOf('mina', 'POST', '/a","b', 'key'), commandIdOf('mina', 'POST', '/a', 'b","key')));
});

describe('the id of an entity that a command creates', () => {
  test('is the same in every run', () => assert.equal(createdId('command', 0), '56fca5ee-6dcb-820d-9bac-31ce9212b510'));

  test('is a UUID of version 8', () =>
    fc.assert(
      fc.property(fc.string(), fc.nat(), (commandId, index) =>
        assert.match(
          createdId(commandId, index),
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
      ),
      SEEDED,
    ));

  test('differs for every command and every entity', () => {
    const ids = ['a', 'b', 'a,1', 'a1'].flatMap(command =>
      Array.from({ length: 200 }, (_, i) => createdId(command, i)),
    );
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('the fingerprint of a request', () => {
  const request = { items: [{ name: '우유', amount: 1 }], occurredAt: undefined };

  test('is the same for the same request in any order of its fields', () => {
    assert.equal(
      fingerprintOf(key, { occurredAt: undefined, items: [{ amount: 1, name: '우유' }] }),
      fingerprintOf(key, request),
    );
    assert.match(fingerprintOf(key, request), /^[A-Za-z0-9_-]{43}$/);
  });

  test('differs for another request', () =>
    assert.notEqual(fingerprintOf(key, { ...request, occurredAt: '2026-03-10' }), fingerprintOf(key, request)));

  test('reveals nothing without the key', () =>
    assert.notEqual(fingerprintOf(otherKey, request), fingerprintOf(key, request)));
});
