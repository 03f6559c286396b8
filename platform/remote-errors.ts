import { Errors } from 'moleculer';
import {
  Conflict,
  Damaged,
  NewerFacts,
  NotAppendable,
  Overloaded,
  type RefusalKind,
  Refused,
  Unavailable,
  Unreadable,
} from '../core/errors.ts';
import { Problem } from './problem.ts';

/** The fields of an error that travel between nodes. */
interface Plain extends Errors.PlainMoleculerError {
  /** of Refused */
  readonly kind?: RefusalKind;
  /** of Conflict */
  readonly stream?: string;
  readonly actual?: number | 'none';
}

type Data = Readonly<Record<string, unknown>>;

const RESTORED: Readonly<Record<string, (plain: Plain) => Error>> = {
  Problem: ({ code, type, message, data }) => new Problem(Number(code), type, message, data as Data),
  Refused: ({ kind, code, message, data }) => new Refused(kind!, String(code), message, data as Data),
  Conflict: ({ stream, actual }) => new Conflict(stream!, actual!),
  Unavailable: ({ message }) => new Unavailable(message),
  Overloaded: ({ message }) => new Overloaded(message),
  Damaged: ({ message }) => new Damaged(message),
  NotAppendable: ({ message }) => new NotAppendable(message),
  NewerFacts: ({ message }) => new NewerFacts(message),
  Unreadable: ({ message }) => new Unreadable(message),
};

/** Restores the class of our errors from another node; Moleculer restores its own, and `retryable` of all. */
export class RemoteErrors extends Errors.Regenerator {
  override extractPlainError(error: Plain): Errors.PlainMoleculerError {
    const { kind, stream, actual } = error;
    return { ...super.extractPlainError(error), ...{ kind, stream, actual } };
  }

  /** Undefined for an error that is not ours, which Moleculer's types do not allow for. */
  override restoreCustomError(plain: Plain): Error {
    return (Object.hasOwn(RESTORED, plain.name) ? RESTORED[plain.name]!(plain) : undefined) as Error;
  }
}
