/** Events that the program counts, so that a test can wait for them instead of sleeping. */
export type Counter = 'appends' | 'written' | 'reads' | 'subscriptions' | 'sent' | 'dropped' | 'for-leader';

export class Counters {
  readonly #counts = new Map<Counter, number>();
  #waiting: { counter: Counter; count: number; resolve: () => void }[] = [];

  add(counter: Counter): void {
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + 1);
    const due = this.#waiting.filter(({ counter, count }) => (this.#counts.get(counter) ?? 0) >= count);
    this.#waiting = this.#waiting.filter(waiting => !due.includes(waiting));
    for (const { resolve } of due) resolve();
  }

  /** Resolves once the counter has reached `count`. */
  async until(counter: Counter, count: number): Promise<void> {
    if ((this.#counts.get(counter) ?? 0) >= count) return;
    await new Promise<void>(resolve => this.#waiting.push({ counter, count, resolve }));
  }
}
