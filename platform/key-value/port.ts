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
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}
