const EVERY_MS = 10_000;

/** What a start is waiting for. Until `ready`, it says so every ten seconds. */
export class Starting {
  readonly #waits = new Set<() => string>();
  readonly #timer: NodeJS.Timeout;
  #seconds = 0;

  /** @param say writes one line */
  constructor(say: (line: string) => void = line => console.warn(line)) {
    this.#timer = setInterval(() => {
      this.#seconds += EVERY_MS / 1000;
      const waits = [...this.#waits].map(what => what());
      say(`not ready after ${this.#seconds} s: waiting for ${waits.join(', ') || 'nothing that can be named'}`);
    }, EVERY_MS);
    this.#timer.unref();
  }

  /** Resolves as `work` does; `what` names it as it is then. */
  async waitFor<T>(what: () => string, work: Promise<T>): Promise<T> {
    this.#waits.add(what);
    try {
      return await work;
    } finally {
      this.#waits.delete(what);
    }
  }

  /** It is ready, or has failed: nothing more is said. */
  ended(): void {
    clearInterval(this.#timer);
  }
}

/** Does the work of a start, which is told what to say it is waiting for. */
export async function whileStarting<T>(work: (starting: Starting) => Promise<T>): Promise<T> {
  const starting = new Starting();
  try {
    return await work(starting);
  } finally {
    starting.ended();
  }
}
