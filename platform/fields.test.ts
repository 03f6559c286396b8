import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { amount, date, id, instant, language, line, prose } from './fields.ts';

/** What comes out, or why it is refused. */
function read(field: z.ZodType, value: unknown): unknown {
  const { success, data, error } = field.safeParse(value);
  return success ? { is: data } : { refused: error.issues.map(({ message }) => message) };
}
const is = (field: z.ZodType, value: unknown, expected: unknown = value) =>
  assert.deepEqual(read(field, value), { is: expected });
const refused = (field: z.ZodType, value: unknown, ...because: readonly string[]) => {
  const answer = read(field, value) as { refused?: string[] };
  assert.ok(answer.refused, `${String(value)} was taken`);
  if (because.length > 0) assert.deepEqual(answer.refused, because);
};

const FAMILY = '👨‍👩‍👧‍👦';
const FLAG = '🏴󠁧󠁢󠁳󠁣󠁴󠁿';
const KISS = '👩🏽‍❤️‍💋‍👨🏿';
/** a syllable of three letters, each by itself: no composed form exists */
const OLD_HANGUL = '\u1112\u119e\u11ab';
const HALF = 'has half of a character in it';
const CONTROL = 'has control characters in it';
const SHORT = 'needs at least 1 character';

describe('a line', () => {
  test('is kept as it is', () => {
    for (const text of ['우유', 'Milk 1L (2%)', '<b>&amp;</b>', "Robert'); DROP TABLE", '牛乳', 'مِلْح', '🥛'])
      is(line(30), text);
  });

  test('comes out without the spaces around it', () => {
    for (const text of ['  우유 ', '\u00a0우유\u3000', '\ufeff우유']) is(line(10), text, '우유');
    is(line(10), '두부  반모');
  });

  test('comes out composed', () => {
    is(line(10), '냉장고'.normalize('NFD'), '냉장고');
    is(line(10), 'cafe\u0301', 'café');
    is(line(10), '\u212b', '\u00c5');
  });

  test('is not changed where only its look would be', () => is(line(10), '½ﬁＡ①'));

  test('needs something in it', () => {
    for (const text of ['', ' ', '\u3000\u00a0']) refused(line(10), text, SHORT);
    refused(line(10, 2), 'a', 'needs at least 2 characters');
    is(line(10, 2), 'ab');
  });

  test('needs something to see in it', () => {
    const unseen = ['\u200b', '\u200b\u200d\u2060', '\u00ad', '\u202e', '\ufe0f', '\u0301', '\u115f\u1160', '\u3164'];
    for (const text of [...unseen, '\uffa0', '\u2800', '\u{e0041}']) {
      refused(line(10), text, SHORT);
      refused(prose(10), text, SHORT);
    }
    refused(line(10, 2), 'a\u200b', 'needs at least 2 characters');
    for (const text of ['\u200b우유', '우\u200b유', '?', '½', '☕️', '1️⃣', '\ufffd', 'ㅋ', '\u1100']) is(line(10), text);
  });

  test('has no piles of marks on a character', () => {
    const PILED = 'has a character with too much on it';
    for (const text of [`a${'\u0301'.repeat(3000)}`, `a${'\u0317'.repeat(16)}`, '\u1100'.repeat(17)]) {
      refused(line(200), `우유 ${text}`, PILED);
      refused(prose(200), text, PILED);
    }
    refused(line(200), Array(9).fill('👩').join('\u200d'), PILED);
    is(line(200), `a${'\u0317'.repeat(15)}`);
    for (const text of ['Phở tái nạm', 'ภาษาไทย ที่', 'རྒྱལ་པོ', 'क्षत्रिय', '👨🏻‍👩🏽‍👧🏿‍👦🏼', 'Z̸̛̼a̷l̴g̶o̵'])
      is(line(200), text.normalize('NFD'), text.normalize('NFC'));
  });

  test('is a text', () => {
    for (const value of [undefined, null, 7, true, ['우유'], { text: '우유' }]) refused(line(10), value);
  });
});

