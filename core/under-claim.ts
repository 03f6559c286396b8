import { isAway, Unavailable } from './errors.ts';

export interface UnderClaimOptions {
  /** lifetime of a claim or renewal, in ms */
  leaseMs: number;
  /** time limit of the work, in ms */
  limitMs: number;
  /** Extends the claim by another `leaseMs`. @throws Refused if it is lost */
  renew(): Promise<unknown>;
  /** a renewal failed and will be retried */
  report(error: unknown): void;
  /** also ends the work */
  signal: AbortSignal;
}

/** The work exceeded its time limit. */
export class LimitOver extends Error {
  override readonly name = 'LimitOver';
}

/** Renewals per lifetime of a claim; one or two may fail. */
const RENEWALS = 3;

/**
 * Runs work under a new claim and renews the claim meanwhile. The signal aborts at the time limit, or if the claim
 * cannot be renewed. The result is not awaited after that: work that ignores its signal blocks nothing, and cannot
 * write its outcome because its claim is gone.
 * @throws errors of the work; LimitOver; Refused if the claim was lost; Unavailable if it expired
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
