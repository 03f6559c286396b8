import { pause } from './pause.ts';

/** Bounds of the pauses between two tries, in ms. */
export interface BackOffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The pause after a number of failures in a row (1 or more), in ms, doubled with each. It has no jitter. */
export const backOffMs = (failures: number, { firstMs, longestMs }: BackOffBounds): number =>
  Math.min(firstMs * 2 ** (failures - 1), longestMs);

/** Exponential back-off with jitter: callers that failed together must not retry together. */
export class BackOff {
  readonly #bounds: BackOffBounds;
  #failures = 0;

  constructor(bounds: BackOffBounds) {
    this.#bounds = bounds;
  }

  /** Counts a failure. @returns how long to pause after it, in ms: at least half of `backOffMs`, at most all of it */
  next(): number {
    this.#failures++;
    return backOffMs(this.#failures, this.#bounds) * (0.5 + Math.random() / 2);
  }

  /** Counts a failure, and pauses after it or until the signal aborts. */
  pause(signal?: AbortSignal): Promise<void> {
    return pause(this.next(), signal);
  }

  /** Starts again after a success: the next failure counts as the first. */
  reset(): void {
    this.#failures = 0;
  }
}
