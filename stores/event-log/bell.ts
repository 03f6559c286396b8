import { BroadcastChannel } from 'node:worker_threads';

/** Signals that this process (any of its threads) has appended, or that the caller has aborted. */
export class Bell {
  readonly #channel: BroadcastChannel;
  readonly #signal: AbortSignal | undefined;
  readonly #ring = () => {
    this.#rang = true;
    this.#wake?.();
  };
  #rang = false;
  #wake: (() => void) | undefined;

  constructor(name: string, signal: AbortSignal | undefined) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = this.#ring;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#ring);
  }

  /** Resets the bell: only rings from now on count. */
  arm(): void {
    this.#rang = this.#signal?.aborted ?? false;
  }

  /** Resolves with true once the bell rings, or with false after `ms`. */
  rung(ms: number): Promise<boolean> {
    if (this.#rang) return Promise.resolve(true);
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#ring);
    this.#channel.close();
  }
}
