/** A count, and how many milliseconds of its time are left; both 0 where there is none. */
export interface Counted {
  readonly count: number;
  readonly left: number;
}

/** Short-lived values: sessions, revocations, limits. Losing all of them logs everybody out, and nothing more. */
export interface KeyValue {
  get(key: string): Promise<string | undefined>;
  /** @param seconds after which the value is gone */
  set(key: string, value: string, seconds: number): Promise<void>;
  /**
   * Puts `next` where `expected` stands (`undefined`: nothing). False where it does not, and nothing was changed.
   * @param deadline milliseconds of `performance.now()` from which on nothing is changed
   * @throws Unavailable from the deadline on
   */
  replace(
    key: string,
    expected: string | undefined,
    next: string,
    seconds: number,
    deadline?: number,
  ): Promise<boolean>;
  /**
   * Adds to a count in one step, however many callers add at once. The first addition starts the time of the count,
   * later ones do not extend it. 0 only reads; a negative addition takes at most what is there. A restart loses
   * nothing of it; a power failure may lose the last additions.
   */
  add(key: string, by: number, seconds: number): Promise<Counted>;
  delete(key: string): Promise<void>;
  /** The id that this store got when it was created. A store that was emptied has another one. */
  identity(): Promise<string>;
  /**
   * The store's time, in milliseconds: lifetimes are counted by it, and nothing else is. It never goes back: where the
   * machine's clock was set back, it continues from where it was.
   */
  now(): Promise<number>;
  close(): Promise<void>;
}
