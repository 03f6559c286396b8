/** A reading of the steady time, and its lead over the machine's clock; both in milliseconds. */
export interface Reading {
  readonly at: number;
  readonly ahead: number;
}

/**
 * A time that follows `clock` but never goes back. If the clock is set back, the time continues from its last reading and
 * keeps that lead. `last` is a reading from before a restart.
 * @param elapsed a monotonic clock in milliseconds
 */
export function steadyTime(
  clock: () => Date,
  last: Reading = { at: 0, ahead: 0 },
  elapsed: () => number = () => performance.now(),
): () => Reading {
  let { at, ahead } = last;
  let readAt = elapsed();
  return () => {
    const wall = clock().getTime();
    const now = elapsed();
    if (wall + ahead < at) ahead = at + Math.round(now - readAt) - wall;
    at = wall + ahead;
    readAt = now;
    return { at, ahead };
  };
}
