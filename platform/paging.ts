import { Problem } from './problem.ts';

type SortValue = string | null;
/** Where a row stands in its list: the value that it is sorted by (null: none) and its id. */
export type Place = readonly [SortValue, string];

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly nextCursor?: string;
}

/**
 * One page of rows that fit into memory, sorted by their places. What has no value comes last, whichever way the rest
 * is sorted. A cursor names the last row that was seen, so rows that come and go meanwhile do not shift the others.
 * @throws Problem 422 for a cursor that is none of ours
 */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  place: (row: Row) => Place,
  descending = false,
): Page<Row> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const sorted = rows.toSorted((a, b) => compare(place(a), place(b), descending));
  const rest = after ? sorted.filter(row => compare(place(row), after, descending) > 0) : sorted;
  const shown = rest.slice(0, limit);
  const more = rest.length > shown.length;
  return { rows: shown, total: rows.length, ...(more && { nextCursor: writeCursor(place(shown.at(-1)!)) }) };
}

function compare([a, idA]: Place, [b, idB]: Place, descending: boolean): number {
  if (a === b) return idA < idB ? -1 : Number(idA > idB);
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
}

const writeCursor = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function readCursor(cursor: string): Place {
  try {
    const [value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if ((value === null || typeof value === 'string') && typeof id === 'string') return [value, id];
  } catch {
    // what cannot be read is no cursor of ours
  }
  const message = 'is not one that this list gave';
  throw new Problem(422, 'invalid', `cursor: ${message}`, { errors: [{ path: 'cursor', message }] });
}
