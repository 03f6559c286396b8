import { BackOff } from '../../../core/back-off.ts';
import { Damaged, Unavailable, Unreadable } from '../../../core/errors.ts';
import { pause } from '../../../core/pause.ts';

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
const PAUSES = { firstMs: 50, longestMs: 2000 };

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

export const isOfType = (error: unknown, type: string): boolean => (error as ClientError).type === type;

/** The client looked for the leader of a cluster, and does not say why it found none. */
export const isUndiscovered = (error: unknown): boolean => UNDISCOVERED.test((error as Error).message);

/** JavaScript's own errors: mistakes in our code or in what was stored, which every further attempt would meet again. */
const MISTAKES = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];

/** False unless the client or the network threw it: a mistake of our own, or a stored event that cannot be read. */
const isFromOutside = (error: unknown): error is Error =>
  error instanceof Error && !(error instanceof Unreadable) && !MISTAKES.some(kind => error instanceof kind);

/** What an operator has to mend first: no trying again helps, so it is said at once. */
export function hopeless(error: unknown): string | undefined {
  const { type, message } = error as ClientError;
  if (type === 'access-denied') {
    return 'it refuses the user name or the password of EVENTSTORE_URL, or that user may not do this';
  }
  if (UNTRUSTED.test(message)) return `the secure connection cannot be made (${tlsReason(message)})`;
  return undefined;
}

/** In OpenSSL's own format: `C0B7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:record.c:354:` */
const OPENSSL = /error:[0-9A-F]+:[^:]*:[^:]*:([^:\n]+)/i;
/** In that of the gRPC library: `14 UNAVAILABLE: No connection established. Last error: Error: REASON. Resolution note: ` */
const LAST_ERROR = /Last error: (?:Error: )?(.+?)(?:\. Resolution note:.*)?$/s;

/** The reason within a message of the TLS or gRPC library, on one line. */
export const tlsReason = (message: string): string =>
  (OPENSSL.exec(message)?.[1] ?? LAST_ERROR.exec(message)?.[1] ?? message).replaceAll(/\s+/g, ' ').trim();

/**
 * Retries whatever the client or the network threw, with exponential back-off and jitter: everything that is sent here
 * may be sent again. An answer may have been lost (time-out, connection, a change of leader, "Server Is Not Ready"), and
 * no list of those is complete. Anything else is rethrown at once.
 */
export class Patience {
  readonly #ms: number;
  #end: number;
  readonly #signal: AbortSignal;
  readonly #backOff = new BackOff(PAUSES);

  /** @param ms from now on, and again from each answer on; Infinity: for ever */
  constructor(ms: number, signal: AbortSignal) {
    this.#ms = ms;
    this.#end = performance.now() + ms;
    this.#signal = signal;
  }

  /**
   * Resolves when it is time to try again; at once after `signal`.
   * @throws Unavailable once the time is over, Damaged for a deleted stream, `error` itself if it is a mistake
   */
  async after(error: unknown): Promise<void> {
    if (!isFromOutside(error) || error instanceof Hopeless) throw error;
    if (isOfType(error, 'stream-deleted')) {
      throw new Damaged(`the event log: ${error.message} ZipBob never deletes a stream: restore a backup`, {
        cause: error,
      });
    }
    const reason = hopeless(error);
    if (reason) throw new Hopeless(`the event log: ${reason}`, { cause: error });
    const ms = this.#backOff.next();
    if (performance.now() + ms > this.#end) {
      const { message } = error;
      const advice = HUNG_UP.test(message) ? 'it hangs up, as where only one side uses TLS; ' : '';
      throw new Unavailable(`the event log does not answer: ${advice}${message}`, { cause: error });
    }
    await pause(ms, this.#signal);
  }

  /** It has answered. */
  renew(): void {
    this.#end = performance.now() + this.#ms;
    this.#backOff.reset();
  }
}
