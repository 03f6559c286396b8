/**
 * A place in `$all`. An event's halves are equal; the place where a read window starts has `prepare: 0`, and so comes
 * before the event that begins there (golden 22).
 */
export interface Position {
  readonly commit: number;
  readonly prepare: number;
}

/** Before everything: where nothing was delivered yet. */
export const START: Position = { commit: -1, prepare: -1 };

export const ofEvent = (position: number): Position => ({ commit: position, prepare: position });

/** Negative, zero or positive, as for `sort`. */
export const compare = (a: Position, b: Position): number => a.commit - b.commit || a.prepare - b.prepare;
