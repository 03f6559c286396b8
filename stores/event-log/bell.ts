import { BroadcastChannel } from 'node:worker_threads';

/** Rings when this process, in any of its threads, has appended, and when the caller gives up. */
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

  /** What rings from now on counts. */
  arm(): void {
    this.#rang = this.#signal?.aborted ?? false;
  }

  /** Resolves with true once it has rung, with false after `ms`. */
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
