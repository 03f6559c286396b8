const EVERY_MS = 10_000;

/** Reports every ten seconds what a start waits for, until it is ready. */
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

  /** Resolves like `work`; `what` names it at the time of the report. */
  async waitFor<T>(what: () => string, work: Promise<T>): Promise<T> {
    this.#waits.add(what);
    try {
      return await work;
    } finally {
      this.#waits.delete(what);
    }
  }

  /** Ends the reports after success or failure. */
  ended(): void {
    clearInterval(this.#timer);
  }
}

/** Runs the work of a start with its reports. */
export async function whileStarting<T>(work: (starting: Starting) => Promise<T>): Promise<T> {
  const starting = new Starting();
  try {
    return await work(starting);
  } finally {
    starting.ended();
  }
}