describe('the length of a line', () => {
  for (const [what, one] of [
    ['a letter', 'a'],
    ['a syllable', '한'],
    ['a syllable taken apart', '한'.normalize('NFD')],
    ['a syllable that cannot be composed', OLD_HANGUL],
    ['a letter with many marks', 'e\u0301\u0323\u0308'],
    ['an emoji', '🥛'],
    ['a family', FAMILY],
    ['a flag of two letters', '🇰🇷'],
    ['a flag of tags', FLAG],
    ['a kiss in two colours', KISS],
    ['an emoji with its look', '☕️'],
  ] as const) {
    test(`counts ${what} as one`, () => {
      is(line(3), one.repeat(3), one.repeat(3).normalize('NFC'));
      refused(line(3), one.repeat(4), 'has more than 3 characters');
      refused(line(3, 3), one.repeat(2), 'needs at least 3 characters');
    });
  }

  test('does not count the spaces around it', () => is(line(3), '   abc   ', 'abc'));

  test('has a bound in bytes too', () => {
    refused(line(3), `a${'\u0301'.repeat(100)}`);
    refused(line(3), ' '.repeat(10_000));
    refused(line(100), 'x'.repeat(1_000_000));
  });

  test('is known before a text is normalized, and so are runs of marks', t => {
    const normalize = t.mock.method(String.prototype, 'normalize');
    const marks = (count: number) => Array.from({ length: count }, (_, i) => (i % 2 ? '\u0301' : '\u0316')).join('');
    for (const text of [
      `a${marks(39_999)}`,
      marks(39_999),
      `${'ab '.repeat(600)}e${marks(33)}`,
      `ｶ${'\uff9e\u0316'.repeat(100)}`,
      `a${'\u0344'.repeat(1000)}`,
      'a'.repeat(40_001),
    ]) {
      refused(prose(2000), text);
      refused(line(500), text);
    }
    assert.equal(normalize.mock.callCount(), 0);
    is(line(500), `a${'\u0317'.repeat(15)}`);
    assert.equal(normalize.mock.callCount(), 1);
  });

  test('is counted no further than to the first character that is too many', t => {
    const test = t.mock.method(RegExp.prototype, 'test');
    refused(prose(10), '🥛'.repeat(100), 'has more than 10 characters');
    assert.ok(test.mock.callCount() < 50, `${test.mock.callCount()} calls`);
  });

  test('may be as long as it may', () => {
    is(line(200), FAMILY.repeat(200));
    is(line(200), '한'.repeat(200).normalize('NFD'), '한'.repeat(200));
    refused(line(200), '한'.repeat(201).normalize('NFD'), 'has more than 200 characters');
  });
});

describe('half characters', () => {
  for (const text of ['\ud83c', '우유\udf7c', '\udf7c\ud83c', 'a\ud83cb'])
    test(`are refused: ${JSON.stringify(text)}`, () => {
      refused(line(10), text, HALF);
      refused(prose(10), text, HALF);
    });

  test('are not seen in whole ones', () => is(line(10), '\ud83c\udf7c'));
});

describe('control characters', () => {
  const name = (code: number) => `U+${code.toString(16).padStart(4, '0')}`;
  const text = (code: number) => `a${String.fromCharCode(code)}b`;
  const breaks = [0x09, 0x0a, 0x0d];
  const never = [
    ...Array.from({ length: 0x20 }, (_, code) => code).filter(code => !breaks.includes(code)),
    ...[0x7f, 0x2028, 0x2029],
  ];

  test('are refused, in lines and in prose', () => {
    for (const code of never) {
      assert.deepEqual([name(code), read(line(10), text(code))], [name(code), { refused: [CONTROL] }]);
      assert.deepEqual([name(code), read(prose(10), text(code))], [name(code), { refused: [CONTROL] }]);
    }
  });

  test('of the second kind are refused too: U+0085 ends a line as well', () => {
    for (let code = 0x80; code <= 0x9f; code++)
      assert.deepEqual([name(code), read(line(10), text(code))], [name(code), { refused: [CONTROL] }]);
  });

  test('that break lines are for prose only', () => {
    for (const code of breaks) {
      refused(line(10), text(code), CONTROL);
      is(prose(10), text(code));
    }
  });

  test('are refused at the ends as well', () => {
    refused(line(10), '우유\n', CONTROL);
    refused(line(10), '\u0000우유', CONTROL);
  });

  test('that join letters are none', () => is(line(10), `${FAMILY}\u200d`));
});

