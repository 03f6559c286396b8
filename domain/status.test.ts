import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addDays } from './dates.ts';
import { dueWith, statuses, statusOn } from './status.ts';

const TODAY = '2026-03-10';
const SOON = 5;

describe('the status of an ingredient', () => {
  for (const [dueDate, dueType, status, daysLeft] of [
    ['2026-03-16', 'best_before', 'fresh', 6],
    ['2026-03-16', 'use_by', 'fresh', 6],
    ['2026-03-15', 'best_before', 'due_soon', 5],
    ['2026-03-15', 'use_by', 'due_soon', 5],
    ['2026-03-11', 'use_by', 'due_soon', 1],
    ['2026-03-10', 'best_before', 'due_soon', 0],
    ['2026-03-10', 'use_by', 'due_soon', 0],
    ['2026-03-09', 'best_before', 'overdue', -1],
    ['2026-03-09', 'use_by', 'expired', -1],
    ['2025-03-10', 'best_before', 'overdue', -365],
    ['2025-03-10', 'use_by', 'expired', -365],
    ['2036-03-10', 'best_before', 'fresh', 3653],
  ] as const) {
    test(`${dueType} ${dueDate} is ${status}`, () =>
      assert.deepEqual(statusOn(TODAY, { dueDate, dueType }, SOON), { status, daysLeft }));
  }

  test('a date without a type is a best-before date', () =>
    assert.deepEqual(statusOn(TODAY, { dueDate: '2026-03-09' }, SOON), { status: 'overdue', daysLeft: -1 }));

  test('without a date the status is no_date, without days left', () => {
    assert.deepEqual(statusOn(TODAY, {}, SOON), { status: 'no_date' });
    assert.deepEqual(statusOn(TODAY, { dueType: 'use_by' }, SOON), { status: 'no_date' });
  });

  test('the household decides how many days count as soon', () => {
    assert.deepEqual(statusOn(TODAY, { dueDate: '2026-03-11' }, 0), { status: 'fresh', daysLeft: 1 });
    assert.deepEqual(statusOn(TODAY, { dueDate: TODAY }, 0), { status: 'due_soon', daysLeft: 0 });
    assert.deepEqual(statusOn(TODAY, { dueDate: '2026-04-09' }, 30), { status: 'due_soon', daysLeft: 30 });
  });
});

describe('the due dates that have a status', () => {
  const dates = Array.from({ length: 80 }, (_, n) => addDays(TODAY, n - 40));
  const all: Parameters<typeof statusOn>[1][] = [
    {},
    ...dates.flatMap(dueDate => (['best_before', 'use_by'] as const).map(dueType => ({ dueDate, dueType }))),
  ];

  for (const dueSoonDays of [0, 1, SOON, 30]) {
    for (const status of statuses) {
      test(`${status} are those that have it, ${dueSoonDays} days being soon`, () => {
        const { dueDate: wanted, dueType } = dueWith(status, TODAY, dueSoonDays);
        const { gt = '', gte = '', lt = '9999', lte = '9999', absent = false } = wanted;
        const found = all.filter(one => {
          if (one.dueDate === undefined) return absent;
          if (absent || (dueType && one.dueType !== dueType)) return false;
          return one.dueDate > gt && one.dueDate >= gte && one.dueDate < lt && one.dueDate <= lte;
        });
        assert.deepEqual(
          found,
          all.filter(one => statusOn(TODAY, one, dueSoonDays).status === status),
        );
        assert.ok(found.length > 0);
      });
    }
  }
});
