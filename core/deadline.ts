import { Unavailable } from './errors.ts';

/**
 * Lets work begin only while its caller still waits for the answer.
 * @param deadline milliseconds of `performance.now()`; none: for ever
 * @throws Unavailable from the deadline on
 */
export function requireTime(what: string, deadline = Number.POSITIVE_INFINITY): void {
  if (performance.now() >= deadline) throw new Unavailable(`the time for ${what} is over`);
}
