import type { Fact, Happened } from './fact.ts';

/** Everything that a decision may know besides its command. It comes from outside, because `decide` is pure. */
export interface Intent {
  readonly commandId: string;
  readonly actor?: string;
  /** ISO 8601, UTC: the handler's clock */
  readonly at: string;
  /** ISO 8601, UTC: the time that the client gave for the event */
  readonly occurredAt?: string;
}

/**
 * The rules of one family. The fold owns its state and may change it in place; `decide` must not.
 * `decide` throws Refused; an empty answer means that there is nothing left to do.
 */
export interface Decider<C, E extends Fact, S> {
  initial(): S;
  evolve(state: S, event: Happened<E>): S;
  decide(command: C, state: S, intent: Intent): readonly E[];
  /**
   * Checks whether the actor may give this command, before `decide` and before a repeat is answered. @throws Refused
   */
  authorize?(command: C, state: S, intent: Intent): void;
  /** Narrows a client's `occurredAt` to what the state allows. */
  occurredAt?(command: C, state: S, intent: Intent): string | undefined;
}
