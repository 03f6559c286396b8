import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { Conflict } from '../../errors.ts';
import type { Recorded } from '../../fact.ts';
import { Signal } from '../../signal.ts';
import type { Batch, EventStore, Follow, Proposed } from '../port.ts';

/** A log that a case may write to. */
export interface Opened {
  readonly store: EventStore;
  /** Opens the log again, as another process would, or after `store` was closed. Absent if the log cannot be reopened. */
  readonly another?: () => Promise<EventStore>;
  /** Appends each fact to its own stream, many at a time, from another process. */
  readonly writeElsewhere?: (stream: string, facts: readonly Proposed[]) => Promise<void>;
  /** Appends an event that this adapter cannot decode to a stream, bypassing the adapter. */
  readonly corrupt?: (stream: string) => Promise<void>;
  /** true if nothing was written yet; false on a server that several cases share */
  readonly empty: boolean;
  /** Closes every handle, closed or not, and removes the log. */
  cleanUp(): Promise<void>;
}

/**
 * Adds a fault to a sound store. `handle` counts from 0 for the first one on a log; `inMemory` makes another sound,
 * private store.
 */
export type Wrap = (store: EventStore, handle: number, inMemory: () => EventStore) => EventStore;

/** By title: a short sentence that states the rule. */
export type Cases = Readonly<Record<string, (log: Opened) => Promise<void>>>;

/** Time limit for one thing that a sound store does at once. */
const WAIT_MS = 4000;

/** A family name that no other case uses: cases may share a log. */
export const unique = (word: string): string =>
  word +
  randomBytes(6)
    .toString('hex')
    .replace(/\d/g, digit => 'ghijklmnop'.charAt(Number(digit)));

let clock = Date.parse('2026-01-01T00:00:00Z');

/** A fact with a fresh id, a second later than the one before it. */
export function proposed(data: unknown = {}, type = 'IngredientStored'): Proposed {
  clock += 1000;
  const at = new Date(clock).toISOString();
  const meta = { commandId: randomUUID(), correlationId: randomUUID(), causationId: randomUUID(), at, schema: 1 };
  return { id: randomUUID(), event: { type, data }, meta };
}

export const many = (count: number): Proposed[] => Array.from({ length: count }, (_, n) => proposed({ n }));

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

export const ids = (facts: readonly { id: string }[]): string[] => facts.map(({ id }) => id);

export const delivered = (batches: readonly Batch[]): Recorded[] => batches.flatMap(({ events }) => events);

/** Asserts that an append throws a Conflict with this stream and its revision. */
export const conflicts = (append: Promise<unknown>, stream: string, actual: number | 'none'): Promise<void> =>
  assert.rejects(append, error => {
    assert.ok(error instanceof Conflict, `${error} is not a Conflict`);
    assert.deepEqual({ stream: error.stream, actual: error.actual }, { stream, actual });
    return true;
  });

const TICK_MS = 20;

/**
 * Resolves with the result of `promise`, or rejects after `ms`, so that a store that hangs fails its case. The time is
 * counted in ticks of a timer, so a stall of the process (slow disk, busy machine) does not use it up.
 */
export async function within<T>(ms: number, wait: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  let left = ms / TICK_MS;
  const timer = setInterval(() => {
    left -= 1;
    if (left <= 0) reject(new Error(`not within ${ms} ms: ${wait}`));
  }, TICK_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Collects batches of the log up to the one with `last`, then stops: other cases check whether following ends there.
 */
export async function history(store: EventStore, last: { id: string }, options: Partial<Follow>): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of store.follow({ after: 0, live: false, ...options })) {
    batches.push(batch);
    if (batch.events.some(({ id }) => id === last.id)) break;
  }
  return batches;
}

/** A consumer that runs beside its case. Leaving the scope of a `using` aborts it. */
export interface Follower extends Disposable {
  readonly batches: readonly Batch[];
  /** settles when following ends, with its error if it failed */
  readonly ended: Promise<void>;
  /** Resolves once `fact` was delivered. */
  saw(fact: { id: string }): Promise<void>;
  /** Resolves once a first batch, even an empty one, was delivered. */
  started(): Promise<void>;
  abort(): void;
}

/** Follows live. The consumer is busy with a batch until `hold` resolves. */
export function follow(
  store: EventStore,
  options: Partial<Follow> = {},
  hold: (batch: Batch) => Promise<void> | undefined = () => undefined,
): Follower {
  const stop = new AbortController();
  const batches: Batch[] = [];
  const news = new Signal();
  const ended = (async () => {
    for await (const batch of store.follow({ after: 0, live: true, ...options, signal: stop.signal })) {
      batches.push(batch);
      news.notify();
      await hold(batch);
    }
  })();
  const early = ended.then(() => assert.fail('following ended'));
  early.catch(() => {});
  const until = async (met: () => boolean) => {
    while (!met()) await Promise.race([news.wait(), early]);
  };
  return {
    batches,
    ended,
    saw: ({ id }) => {
      const here = () => batches.some(({ events }) => events.some(event => event.id === id));
      return within(WAIT_MS, 'a fact is delivered', until(here));
    },
    started: () =>
      within(
        WAIT_MS,
        'a first batch is delivered',
        until(() => batches.length > 0),
      ),
    abort: () => stop.abort(),
    [Symbol.dispose]: () => stop.abort(),
  };
}
