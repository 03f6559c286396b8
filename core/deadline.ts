import { Unavailable } from './errors.ts';

/**
 * Lets work begin only while its caller still waits for the answer.
 * @param deadline milliseconds of `performance.now()`; none: for ever
 * @throws Unavailable from the deadline on
 */
export function requireTime(what: string, deadline = Number.POSITIVE_INFINITY): void {
  if (performance.now() >= deadline) throw new Unavailable(`the time for ${what} is over`);
}

/**
 * The result of a call, which may go on in the background when its time is over.
 * @param late the error where it has not settled after so many milliseconds
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
