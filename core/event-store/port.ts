import { NotAppendable } from '../errors.ts';
import type { Fact, Meta, Recorded } from '../fact.ts';

/** The revision that the writer last saw, or `none` where it saw no stream. There is no "any". */
export type Expected = number | 'none';

export interface Proposed<E extends Fact = Fact> {
  /** a fresh UUID per append; repeated only when an adapter re-sends that very append */
  readonly id: string;
  readonly event: E;
  readonly meta: Meta;
}

export interface Appended {
  /** of the last fact */
  readonly revision: number;
  readonly position: number;
}

/** `upTo` moves with our facts and with the store's own frames; it need not reach `head()`, and never runs ahead. */
export interface Batch {
  readonly events: readonly Recorded[];
  readonly upTo: number;
  readonly caughtUp: boolean;
}

export interface Head {
  /** 0 for an empty log */
  readonly position: number;
  readonly newest?: Recorded;
}

export interface Follow {
  /** exclusive; 0 for all */
  after: number;
  /** facts of these only; those of every family where none are named */
  families?: readonly string[];
  /** go on waiting for new facts, or end when all that there is has been delivered */
  live: boolean;
  /** facts in a batch, at most */
  batch?: number;
  signal?: AbortSignal;
  /** told of each failure that following gets over by itself; with the next batch it has */
  onInterruption?: (reason: Error) => void;
}

/**
 * An append-only log of streams. EventStoreDB defines the meaning, other adapters imitate it:
 * - an append is all or nothing and durable before it resolves;
 * - the very append again (same ids, same first expectation) is answered with its old revision and position;
 *   ids are looked up only when the expectation does not match, so an append whose expectation holds is stored;
 * - positions grow in order of commit, with gaps.
 */
export interface EventStore {
  /**
   * @param deadline milliseconds of `performance.now()` from which on the append is not begun, nor sent again
   * @throws Conflict, NotAppendable, Unavailable
   */
  append(stream: string, events: readonly Proposed[], expected: Expected, deadline?: number): Promise<Appended>;
  /** From revision `from` (0) up to and including `upTo`; nothing for a stream that does not exist. */
  read(stream: string, range?: { from?: number; upTo?: number }): AsyncIterable<Recorded>;
  follow(options: Follow): AsyncIterable<Batch>;
  head(): Promise<Head>;
  /** That of the head; cheaper, for those who ask often. */
  headPosition(): Promise<number>;
  /** Resolves if the log answers and, where that can be tried without storing anything, takes appends. @throws Unavailable */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export const MAX_FACTS = 500;
export const MAX_BYTES = 512 * 1024;

/** What an append stores for each fact, already as JSON, once its size is known to be allowed. */
export function serialize(stream: string, events: readonly Proposed[]): { data: string; meta: string }[] {
  if (stream === '' || stream.startsWith('$')) throw new NotAppendable(`"${stream}" is no name for a stream`);
  if (events.length === 0) throw new NotAppendable('an append needs a fact');
  if (events.length > MAX_FACTS)
    throw new NotAppendable(`an append holds at most ${MAX_FACTS} facts, not ${events.length}`);
  let bytes = 0;
  const rows = events.map(({ event, meta }) => {
    if (event.type === '') throw new NotAppendable('a fact needs a type');
    const row = { data: JSON.stringify(event.data), meta: JSON.stringify(meta) };
    bytes += Buffer.byteLength(row.data) + Buffer.byteLength(row.meta);
    return row;
  });
  if (bytes > MAX_BYTES) throw new NotAppendable(`an append holds at most ${MAX_BYTES} bytes, not ${bytes}`);
  return rows;
}
