import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Page, type Place, pageOf } from './paging.ts';
import { Problem } from './problem.ts';

interface Row {
  readonly id: string;
  readonly due: string | null;
}
const row = (id: string, due: string | null = null): Row => ({ id, due });
const place = ({ due, id }: Row): Place => [due, id];
const page = (rows: readonly Row[], limit: number, cursor?: string, descending = false): Page<Row> =>
  pageOf(rows, { list: 'things', limit, cursor }, place, descending);
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);

/** All pages, one after the other. */
function walk(rows: readonly Row[], limit: number, descending: boolean): Row[][] {
  const pages: Row[][] = [];
  for (let cursor: string | undefined; ; ) {
    const { rows: found, nextCursor } = page(rows, limit, cursor, descending);
    pages.push([...found]);
    if (nextCursor === undefined) return pages;
    assert.ok(pages.length <= rows.length, 'the pages have no end');
    cursor = nextCursor;
  }
}

const rows = [row('c', '2026-03-12'), row('x'), row('a', '2026-03-10'), row('b', '2026-03-10'), row('w')];

describe('a page', () => {
  test('comes sorted, first those with a value, then by id', () => {
    assert.deepEqual(ids(page(rows, 9).rows), ['a', 'b', 'c', 'w', 'x']);
    assert.deepEqual(ids(page(rows, 9, undefined, true).rows), ['c', 'a', 'b', 'w', 'x']);
  });

  test('says how many there are in all', () => {
    assert.equal(page(rows, 2).total, 5);
    assert.equal(page(rows, 2, page(rows, 2).nextCursor).total, 5);
  });

  test('has no more after it where it holds the last row', () => {
    assert.equal(page(rows, 5).nextCursor, undefined);
    assert.equal(page([], 5).nextCursor, undefined);
    assert.notEqual(page(rows, 4).nextCursor, undefined);
  });

  test('does not change the rows that it is given', () => {
    const given = Object.freeze([...rows]);
    page(given, 2);
    assert.deepEqual(given, rows);
  });

  test('goes on after the last row, though that is gone, and others came', () => {
    const { nextCursor } = page(rows, 2);
    const without = rows.filter(({ id }) => id !== 'b');
    assert.deepEqual(ids(page([...without, row('0', '2026-03-01'), row('bb', '2026-03-10')], 9, nextCursor).rows), [
      ...['bb', 'c', 'w', 'x'],
    ]);
  });

  test('goes on among those without a value', () =>
    assert.deepEqual(ids(page(rows, 9, page(rows, 4).nextCursor).rows), ['x']));

  test('has a cursor that may stand in an address', () =>
    assert.match(page([row('한글 &?/+', 'ü'), row('z', 'ü')], 1).nextCursor!, /^[A-Za-z0-9_-]+$/));

  test('is nothing after the end', () => {
    const { nextCursor } = page(rows, 4);
    assert.deepEqual(page([row('a', '2026-03-10')], 4, nextCursor), { rows: [], total: 1 });
  });
});

const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'ㄱ', '한', '\ud83c', '🥛', '"', '2026-03-10'), fc.string());
const some = fc.uniqueArray(fc.record({ id: text, due: fc.option(text) }), { selector: ({ id }) => id, maxLength: 25 });
const SEEDED = { seed: 20260310, numRuns: 1000 };

describe('the pages of any list', () => {
  for (const descending of [false, true]) {
    const way = descending ? 'downwards' : 'upwards';

    test(`hold every row once, in order, ${way}`, () =>
      fc.assert(
        fc.property(some, fc.integer({ min: 1, max: 10 }), (all, limit) => {
          const pages = walk(all, limit, descending);
          assert.deepEqual(pages.flat(), page(all, 100, undefined, descending).rows);
          assert.deepEqual(new Set(ids(pages.flat())), new Set(ids(all)));
          assert.equal(pages.flat().length, all.length);
          assert.ok(pages.slice(0, -1).every(({ length }) => length === limit));
        }),
        SEEDED,
      ));

    test(`have the rows without a value last, ${way}`, () =>
      fc.assert(
        fc.property(some, fc.integer({ min: 1, max: 10 }), (all, limit) => {
          const found = walk(all, limit, descending).flat();
          const first = found.findIndex(({ due }) => due === null);
          if (first >= 0) assert.ok(found.slice(first).every(({ due }) => due === null));
          const values = found.flatMap(({ due }) => (due === null ? [] : [due]));
          const sorted = values.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
          assert.deepEqual(values, descending ? sorted.reverse() : sorted);
        }),
        SEEDED,
      ));
  }

  test('do not depend on the order in which the rows come', () =>
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 10 }), fc.boolean(), (all, limit, descending) => {
        assert.deepEqual(walk(all.toReversed(), limit, descending), walk(all, limit, descending));
      }),
      SEEDED,
    ));
});

const notOfThisList = (error: unknown) => {
  assert.ok(error instanceof Problem);
  const { code, type, message, data } = error;
  assert.deepEqual([code, type, message], [422, 'invalid', 'cursor: is not one that this list gave']);
  const errors = [{ path: 'cursor', message: 'is not one that this list gave' }];
  assert.deepEqual((data as { errors: unknown }).errors, errors);
  return true;
};

describe('a cursor of another list', () => {
  const request = { list: 'things', limit: 2, sort: 'due', place: 'pantry', search: undefined };
  const { nextCursor: cursor } = pageOf(rows, request, place);

  test('is taken by the list that gave it, whatever the page is', () => {
    for (const same of [request, { ...request, limit: 5 }, { ...request, search: undefined, place: 'pantry' }]) {
      assert.deepEqual(ids(pageOf(rows, { ...same, cursor }, place).rows.slice(0, 2)), ['c', 'w']);
    }
  });

  for (const [title, other] of [
    ['that is sorted otherwise', { sort: '-due' }],
    ['that is narrowed otherwise', { place: 'fridge' }],
    ['that is narrowed by more', { search: 'a' }],
    ['that is not narrowed', { place: undefined }],
    ['of other things', { list: 'fridges' }],
  ] as const) {
    test(`${title} is refused, and the field is named`, () =>
      assert.throws(() => pageOf(rows, { ...request, ...other, cursor }, place), notOfThisList));
  }
});

describe('a cursor that is not ours', () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  /** what the list of these tests puts at the end of its cursors */
  const [, , of] = JSON.parse(Buffer.from(page(rows, 2).nextCursor!, 'base64url').toString());
  for (const [what, cursor] of [
    ['is no text of ours', 'next'],
    ['is empty', ''],
    ['is a number', encoded(7)],
    ['is nothing', encoded(null)],
    ['is an object', encoded({ due: 'a', id: 'b' })],
    ['is an empty list', encoded([])],
    ['has no id', encoded(['2026-03-10'])],
    ['does not say of which list', encoded(['2026-03-10', 'a'])],
    ['has a number for an id', encoded(['2026-03-10', 7, of])],
    ['has a number for a value', encoded([7, 'a', of])],
    ['has an object for a value', encoded([{}, 'a', of])],
    ['is cut off', encoded(['2026-03-10', 'a', of]).slice(0, -4)],
    ['is not even base64', '%00\u0000ü'],
  ] as const) {
    test(`is refused, and the field is named: it ${what}`, () =>
      assert.throws(() => page(rows, 2, cursor), notOfThisList));
  }

  test('is refused where the list is empty, too', () => assert.throws(() => page([], 2, 'next'), Problem));
});
