/** A count, and the milliseconds until it expires; both 0 if there is none. */
export interface Counted {
  readonly count: number;
  readonly left: number;
}

/**
 * Short-lived values: sessions, revocations, limits. Losing all of them logs every member out, and nothing more.
 *
 * A write is visible to every handle before it resolves, and survives a restart of the node. After `close` every
 * method fails.
 */
export interface KeyValue {
  /**
   * Resolves with the value, or undefined if there is none or it has expired.
   * @throws Unavailable if the store does not answer in time
   */
  get(key: string): Promise<string | undefined>;
  /**
   * Sets or replaces a value and its lifetime.
   * @param seconds until the value expires
   * @throws Unavailable if the store does not answer in time
   */
  set(key: string, value: string, seconds: number): Promise<void>;
  /**
   * Compare-and-swap: sets `next` if the present value is `expected` (`undefined`: no value). Resolves with whether it
   * did.
   * @param seconds until `next` expires
   * @param deadline in milliseconds of `performance.now()`; from then on nothing is changed
   * @throws Unavailable from the deadline on, or if the store does not answer in time
   */
  replace(
    key: string,
    expected: string | undefined,
    next: string,
    seconds: number,
    deadline?: number,
  ): Promise<boolean>;
  /**
   * Adds to a count atomically and resolves with the result. The first addition starts its lifetime; later ones do not
   * extend it. 0 only reads; a negative addition takes at most the present count. Counts survive a restart; a power
   * failure may lose the last additions.
   * @param seconds until a count that this call starts expires
   * @throws Error if the value is not a count
   * @throws Unavailable if the store does not answer in time
   */
  add(key: string, by: number, seconds: number): Promise<Counted>;
  /**
   * Removes a value or a count; does nothing if there is none.
   * @throws Unavailable if the store does not answer in time
   */
  delete(key: string): Promise<void>;
  /**
   * Resolves with the id that the store got when it was created. An emptied store gets a new id.
   * @throws Unavailable if the store does not answer in time
   */
  identity(): Promise<string>;
  /**
   * Resolves with the store's time in milliseconds; only lifetimes use it. It never goes back: if the machine's clock is
   * set back, it continues from its last reading.
   * @throws Unavailable if the store does not answer in time
   */
  now(): Promise<number>;
  /** Releases all resources. A second call does nothing. */
  close(): Promise<void>;
}