describe('prose', () => {
  test('has several lines, and no spaces around them', () =>
    is(prose(50), '\n 썬다.\r\n\t볶는다. \n', '썬다.\r\n\t볶는다.'));

  test('counts a line break as one, however it is written', () => {
    is(prose(3), 'a\r\nb');
    refused(prose(3), 'a\r\nbc', 'has more than 3 characters');
  });

  test('needs something in it', () => refused(prose(10), ' \n\t\n', SHORT));
});

describe('any text', () => {
  const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.string());
  const SEEDED = { seed: 20260310, numRuns: 2000 };

  test('that is taken is composed, trimmed, whole, and taken again as it is', () =>
    fc.assert(
      fc.property(texts, text => {
        for (const field of [line(8), prose(8)]) {
          const { success, data } = field.safeParse(text);
          if (!success) continue;
          assert.deepEqual([data, data.isWellFormed()], [text.normalize('NFC').trim(), true]);
          is(field, data);
        }
      }),
      SEEDED,
    ));
});

describe('a date', () => {
  test('is a day of the calendar', () => {
    for (const day of ['2026-03-10', '2000-01-01', '2199-12-31', '2024-02-29']) is(date, day);
    for (const day of [
      '2026-02-30',
      '2023-02-29',
      '2026-13-01',
      '2026-3-1',
      '20260310',
      '2026-03-10T00:00:00Z',
      '',
      ' 2026-03-10',
    ])
      refused(date, day);
  });

  test('is of our time', () => {
    for (const day of ['1999-12-31', '2200-01-01', '0001-01-01', '9999-12-31'])
      refused(date, day, 'is not between 2000 and 2199');
  });

  test('is a text', () => {
    for (const value of [20260310, null, new Date()]) refused(date, value);
  });
});

describe('an instant', () => {
  for (const [given, utc] of [
    ['2026-03-10T08:00:00Z', '2026-03-10T08:00:00.000Z'],
    ['2026-03-10T08:00:00.123Z', '2026-03-10T08:00:00.123Z'],
    ['2026-03-10T08:00:00.123456789Z', '2026-03-10T08:00:00.123Z'],
    ['2026-03-10T00:30:00+09:00', '2026-03-09T15:30:00.000Z'],
    ['2026-03-10T08:00:00-03:30', '2026-03-10T11:30:00.000Z'],
  ] as const) {
    test(`comes out in UTC: ${given}`, () => is(instant, given, utc));
  }

  for (const given of [
    ...[
      '2026-03-10',
      '2026-03-10T08:00:00',
      '2026-03-10T08:00Z',
      '2026-02-30T08:00:00Z',
      '2026-03-10T24:00:00Z',
      '2026-03-10T08:60:00Z',
    ],
    ...['2026-03-10 08:00:00Z', '2026-03-10T08:00:00+9', 'now', '', '1999-12-31T23:59:59Z', '2200-01-01T00:00:00Z'],
    ...[1773129600000, null],
  ]) {
    test(`is refused: ${given}`, () => refused(instant, given));
  }
});

describe('an amount', () => {
  test('is a number above nothing, up to a million', () => {
    for (const given of [0.001, 1, 2.5, 1_000_000, Number.MIN_VALUE]) is(amount, given);
    refused(amount, 0, 'must be more than 0');
    refused(amount, -1, 'must be more than 0');
    refused(amount, 1_000_000.001, 'must not be more than 1000000');
    for (const given of [Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined, 5n, [5]]) refused(amount, given);
  });
});

test('an id is a text, not too long', () => {
  is(id, 'milk');
  is(id, 'x'.repeat(100));
  for (const given of ['', 'x'.repeat(101), 7, null]) refused(id, given);
});

test('a language is one of ours', () => {
  for (const given of ['ko', 'en']) is(language, given);
  for (const given of ['KO', 'fr', '']) refused(language, given);
});
