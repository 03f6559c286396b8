import { hash } from 'node:crypto';
import { canonicalJson } from '../core/ids.ts';
import { Problem } from './problem.ts';

type SortValue = string | null;
/** The place of a row in its list: its sort value (null: none) and its id. */
export type Place = readonly [SortValue, string];

/** length of the hash that distinguishes lists; a collision gains nobody anything */
const HASH_CHARACTERS = 11;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total?: number;
  readonly nextCursor?: string;
}

/** A query of a list: the page, the list's name, its sort order and filters. */
export interface Asked {
  readonly list: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly [field: string]: unknown;
}

/** The start of a page, and a way to write cursors of its list. */
export interface Cursors {
  /** the last row of the previous page; undefined for the first page */
  readonly after: Place | undefined;
  /** the cursor after a row */
  write(place: Place): string;
}

/**
 * The cursors of a list. A cursor names the last row of a page, so rows that come and go do not shift the others. It
 * also names its list: it is useless in another one, or with another sort order or filter.
 * @throws Problem 422 for a cursor that this list did not give
 */
export function cursorsOf({ limit: _, cursor, ...list }: Asked): Cursors {
  // Most lists have one page.
  const of = () => hash('sha256', canonicalJson(list), 'base64url').slice(0, HASH_CHARACTERS);
  return {
    after: cursor === undefined ? undefined : readCursor(cursor, of()),
    write: place => Buffer.from(JSON.stringify([...place, of()])).toString('base64url'),
  };
}

/**
 * One page of rows in memory, sorted by their places. Rows without a value come last in both directions.
 * @throws Problem 422 for a cursor that this list did not give
 */
export function pageOf<Row>(
  rows: readonly Row[],
  request: Asked,
  place: (row: Row) => Place,
  descending = false,
): Page<Row> & { readonly total: number } {
  const { after, write } = cursorsOf(request);
  const sorted = rows.toSorted((a, b) => compare(place(a), place(b), descending));
  const rest = after ? sorted.filter(row => compare(place(row), after, descending) > 0) : sorted;
  const shown = rest.slice(0, request.limit);
  const more = rest.length > shown.length;
  return { rows: shown, total: rows.length, ...(more && { nextCursor: write(place(shown.at(-1)!)) }) };
}

function compare([a, idA]: Place, [b, idB]: Place, descending: boolean): number {
  if (a === b) return idA < idB ? -1 : Number(idA > idB);
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
}

function readCursor(cursor: string, of: string): Place {
  try {
    const [value, id, list] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if ((value === null || typeof value === 'string') && typeof id === 'string' && list === of) return [value, id];
  } catch {
    // an unreadable cursor is not ours
  }
  const message = 'is not one that this list gave';
  throw new Problem(422, 'invalid', `cursor: ${message}`, { errors: [{ path: 'cursor', message }] });
}
