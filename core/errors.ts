/** The stream is not where the writer believed it to be. Load and decide again; never retry as it is. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
  readonly stream: string;
  readonly actual: number | 'none';
  constructor(stream: string, actual: number | 'none') {
    super(`${stream} is at ${actual}`);
    this.stream = stream;
    this.actual = actual;
  }
}

/** A store or a service is away, or gave no answer in time. The same call may succeed later (HTTP 503). */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
  readonly retryable = true;
}

/** Too much waits for the same thing already: nothing of this call was begun. */
export class Overloaded extends Unavailable {
  override readonly name = 'Overloaded';
}

/** A store's file is broken: it stays so until the operator has looked. */
export class Damaged extends Unavailable {
  override readonly name = 'Damaged';
}

/** Whether a later try may succeed. Damage stays until an operator has looked, and a mistake is met again. */
export const isAway = (error: unknown): boolean =>
  (error as { retryable?: boolean } | undefined)?.retryable === true && !(error instanceof Damaged);

/** An append that no adapter takes: nothing in it, more than 500 facts, or more than 512 KiB. */
export class NotAppendable extends Error {
  override readonly name = 'NotAppendable';
}

/** The log holds a fact that this release cannot read: an unknown type of a known family, or a higher version. */
export class NewerFacts extends Error {
  override readonly name = 'NewerFacts';
}

/** An event in one of our streams that is no fact of ours: another program wrote it, or it is damaged. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The read models know more than the log: the log was restored from an older backup. */
export class LogBehindViews extends Error {
  override readonly name = 'LogBehindViews';
  constructor(options?: ErrorOptions) {
    super(
      'the read models have seen facts that this event log does not hold: it was restored from an older backup. If that is so, run: npm run log -- restored',
      options,
    );
  }
}

/** For the log: a failure that tells an operator what to do is its message, any other comes with its stack. */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isKnown = [Unavailable, NewerFacts, Unreadable, LogBehindViews, Refused].some(kind => error instanceof kind);
  return isKnown ? error.message : (error.stack ?? error.message);
}

export type RefusalKind = 'rule' | 'not-found' | 'forbidden' | 'invalid' | 'malformed' | 'precondition';

/**
 * A command that the rules do not allow. `code` is for programs, the message for people, `data` holds what helps
 * them on (what there is, the present revision). Nothing was written.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly kind: RefusalKind;
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  constructor(kind: RefusalKind, code: string, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.data = data;
  }
}
