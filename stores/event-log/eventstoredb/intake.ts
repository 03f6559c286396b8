import { Signal } from '../../../core/signal.ts';
import { Silence } from './failures.ts';

/** What we use of a Readable; the client's types are of an older Node. */
export interface Source {
  read(): unknown;
  resume(): unknown;
  off(event: 'readable', listener: () => void): unknown;
  on(event: 'readable' | 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Takes what a stream of the client has ready, without waiting for the rest. */
export class Intake<T> {
  readonly #source: Source;
  readonly #cancel: () => Promise<void>;
  readonly #signal: AbortSignal;
  readonly #changes = new Signal();
  readonly #wake = () => this.#changes.notify();
  #failure: { error: unknown } | undefined;
  #ended = false;
  /** Only a read that finds nothing makes a stream say that it has ended; one that finds something keeps it here. */
  #next: T | null = null;

  constructor(source: Source, signal: AbortSignal, cancel: () => Promise<void>) {
    this.#source = source;
    this.#signal = signal;
    this.#cancel = cancel;
    signal.addEventListener('abort', this.#wake);
    source.on('readable', this.#wake);
    // Also once nobody reads any more: an error that nobody listens to ends the process.
    source.on('error', error => this.fail(error));
    source.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** At most so many, and none where none has come. */
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
   * Resolves with true once there is more to take, with false at the end or after an abort.
   * @param isAlive called after `ms` without anything; without it, that is a failure
   * @throws what the stream failed with, Silence, what `isAlive` throws
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

  /** What has come can still be taken. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /**
   * The call is cancelled; whether the server hears of it is not waited for. What has come and was not taken is thrown
   * away: a call that the server has already ended cannot be cancelled, and the client holds it until it was read.
   */
  close(): void {
    this.#signal.removeEventListener('abort', this.#wake);
    this.#cancel().catch(() => {});
    this.#source.off('readable', this.#wake); // with it, `resume` would do nothing
    this.#source.resume();
  }
}
