/** A reading of the steady time, and how far it is ahead of the machine's clock; both in milliseconds. */
export interface Reading {
  readonly at: number;
  readonly ahead: number;
}

/**
 * A time that runs like `clock` but never goes back. Where the clock was set back, it continues from its last reading,
 * and keeps that distance. `last` is a reading from before a restart.
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
