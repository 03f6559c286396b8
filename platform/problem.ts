import { Errors } from 'moleculer';
import { NewerFacts, NotAppendable, Overloaded, type RefusalKind, Refused, Unavailable } from '../core/errors.ts';

export interface FieldError {
  path: string;
  message: string;
}

/**
 * An error for clients (RFC 9457): `code` is the HTTP status, `type` our code, `data` helps the client to continue.
 * Between nodes it keeps its class (`remote-errors.ts`).
 */
export class Problem extends Errors.MoleculerError {
  constructor(status: number, code: string, detail: string, data: Readonly<Record<string, unknown>> = {}) {
    super(detail, status, code, { problem: true, ...data });
    this.name = 'Problem';
    // Only errors with `Retry-After`: work waits for them, and a bus may resend the call.
    this.retryable = status === 503;
  }
}

const STATUS: Record<RefusalKind, number> = {
  rule: 409,
  'not-found': 404,
  forbidden: 403,
  invalid: 422,
  malformed: 400,
  precondition: 412,
};

/** seconds after which a missing part may be back */
export const RETRY_SECONDS = 2;
export const unavailable = (code: string, detail: string): Problem =>
  new Problem(503, code, detail, { retryAfter: RETRY_SECONDS });

/** The problem that an internal failure is to clients, if they may see it. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Refused) return new Problem(STATUS[error.kind], error.code, error.message, error.data);
  if (error instanceof NewerFacts) {
    return unavailable('newer-facts', 'this was changed by a newer release; this server has to be upgraded first');
  }
  if (error instanceof Overloaded) return unavailable('overloaded', 'there is too much to do here; try again');
  if (error instanceof Unavailable) return unavailable('unavailable', 'a store does not answer; try again');
  if (error instanceof NotAppendable) return new Problem(413, 'too-large', 'this is too much for one command');
  return undefined;
}
