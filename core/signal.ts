/** Wakes callers that wait for news. */
export class Signal {
  #count = 0;
  #waiting = new Set<() => void>();

  /** Incremented by each `notify`. A caller that reads it before checking its condition misses no notification. */
  get count(): number {
    return this.#count;
  }

  /** Wakes all waiting callers. */
  notify(): void {
    this.#count++;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /**
   * Resolves with true once `count` is above `seen`, or with false after `ms` milliseconds; without `ms` there is no
   * limit.
   */
  wait(ms?: number, seen = this.#count): Promise<boolean> {
    if (this.#count > seen) return Promise.resolve(true);
    return new Promise(resolve => {
      const late = () => {
        this.#waiting.delete(wake);
        resolve(false);
      };
      const timer = ms === undefined ? undefined : setTimeout(late, ms);
      const wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.add(wake);
    });
  }
}
