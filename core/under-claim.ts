import { isAway, Unavailable } from './errors.ts';

export interface UnderClaimOptions {
  /** how long a claim holds from when it was made or renewed, in ms */
  leaseMs: number;
  /** how long the work may take in all, in ms */
  limitMs: number;
  /** Makes the claim hold for another `leaseMs`. @throws Refused where it is lost */
  renew(): Promise<unknown>;
  /** a renewal that failed and is tried again */
  report(error: unknown): void;
  /** ends the work as well */
  signal: AbortSignal;
}

/** The work was not done when its time was over. */
export class LimitOver extends Error {
  override readonly name = 'LimitOver';
}

/** Renewals within the time that a claim holds: one or two may fail. */
const RENEWALS = 3;

/**
 * Does work under a claim that was just made, and renews the claim while the work runs. Its signal aborts when the time
 * limit is over or the claim cannot be renewed. The result is not waited for after that: work that ignores its signal
 * holds nobody up, and cannot write its outcome, because its claim is gone.
 * @throws what the work throws; LimitOver; Refused where the claim was lost; Unavailable where it ran out
 */
export async function underClaim<T>(work: (signal: AbortSignal) => Promise<T>, options: UnderClaimOptions): Promise<T> {
  const { leaseMs, limitMs, renew, report } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, options.signal]);
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  const limit = setTimeout(() => over.abort(new LimitOver(`the work took more than ${limitMs} ms`)), limitMs);
  let expiry: NodeJS.Timeout | undefined;
  let next: NodeJS.Timeout | undefined;
  let isOver = false;

  const holdFor = (ms: number) => {
    clearTimeout(expiry);
    expiry = setTimeout(() => over.abort(new Unavailable('the claim on the work could not be renewed')), ms);
  };
  const renewLater = () => {
    next = setTimeout(renewNow, leaseMs / RENEWALS);
  };
  async function renewNow(): Promise<void> {
    const sent = performance.now();
    try {
      await renew();
      if (isOver || signal.aborted) return;
      holdFor(leaseMs - (performance.now() - sent));
    } catch (error) {
      if (isOver || signal.aborted) return;
      if (!isAway(error)) return over.abort(error);
      report(error);
    }
    renewLater();
  }

  holdFor(leaseMs);
  renewLater();
  try {
    if (signal.aborted) throw signal.reason;
    return await Promise.race([work(signal), aborted.promise]);
  } finally {
    isOver = true;
    for (const timer of [limit, expiry, next]) clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
