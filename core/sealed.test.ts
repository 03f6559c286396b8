import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSealed, open, type Sealed, type SubjectKey, seal } from './sealed.ts';

const key: SubjectKey = { keyId: 'key-1', key: randomBytes(32) };
const sealed = seal(key, 'mina', 'note', '라떼용');
const changed = (text: string, at: number): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString('base64');
};

describe('sealing', () => {
  test('a sealed value can be opened again', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, subject, field) => {
        const stored = JSON.parse(JSON.stringify(seal(key, subject, field, value))) as Sealed;
        assert.deepEqual(open(key, field, stored), JSON.parse(JSON.stringify(value)));
      }),
      { seed: 20260310, numRuns: 200 },
    ));

  test('the envelope shows its subject and key, but nothing of its content', () => {
    const { iv, text, ...rest } = sealed;
    assert.deepEqual(rest, { v: 1, subject: 'mina', keyId: 'key-1' });
    assert.equal(Buffer.from(iv, 'base64').length, 12);
    assert.ok(!Buffer.from(text, 'base64').includes('라떼용'));
  });

  test('sealing a value twice gives different envelopes', () => {
    const texts = Array.from({ length: 100 }, () => seal(key, 'mina', 'note', '라떼용'));
    assert.equal(new Set(texts.map(({ iv }) => iv)).size, 100);
    assert.equal(new Set(texts.map(({ text }) => text)).size, 100);
  });
});

describe('an envelope cannot be opened', () => {
  const rejects = (envelope: Sealed, withKey = key, field = 'note') =>
    assert.throws(() => open(withKey, field, envelope), Error);

  test('with a key of another id', () =>
    assert.throws(() => open({ ...key, keyId: 'key-2' }, 'note', sealed), /sealed with key key-1, not key-2/));

  test('with another key of the same id', () => rejects(sealed, { ...key, key: randomBytes(32) }));

  test('as another field', () => rejects(sealed, key, 'nickname'));

  test('as that of another member', () => rejects({ ...sealed, subject: 'jun' }));

  for (const [subject, field] of [
    ['minano', 'te'],
    ['mina","no', 'te'],
  ] as const) {
    test(`if ${subject} and ${field} concatenate like mina and note`, () =>
      rejects({ ...seal(key, subject, field, 'x'), subject: 'mina' }, key, subject === 'minano' ? 'note' : 'no","te'));
  }

  test('with one bit of the value changed', () => rejects({ ...sealed, text: changed(sealed.text, 0) }));

  test('with one bit of the tag changed', () => rejects({ ...sealed, text: changed(sealed.text, -1) }));

  test('with one bit of the vector changed', () => rejects({ ...sealed, iv: changed(sealed.iv, 0) }));

  for (const length of [0, 3, 4, 8, 12, 15, 16, 17]) {
    test(`cut to ${length} bytes`, () =>
      rejects({ ...sealed, text: Buffer.from(sealed.text, 'base64').subarray(0, length).toString('base64') }));
  }
});

describe('isSealed', () => {
  test('accepts an envelope, and only that of its subject', () => {
    assert.equal(isSealed(sealed), true);
    assert.equal(isSealed(sealed, 'mina'), true);
    assert.equal(isSealed(sealed, 'jun'), false);
  });

  for (const value of [
    undefined,
    null,
    '',
    '라떼용',
    1,
    true,
    [],
    {},
    { v: 1 },
    { ...sealed, v: 2 },
    { ...sealed, text: '' },
    { ...sealed, keyId: '' },
    { ...sealed, iv: '' },
    (({ keyId: _keyId, ...rest }) => rest)(sealed),
    (({ iv: _iv, ...rest }) => rest)(sealed),
  ]) {
    test(`rejects ${JSON.stringify(value)}`, () => assert.equal(isSealed(value), false));
  }
});
