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
  test('what is sealed comes out again', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, subject, field) => {
        const stored = JSON.parse(JSON.stringify(seal(key, subject, field, value))) as Sealed;
        assert.deepEqual(open(key, field, stored), JSON.parse(JSON.stringify(value)));
      }),
      { seed: 20260310, numRuns: 200 },
    ));

  test('the envelope says whose it is and how it was sealed, and nothing of what is in it', () => {
    const { iv, text, ...rest } = sealed;
    assert.deepEqual(rest, { v: 1, subject: 'mina', keyId: 'key-1' });
    assert.equal(Buffer.from(iv, 'base64').length, 12);
    assert.ok(!Buffer.from(text, 'base64').includes('라떼용'));
  });

  test('the same value is never sealed alike twice', () => {
    const texts = Array.from({ length: 100 }, () => seal(key, 'mina', 'note', '라떼용'));
    assert.equal(new Set(texts.map(({ iv }) => iv)).size, 100);
    assert.equal(new Set(texts.map(({ text }) => text)).size, 100);
  });
});

describe('an envelope stays shut', () => {
  const rejects = (envelope: Sealed, withKey = key, field = 'note') =>
    assert.throws(() => open(withKey, field, envelope), Error);

  test('for a key of another name', () =>
    assert.throws(() => open({ ...key, keyId: 'key-2' }, 'note', sealed), /sealed with key key-1, not key-2/));

  test('for another key of the same name', () => rejects(sealed, { ...key, key: randomBytes(32) }));

  test('as another field', () => rejects(sealed, key, 'nickname'));

  test("as somebody else's", () => rejects({ ...sealed, subject: 'jun' }));

  for (const [subject, field] of [
    ['minano', 'te'],
    ['mina","no', 'te'],
  ] as const) {
    test(`where ${subject} and ${field} only look like mina and note`, () =>
      rejects({ ...seal(key, subject, field, 'x'), subject: 'mina' }, key, subject === 'minano' ? 'note' : 'no","te'));
  }

  test('with one bit of the value changed', () => rejects({ ...sealed, text: changed(sealed.text, 0) }));

  test('with one bit of the tag changed', () => rejects({ ...sealed, text: changed(sealed.text, -1) }));

  test('with one bit of the vector changed', () => rejects({ ...sealed, iv: changed(sealed.iv, 0) }));

  for (const length of [0, 3, 4, 8, 12, 15, 16, 17]) {
    test(`cut down to ${length} bytes`, () =>
      rejects({ ...sealed, text: Buffer.from(sealed.text, 'base64').subarray(0, length).toString('base64') }));
  }
});

describe('telling envelopes from other values', () => {
  test('an envelope is one, and of its subject', () => {
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
    test(`${JSON.stringify(value)} is none`, () => assert.equal(isSealed(value), false));
  }
});
