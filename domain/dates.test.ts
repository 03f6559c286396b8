import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addDays, daysBetween, isDate, localDate, timeZoneOf } from './dates.ts';

const SEEDED = { seed: 20260310, numRuns: 500 };
const anyDate = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2199-12-31T23:59:59Z'), noInvalidDate: true })
  .map(date => date.toISOString().slice(0, 10));

describe('the local date', () => {
  for (const [instant, timeZone, date] of [
    ['2026-03-10T14:59:59.999Z', 'Asia/Seoul', '2026-03-10'],
    ['2026-03-10T15:00:00.000Z', 'Asia/Seoul', '2026-03-11'],
    ['2026-03-10T23:59:59.999Z', 'UTC', '2026-03-10'],
    ['2026-03-10T06:59:59.000Z', 'America/Los_Angeles', '2026-03-09'],
    ['2026-03-10T07:00:00.000Z', 'America/Los_Angeles', '2026-03-10'],
    ['2026-01-10T07:30:00.000Z', 'America/Los_Angeles', '2026-01-09'], // standard time
    ['2026-03-10T18:14:59.000Z', 'Asia/Kathmandu', '2026-03-10'], // +05:45
    ['2026-03-10T18:15:00.000Z', 'Asia/Kathmandu', '2026-03-11'],
    ['2025-12-31T15:00:00.000Z', 'Asia/Seoul', '2026-01-01'],
    ['2024-02-28T15:00:00.000Z', 'Asia/Seoul', '2024-02-29'],
    ['2026-03-10T10:00:00.000Z', 'Pacific/Kiritimati', '2026-03-11'], // +14
    ['2026-03-10T11:59:00.000Z', 'Etc/GMT+12', '2026-03-09'],
  ] as const) {
    test(`in ${timeZone} it is ${date} at ${instant}`, () => assert.equal(localDate(instant, timeZone), date));
  }

  test('an offset in the instant is respected', () =>
    assert.equal(localDate('2026-03-11T00:30:00+09:00', 'UTC'), '2026-03-10'));

  test('a Date is accepted as an instant', () =>
    assert.equal(localDate(new Date('2026-03-10T15:00:00Z'), 'Asia/Seoul'), '2026-03-11'));

  test('every local date is within a day of UTC', () =>
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }),
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        (instant, timeZone) => {
          const date = localDate(instant, timeZone);
          assert.ok(isDate(date), date);
          assert.ok(Math.abs(daysBetween(instant.toISOString().slice(0, 10), date)) <= 1);
        },
      ),
      SEEDED,
    ));
});

describe('time zones', () => {
  for (const [name, one] of [
    ['Asia/Seoul', 'Asia/Seoul'],
    ['asia/SEOUL', 'Asia/Seoul'],
    ['Europe/Paris', 'Europe/Paris'],
    ['utc', 'UTC'],
    ['Etc/GMT', 'UTC'],
    ['+09:00', '+09:00'],
    ['+0900', '+09:00'],
    ['-0330', '-03:30'],
    ['+05:45', '+05:45'],
    ['-00:00', '+00:00'],
    ['+14:00', '+14:00'],
    ['-12', '-12:00'],
  ] as const) {
    test(`${name} is a time zone, spelled ${one}`, () => assert.equal(timeZoneOf(name), one));
  }

  const none = ['', 'Seoul', 'Asia/Pyongyang2', 'KST', 'Asia/Seoul ', '../etc/passwd', 'local'];
  for (const name of [...none, '+09:01', '+14:15', '-12:15', '+23:59', '+24:00']) {
    test(`"${name}" is not a time zone`, () => assert.equal(timeZoneOf(name), undefined));
  }

  test('all have a stable spelling', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) {
      const one = timeZoneOf(name);
      assert.ok(one);
      assert.equal(timeZoneOf(one), one);
    }
  });

  test('are cached under that spelling only, and not because of a lookup', t => {
    const { mock } = t.mock.method(Intl, 'DateTimeFormat');
    const madeBy = (work: () => unknown) => {
      work();
      mock.resetCalls();
      for (let n = 0; n < 3; n++) work();
      return mock.callCount();
    };
    const today = (timeZone: string) => localDate('2026-03-10T00:00:00Z', timeZone);
    assert.equal(
      madeBy(() => timeZoneOf('Asia/tokyo')),
      3,
    );
    assert.equal(
      madeBy(() => today('Asia/Tokyo')),
      0,
    );
    assert.equal(
      madeBy(() => today('Asia/tokyo')),
      3,
    );
  });
});

describe('counting days', () => {
  for (const [from, to, days] of [
    ['2026-03-10', '2026-03-10', 0],
    ['2026-03-10', '2026-03-11', 1],
    ['2026-03-10', '2026-03-09', -1],
    ['2024-02-28', '2024-03-01', 2],
    ['2026-02-28', '2026-03-01', 1],
    ['2000-02-28', '2000-03-01', 2],
    ['2100-02-28', '2100-03-01', 1],
    ['2025-12-31', '2026-01-01', 1],
    ['2026-03-28', '2026-03-30', 2], // Europe's clocks go forward in between
    ['2026-01-01', '2027-01-01', 365],
    ['2024-01-01', '2025-01-01', 366],
  ] as const) {
    test(`${days} from ${from} to ${to}`, () => {
      assert.equal(daysBetween(from, to), days);
      assert.equal(addDays(from, days), to);
    });
  }

  test('adding and subtracting days cancel out', () =>
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -5000, max: 5000 }), (date, days) => {
        const other = addDays(date, days);
        assert.equal(daysBetween(date, other), days);
        assert.equal(addDays(other, -days), date);
      }),
      SEEDED,
    ));

  test('dates sort as text', () =>
    fc.assert(
      fc.property(anyDate, anyDate, (a, b) => assert.equal(a < b, daysBetween(a, b) > 0)),
      SEEDED,
    ));
});

describe('a text is a date or not', () => {
  for (const text of ['2026-03-10', '2024-02-29', '2000-02-29', '2026-12-31', '0001-01-01', '9999-12-31']) {
    test(`${text} is a date`, () => assert.equal(isDate(text), true));
  }

  for (const text of [
    '2026-02-29',
    '2100-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-32',
    '2026-1-1',
    '26-01-01',
    '20260310',
    '2026/03/10',
    '2026-03-10T00:00:00Z',
    ' 2026-03-10',
    '2026-03-10\n',
    '2026-03-1０',
    '',
  ]) {
    test(`${JSON.stringify(text)} is not a date`, () => assert.equal(isDate(text), false));
  }

  test('every day of the calendar is a date', () =>
    fc.assert(
      fc.property(anyDate, date => assert.equal(isDate(date), true)),
      SEEDED,
    ));
});
