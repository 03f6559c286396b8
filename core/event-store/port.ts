import { NotAppendable } from '../errors.ts';
import type { Fact, Meta, Recorded } from '../fact.ts';

/** The revision that the writer last saw, or `none` if it saw no stream. There is no "any". */
export type Expected = number | 'none';

export interface Proposed<E extends Fact = Fact> {
  /** a fresh UUID per append; repeated only when an adapter retries the same append */
  readonly id: string;
  readonly event: E;
  readonly meta: Meta;
}

export interface Appended {
  /** of the last fact */
  readonly revision: number;
  readonly position: number;
}

/** Some facts of a log, in order of their positions. */
export interface Batch {
  readonly events: readonly Recorded[];
  /**
   * Everything the follower asked for is delivered up to this position: no later batch holds a fact at or before it. It
   * advances with facts and with the store's own checkpoints, never goes back, and may stay below `head()`.
   */
  readonly upTo: number;
  /** everything in the log is delivered; the next batch, if any, holds new facts */
  readonly caughtUp: boolean;
}

export interface Head {
  /** 0 for an empty log */
  readonly position: number;
  readonly newest?: Recorded;
}

export interface Follow {
  /** exclusive; 0 for the whole log */
  after: number;
  /** only facts of these families; omitted: all families */
  families?: readonly string[];
  /** true: wait for new facts; false: end after the last fact in the log */
  live: boolean;
  /** maximum number of facts in a batch */
  batch?: number;
  signal?: AbortSignal;
  /** called for each failure that the adapter retries; the next batch shows that it recovered */
  onInterruption?: (reason: Error) => void;
}

/**
 * An append-only log of streams. EventStoreDB defines the meaning, other adapters imitate it:
 * - an append is atomic, and durable before it resolves;
 * - an append is idempotent: a retry with the same ids and the same expectation returns the revision and position of
 *   the first attempt. Ids are compared only if the expectation does not match, so known ids are stored again if it does;
 * - positions grow in commit order, with gaps.
 *
 * After `close` every method throws Unavailable, and followers end or throw Unavailable.
 */
export interface EventStore {
  /**
   * Resolves once all facts are durable, with the revision and position of the last one.
   * @param deadline in milliseconds of `performance.now()`; from then on the append is neither started nor retried
   * @throws Conflict if the stream is not at `expected`
   * @throws NotAppendable if `serialize` refuses the facts or the name; nothing was written
   * @throws Unavailable if the log does not answer in time (the append may have been written), or the deadline is over
   */
  append(stream: string, events: readonly Proposed[], expected: Expected, deadline?: number): Promise<Appended>;
  /**
   * Yields the facts from revision `from` (default 0) up to and including `upTo`; nothing if the stream does not exist.
   * @throws Unavailable if the log does not answer in time
   * @throws Unreadable if a stored event is not a fact
   */
  read(stream: string, range?: { from?: number; upTo?: number }): AsyncIterable<Recorded>;
  /**
   * Yields facts after `options.after` in commit order, in batches. Without `live` it ends after the last fact in the
   * log; with `live` it waits for new facts and ends after `signal`.
   * @throws Unavailable if the log does not answer in time; a live follower may retry instead
   *   (`onInterruption`), except after `close` and for failures that only an operator can fix
   * @throws Unreadable if a stored event is not a fact; the same error on every attempt
   * @throws LogBehindViews if the adapter finds that the log does not hold `after`: an older backup was restored
   */
  follow(options: Follow): AsyncIterable<Batch>;
  /**
   * Resolves with the last position in the log and the newest fact.
   * @throws Unavailable if the log does not answer in time
   * @throws Unreadable if the adapter cannot decode the newest event
   */
  head(): Promise<Head>;
  /**
   * Resolves with the position of `head()`; cheaper, for frequent calls.
   * @throws Unavailable if the log does not answer in time
   */
  headPosition(): Promise<number>;
  /**
   * Resolves if the log answers and accepts appends, as far as that can be checked without storing anything.
   * @throws Unavailable otherwise
   */
  ready(): Promise<void>;
  /** Resolves once appends in progress are settled and all resources are released. A second call does nothing. */
  close(): Promise<void>;
}

export const MAX_FACTS = 500;
export const MAX_BYTES = 512 * 1024;

/**
 * Returns the JSON that an append stores for each fact.
 * @throws NotAppendable for an invalid stream name, no facts, a fact without a type, more than `MAX_FACTS`, or more than
 *   `MAX_BYTES`
 */
export function serialize(stream: string, events: readonly Proposed[]): { data: string; meta: string }[] {
  if (stream === '' || stream.startsWith('$')) throw new NotAppendable(`"${stream}" is not a valid stream name`);
  if (events.length === 0) throw new NotAppendable('an append needs at least one fact');
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
