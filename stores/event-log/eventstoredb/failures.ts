import { BackOff } from '../../../core/back-off.ts';
import { Damaged, Unavailable, Unreadable } from '../../../core/errors.ts';
import { pause } from '../../../core/pause.ts';

/** An error of the client has a `type`; an error of gRPC (a server that is down) has only a `code`. */
interface ClientError {
  readonly type?: string;
  readonly code?: number;
  readonly message: string;
}

/** Timeout of one attempt. An append that may have been written is retried unchanged. */
export const ATTEMPT_MS = 2000;
/** Total time of a call with retries. A client that waits for a command gets its answer after 5 s. */
export const PATIENCE_MS = 3000;
/** gRPC status code */
const INVALID_ARGUMENT = 3;
const UNTRUSTED = /certificate|altnames|wrong version number|\bSSL\b/i;
/** Transient: a proxy also hangs up while its server is starting. */
const HUNG_UP = /Failed to connect/;
const UNDISCOVERED = /^Failed to discover/;
const PAUSES = { firstMs: 50, longestMs: 2000 };

/** Only an operator can fix this, so no call retries it. */
class Hopeless extends Unavailable {}

/** The server did not answer in time. */
export class Silence extends Error {
  constructor(ms: number) {
    super(`no answer for ${ms} ms`);
  }
}

export const isSilence = (error: unknown): boolean => error instanceof Silence || isOfType(error, 'deadline-exceeded');

/** The server knows no record at this position, as after a restored backup. */
export const isPlaceless = (error: unknown): boolean =>
  isOfType(error, 'unknown') && (error as ClientError).code === INVALID_ARGUMENT;

/** @throws Unavailable after `signal` */
export function usable(signal: AbortSignal): void {
  if (signal.aborted) throw new Unavailable('the event log is closed');
}

export const isOfType = (error: unknown, type: string): boolean => (error as ClientError).type === type;

/** The client found no leader in the cluster. Its error does not give the reason. */
export const isUndiscovered = (error: unknown): boolean => UNDISCOVERED.test((error as Error).message);

/** JavaScript's own errors: bugs in our code or invalid stored data, which a retry would meet again. */
const MISTAKES = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];

/** True for errors of the client or the network; false for our own bugs and for stored events that cannot be read. */
const isFromOutside = (error: unknown): error is Error =>
  error instanceof Error && !(error instanceof Unreadable) && !MISTAKES.some(kind => error instanceof kind);

/** Returns the fix for a failure that only an operator can repair. Such a failure is reported at once. */
export function hopeless(error: unknown): string | undefined {
  const { type, message } = error as ClientError;
  if (type === 'access-denied') {
    return 'it refuses the user name or the password of EVENTSTORE_URL, or that user may not do this';
  }
  if (UNTRUSTED.test(message)) return `the secure connection cannot be made (${tlsReason(message)})`;
  return undefined;
}

/** OpenSSL's own format: `C0B7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:record.c:354:` */
const OPENSSL = /error:[0-9A-F]+:[^:]*:[^:]*:([^:\n]+)/i;
/** The gRPC library's: `14 UNAVAILABLE: No connection established. Last error: Error: REASON. Resolution note: ` */
const LAST_ERROR = /Last error: (?:Error: )?(.+?)(?:\. Resolution note:.*)?$/s;

/** Extracts the reason from a message of the TLS or gRPC library, on one line. */
export const tlsReason = (message: string): string =>
  (OPENSSL.exec(message)?.[1] ?? LAST_ERROR.exec(message)?.[1] ?? message).replaceAll(/\s+/g, ' ').trim();

/**
 * Retries every error of the client or the network, with exponential back-off and jitter: all calls here are idempotent.
 * Answers get lost in many ways (timeout, connection, change of leader, "Server Is Not Ready"), so there is no list of
 * retryable errors. Any other error is rethrown at once.
 */
export class Patience {
  readonly #ms: number;
  #end: number;
  readonly #signal: AbortSignal;
  readonly #backOff = new BackOff(PAUSES);

  /** @param ms total time for retries, counted from now and again from each answer; Infinity: no limit */
  constructor(ms: number, signal: AbortSignal) {
    this.#ms = ms;
    this.#end = performance.now() + ms;
    this.#signal = signal;
  }

  /**
   * Waits before the next attempt; resolves at once after `signal`.
   * @throws Unavailable once the time is over, or at once if only an operator can fix it
   * @throws Damaged for a deleted stream
   * @throws `error` itself if it did not come from the client or the network
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
      const advice = HUNG_UP.test(message) ? 'it hangs up, as if only one side used TLS; ' : '';
      throw new Unavailable(`the event log does not answer: ${advice}${message}`, { cause: error });
    }
    await pause(ms, this.#signal);
  }

  /** Restarts the time and the back-off after an answer. */
  renew(): void {
    this.#end = performance.now() + this.#ms;
    this.#backOff.reset();
  }
}
