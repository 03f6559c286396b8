import { setTimeout } from 'node:timers/promises';
import { Unavailable } from '../../errors.ts';

/** What the client throws: one of its own errors with a `type`, or gRPC's with a `code` alone (a server that is down). */
interface ClientError {
  readonly type?: string;
  readonly code?: number;
  readonly message: string;
}

/** Until one attempt counts as lost. An append that it may have written is sent again as it was. */
export const ATTEMPT_MS = 2000;
/** Until a call gives up. Whoever waits for a command is told after 5 s. */
export const PATIENCE_MS = 3000;
/** of gRPC */
const INVALID_ARGUMENT = 3;
const UNTRUSTED = /certificate|altnames|wrong version number|\bSSL\b/i;
/** May pass: so does a proxy whose server is still starting. */
const HUNG_UP = /Failed to connect/;
const UNDISCOVERED = /^Failed to discover/;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** Nothing helps but an operator, not even another call's patience. */
class Hopeless extends Unavailable {}

/** Nobody answered. */
export class Silence extends Error {
  constructor(ms: number) {
    super(`nothing came for ${ms} ms`);
  }
}

export const isSilence = (error: unknown): boolean => error instanceof Silence || isOfType(error, 'deadline-exceeded');

/** A position in the middle of a record, as after a backup was restored. */
export const isPlaceless = (error: unknown): boolean =>
  isOfType(error, 'unknown') && (error as ClientError).code === INVALID_ARGUMENT;

/** @throws Unavailable after `signal` */
export function usable(signal: AbortSignal): void {
  if (signal.aborted) throw new Unavailable('the event log is closed');
}

/** What `promise` resolves with. @throws Silence after `ms` */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = globalThis.setTimeout(() => reject(new Silence(ms)), ms);
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const isOfType = (error: unknown, type: string): boolean => (error as ClientError).type === type;

/** The client looked for the leader of a cluster, and does not say why it found none. */
export const isUndiscovered = (error: unknown): boolean => UNDISCOVERED.test((error as Error).message);

/** What an operator has to mend first: no trying again helps, so it is said at once. */
export function hopeless(error: unknown): string | undefined {
  const { type, message } = error as ClientError;
  if (type === 'access-denied') {
    return 'it refuses the user name or the password of EVENTSTORE_URL, or that user may not do this';
  }
  if (UNTRUSTED.test(message)) return `the secure connection cannot be made (${message})`;
  return undefined;
}

/**
 * Tries again with growing pauses, whatever went wrong: everything that is sent here may be sent again. An answer may
 * have been lost (time-out, connection, a change of leader, "Server Is Not Ready"), and no list of those is complete.
 */
export class Patience {
  readonly #ms: number;
  #end: number;
  readonly #signal: AbortSignal;
  #pause = FIRST_PAUSE_MS;

  /** @param ms from now on, and again from each answer on; Infinity: for ever */
  constructor(ms: number, signal: AbortSignal) {
    this.#ms = ms;
    this.#end = performance.now() + ms;
    this.#signal = signal;
  }

  /** Resolves when it is time to try again; at once after `signal`. @throws Unavailable where it is over */
  async after(error: unknown): Promise<void> {
    if (error instanceof Hopeless) throw error;
    const reason = hopeless(error);
    if (reason) throw new Hopeless(`the event log: ${reason}`, { cause: error });
    if (performance.now() + this.#pause > this.#end) {
      const { message } = error as Error;
      const advice = HUNG_UP.test(message) ? 'it hangs up, as where only one side uses TLS; ' : '';
      throw new Unavailable(`the event log does not answer: ${advice}${message}`, { cause: error });
    }
    // Many who wait for the same server are not to come back at the same moment.
    const pause = this.#pause * (0.5 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    await setTimeout(pause, undefined, { signal: this.#signal }).catch(() => {});
  }

  /** It has answered. */
  renew(): void {
    this.#end = performance.now() + this.#ms;
    this.#pause = FIRST_PAUSE_MS;
  }
}
