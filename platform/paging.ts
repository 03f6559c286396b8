import { hash } from 'node:crypto';
import { canonicalJson } from '../core/ids.ts';
import { Problem } from './problem.ts';

type SortValue = string | null;
/** Where a row stands in its list: the value that it is sorted by (null: none) and its id. */
export type Place = readonly [SortValue, string];

/** of the hash that tells lists apart; nobody gains by making two alike */
const HASH_CHARACTERS = 11;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total?: number;
  readonly nextCursor?: string;
}

/** What is asked of a list: besides the page, its name, and how it is sorted and narrowed. */
export interface Asked {
  readonly list: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly [field: string]: unknown;
}

/** Where a page of a list begins, and how a cursor of it is written. */
export interface Cursors {
  /** the last row that was seen; undefined: the page is the first */
  readonly after: Place | undefined;
  /** the cursor to what follows a row */
  write(place: Place): string;
}

/**
 * The cursors of a list. One names the last row that was seen, so rows that come and go meanwhile do not shift the others.
 * It also says of which list: a place in one makes no sense in another, nor in one that is sorted or narrowed otherwise.
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
 * One page of rows that fit into memory, sorted by their places. What has no value comes last, whichever way the rest
 * is sorted.
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
    // what cannot be read is no cursor of ours
  }
  const message = 'is not one that this list gave';
  throw new Problem(422, 'invalid', `cursor: ${message}`, { errors: [{ path: 'cursor', message }] });
}
