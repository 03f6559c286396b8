import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isMisleading, nameHmac, normalName } from './names.ts';

const HIDDEN = [
  ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u180e', '\ufe0f', '\u{e0100}'],
  ...['\u115f', '\u1160', '\u3164', '\uffa0', '\u061c', '\u200e', '\u200f', '\ufff9', '\u{e0041}', '\u{1d173}'],
  ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'],
];
const shown = (name: string) =>
  JSON.stringify(name).replaceAll(/[^ -~]/gu, c => `\\u${c.codePointAt(0)!.toString(16)}`);

describe('names that look the same', () => {
  for (const [name, same] of [
    ['Kim', 'KIM'],
    ['김밥', '김밥'.normalize('NFD')],
    ['Chef Kim', '  chef \u3000 Ｋｉｍ\t'],
    ['chef kim', 'chef\u2800kim'],
    ['Straße', 'STRASSE'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
    ['ﬁsh', 'FISH'],
    ['Kim', '\u212aim'], // the sign of kelvin
    ['2', '²'],
    ['é', 'e\u034f\u0301'],
    ['ΐ', '\u1fd3'],
  ] as const) {
    test(`are the same: ${shown(name)} and ${shown(same)}`, () => assert.equal(normalName(same), normalName(name)));
  }

  test('are the same with whatever cannot be seen in them, wherever it is', () => {
    for (const hidden of HIDDEN) {
      for (const same of [`${hidden}min a`, `mi${hidden}n a`, `min ${hidden} a`, `min a${hidden}${hidden} `])
        assert.deepEqual([shown(hidden), normalName(same)], [shown(hidden), 'min a']);
    }
  });

  test('are reserved under one HMAC', () => {
    const hmac = (name: string) => nameHmac(new Uint8Array(32), 'nickname', name);
    assert.equal(hmac('mi\u200bNa'), hmac('Mina'));
    assert.notEqual(hmac('mina'), hmac('mino'));
    assert.notEqual(hmac('mina'), nameHmac(new Uint8Array(32), 'email', 'mina'));
  });
});

test('names that do not look the same are not', () => {
  const names = ['mina', 'mino', 'min a', 'mi-na', '미나', 'mína', 'mina1', 'mina🍳'];
  assert.equal(new Set(names.map(normalName)).size, names.length);
});

test('what has been made one spelling stays it', () => {
  const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(name, text => assert.equal(normalName(normalName(text)), normalName(text))),
    { seed: 20260310, numRuns: 2000 },
  );
});

describe('a name misleads', () => {
  const shaping = ['\u200c', '\u200d', '\ufe0f', '\u{e0100}', '\u{e0041}'];

  test('with what cannot be seen or turns its neighbours', () => {
    for (const hidden of HIDDEN)
      assert.deepEqual([shown(hidden), isMisleading(`mi${hidden}na`)], [shown(hidden), !shaping.includes(hidden)]);
  });

  test('not with what shapes emoji, flags and letters', () => {
    for (const name of ['👨‍👩‍👧‍👦 가족', '☕️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'می‌خواهم', '葛󠄀城', '김 밥'])
      assert.equal(isMisleading(name), false);
  });
});
