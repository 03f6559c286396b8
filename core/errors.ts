/** The stream is not at the expected revision. Load and decide again; do not retry the same append. */
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

/** Too many calls wait for the same thing; no part of this call was begun. */
export class Overloaded extends Unavailable {
  override readonly name = 'Overloaded';
}

/** A store's file is damaged, and stays so until the operator repairs it. */
export class Damaged extends Unavailable {
  override readonly name = 'Damaged';
}

/** Whether a later try may succeed. Damage needs an operator, and a mistake would recur. */
export const isAway = (error: unknown): boolean =>
  (error as { retryable?: boolean } | undefined)?.retryable === true && !(error instanceof Damaged);

/** An append that every adapter refuses: empty, more than 500 facts, or more than 512 KiB. */
export class NotAppendable extends Error {
  override readonly name = 'NotAppendable';
}

/** The log holds a fact that this release cannot read: an unknown type of a known family, or a higher version. */
export class NewerFacts extends Error {
  override readonly name = 'NewerFacts';
}

/** An event in one of our streams that is not a fact: another program wrote it, or it is damaged. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The read models contain facts that the log lacks: the log was restored from an older backup. */
export class LogBehindViews extends Error {
  override readonly name = 'LogBehindViews';
  constructor(options?: ErrorOptions) {
    super(
      'the read models have seen facts that this event log does not hold: it was restored from an older backup. If that is so, run: npm run log -- restored',
      options,
    );
  }
}

/** The log text of a failure: only the message if it tells an operator what to do, otherwise with the stack. */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isKnown = [Unavailable, NewerFacts, Unreadable, LogBehindViews, Refused].some(kind => error instanceof kind);
  return isKnown ? error.message : (error.stack ?? error.message);
}

export type RefusalKind = 'rule' | 'not-found' | 'forbidden' | 'invalid' | 'malformed' | 'precondition';

/**
 * A command that the rules do not allow. `code` is for programs, the message for people; `data` helps them continue
 * (the present amount or revision). Nothing was written.
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
