import { Signal } from '../../../core/signal.ts';
import { Silence } from './failures.ts';

/** The part of a Readable that we use; the client's types are for an older Node. */
export interface Source {
  read(): unknown;
  resume(): unknown;
  off(event: 'readable', listener: () => void): unknown;
  on(event: 'readable' | 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Takes the items that a stream of the client has ready, without waiting for more. */
export class Intake<T> {
  readonly #source: Source;
  readonly #cancel: () => Promise<void>;
  readonly #signal: AbortSignal;
  readonly #changes = new Signal();
  readonly #wake = () => this.#changes.notify();
  #failure: { error: unknown } | undefined;
  #ended = false;
  /** A stream reports its end only after a read that finds nothing; an item found by such a read is kept here. */
  #next: T | null = null;

  constructor(source: Source, signal: AbortSignal, cancel: () => Promise<void>) {
    this.#source = source;
    this.#signal = signal;
    this.#cancel = cancel;
    signal.addEventListener('abort', this.#wake);
    source.on('readable', this.#wake);
    // Never removed, because an error event without a listener ends the process.
    source.on('error', error => this.fail(error));
    source.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Returns up to `most` items; none if none have arrived. */
  take(most: number): T[] {
    const items: T[] = [];
    while (items.length < most && !this.isEmpty) {
      items.push(this.#next!);
      this.#next = null;
    }
    return items;
  }

  get isEmpty(): boolean {
    this.#next ??= this.#source.read() as T | null;
    return this.#next === null;
  }

  /**
   * Resolves with true once there is an item to take, with false at the end or after an abort.
   * @param isAlive called after `ms` without an item; without it, such a silence is a failure
   * @throws Silence after `ms`, the error of the stream, or an error of `isAlive`
   */
  async more(ms: number, isAlive?: () => Promise<unknown>): Promise<boolean> {
    while (this.isEmpty) {
      if (this.#failure) throw this.#failure.error;
      if (this.#ended || this.#signal.aborted) return false;
      if (!(await this.#changes.wait(ms))) {
        if (!isAlive) throw new Silence(ms);
        await isAlive();
      }
    }
    return !this.#signal.aborted;
  }

  /** Fails the stream; items that have arrived can still be taken. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /**
   * Cancels the call without waiting for the server, and discards items that were not taken: a call that the server has
   * already ended cannot be cancelled, and the client keeps it until it is read to the end.
   */
  close(): void {
    this.#signal.removeEventListener('abort', this.#wake);
    this.#cancel().catch(() => {});
    this.#source.off('readable', this.#wake); // `resume` does nothing while a `readable` listener exists
    this.#source.resume();
  }
}
