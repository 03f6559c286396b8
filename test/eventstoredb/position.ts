/**
 * A place in `$all`. Both halves of an event's place are equal; the start of a read window has `prepare: 0`, and so is
 * before the event that begins there (golden 22).
 */
export interface Position {
  readonly commit: number;
  readonly prepare: number;
}

/** Before the first record: the place of a reader that has received nothing. */
export const START: Position = { commit: -1, prepare: -1 };

export const ofEvent = (position: number): Position => ({ commit: position, prepare: position });

/** Negative, zero or positive, as for `sort`. */
export const compare = (a: Position, b: Position): number => a.commit - b.commit || a.prepare - b.prepare;
