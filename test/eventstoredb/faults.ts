import type { Counter } from './counters.ts';

/**
 * Faults on demand. A parent process that started the program with an IPC channel sends `{ id, ask: Ask }` and gets
 * `{ id }` back, or `{ id, error }` (`start.ts` does it for tests). A fault of an append, a read or a subscription
 * applies to the next one that begins, `times` times (1); several faults queue in order. A fault of the server applies
 * at once. No fault is random.
 *
 * - append `refuse`: an answer as during an election (golden 11), on a follower (14), after a timeout, or without a
 *   reason. With `written` the events are stored all the same, as for `hang` and `cut`.
 * - append `hang`: no answer. A unary append is answered "timed out" after `ms` (2000), as by the real server.
 * - append `cut`: the connection is reset before the answer. `late`: the answer takes `ms`. `twice`: it is duplicated.
 * - read and subscription `refuse`, `cut`, `end`, `hang`: after this many events (0) a status `Server Is Not Ready`,
 *   a reset, a premature OK, or silence.
 * - subscription `checkpoint-ahead`: every checkpoint and event is preceded by a frame at the newest event of the batch,
 *   so a reader that trusts frames more than events loses some. No real server was seen to do it.
 * - subscription `checkpoint-next`: once caught up, a frame at the position of the NEXT record, with `prepare: 0`, as
 *   servers after 24.6 send (according to their source; not recorded). Resuming from it with `prepare` set to `commit`
 *   skips that record.
 * - server `hang`: nothing is answered or delivered until `clear`, then everything is.
 * - server `drop-subscriptions`, `reset-connections`: as named.
 * - server `leader-change`: a new epoch, all connections reset, then `refusals` (3) appends refused as `Server Is Not
 *   Ready`.
 */
export type Fault = AppendFault | StreamFault | CheckpointFault | ServerFault;

interface Times {
  readonly times?: number;
}

export type AppendFault = Times & { readonly on: 'append' } & (
    | { readonly do: 'refuse'; readonly as: RefuseAs; readonly written?: boolean }
    | { readonly do: 'hang'; readonly written?: boolean; readonly ms?: number }
    | { readonly do: 'cut'; readonly written?: boolean }
    | { readonly do: 'late'; readonly ms: number }
    | { readonly do: 'twice' }
  );

export type RefuseAs = 'not-ready' | 'not-leader' | 'timeout' | 'unknown';

export interface StreamFault extends Times {
  readonly on: 'read' | 'subscription';
  readonly do: 'refuse' | 'cut' | 'end' | 'hang';
  /** events that are delivered first */
  readonly after?: number;
}

export interface CheckpointFault extends Times {
  readonly on: 'subscription';
  readonly do: 'checkpoint-ahead' | 'checkpoint-next';
}

export interface ServerFault {
  readonly on: 'server';
  readonly do: 'hang' | 'drop-subscriptions' | 'reset-connections' | 'leader-change';
  readonly refusals?: number;
}

export type Ask =
  | { readonly do: 'fault'; readonly fault: Fault }
  /** forgets the pending faults, and ends a `hang` of the server */
  | { readonly do: 'clear' }
  /** makes a follower the leader */
  | { readonly do: 'lead' }
  /** another node of this host follows this one */
  | { readonly do: 'followed-by'; readonly port: number }
  /** answered once the counter has reached `count` since the program started */
  | { readonly do: 'until'; readonly counter: Counter; readonly count: number };

type Struck<On> = Extract<Exclude<Fault, ServerFault>, { on: On }> | undefined;

/** Pending faults, each for the next matching call. */
export class Faults {
  #waiting: { fault: Exclude<Fault, ServerFault>; left: number }[] = [];
  #gate: PromiseWithResolvers<void> | undefined;

  add(fault: Exclude<Fault, ServerFault>): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  /** The fault for the append, read or subscription that begins now, if any. */
  take(on: 'append'): Struck<'append'>;
  take(on: 'read'): StreamFault | undefined;
  take(on: 'subscription'): StreamFault | CheckpointFault | undefined;
  take(on: string): Struck<string> {
    const first = this.#waiting.find(({ fault, left }) => fault.on === on && left > 0);
    if (first) first.left--;
    return first?.fault;
  }

  hang(): void {
    this.#gate ??= Promise.withResolvers();
  }

  clear(): void {
    this.#waiting = [];
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Every action of the server passes through here; it waits for the end of a `hang`. */
  async gate(): Promise<void> {
    while (this.#gate) await this.#gate.promise;
  }
}
