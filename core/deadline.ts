import { Unavailable } from './errors.ts';

/**
 * Refuses to begin work whose caller no longer waits for the answer.
 * @param deadline milliseconds of `performance.now()`; by default none
 * @throws Unavailable from the deadline on
 */
export function requireTime(what: string, deadline = Number.POSITIVE_INFINITY): void {
  if (performance.now() >= deadline) throw new Unavailable(`the time for ${what} is over`);
}

/**
 * The result of a call, which may continue in the background after its time is over.
 * @param late the error if it has not settled after `ms` milliseconds
 */
export async function within<T>(ms: number, call: Promise<T>, late: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), ms);
  try {
    return await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
  }
}
