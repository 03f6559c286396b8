import { BroadcastChannel } from 'node:worker_threads';
import { Signal } from '../../core/signal.ts';

/** Signals that this process (any of its threads) has appended, or that the caller has aborted. */
export class Bell {
  readonly #channel: BroadcastChannel;
  readonly #abort: AbortSignal | undefined;
  readonly #rings = new Signal();
  readonly #ring = () => this.#rings.notify();
  #heard = 0;

  constructor(name: string, signal: AbortSignal | undefined) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = this.#ring;
    this.#abort = signal;
    signal?.addEventListener('abort', this.#ring);
  }

  /** Resets the bell: only rings from now on count. */
  arm(): void {
    this.#heard = this.#rings.count;
  }

  /** Resolves with true once the bell rings, or with false after `ms`. */
  rung(ms: number): Promise<boolean> {
    return this.#abort?.aborted ? Promise.resolve(true) : this.#rings.wait(ms, this.#heard);
  }

  close(): void {
    this.#abort?.removeEventListener('abort', this.#ring);
    this.#channel.close();
  }
}
