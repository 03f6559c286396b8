import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { Conflict } from '../../errors.ts';
import type { Recorded } from '../../fact.ts';
import { Signal } from '../../signal.ts';
import type { Batch, EventStore, Follow, Proposed } from '../port.ts';

/** A log that a case may write to. */
export interface Opened {
  readonly store: EventStore;
  /** Opens the log once more, as another process would, or again after `store` was closed. Absent where it cannot be. */
  readonly another?: () => Promise<EventStore>;
  /** Appends each fact to a stream of its own, many at a time, from another process. */
  readonly writeElsewhere?: (stream: string, facts: readonly Proposed[]) => Promise<void>;
  /** Writes an event that this adapter cannot decode to the end of a stream, past the adapter. */
  readonly corrupt?: (stream: string) => Promise<void>;
  /** nothing was written yet; false on a server that several cases share */
  readonly empty: boolean;
  /** Closes every handle, whether a case closed it or not, and removes the log. */
  cleanUp(): Promise<void>;
}

/**
 * Dresses a sound store in a fault. `handle` counts from 0 for the first one on a log; `inMemory` makes another sound
 * store, of which nobody else knows.
 */
export type Wrap = (store: EventStore, handle: number, inMemory: () => EventStore) => EventStore;

/** By title: a short sentence that says the rule. */
export type Cases = Readonly<Record<string, (log: Opened) => Promise<void>>>;

/** How long a case waits for one thing that a sound store does at once. */
const WAIT_MS = 4000;

/** A family's name that no other case uses: they may share a log. */
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

/** Asserts that an append was refused because its stream is elsewhere, and that it says where. */
export const conflicts = (append: Promise<unknown>, stream: string, actual: number | 'none'): Promise<void> =>
  assert.rejects(append, error => {
    assert.ok(error instanceof Conflict, `${error} is no Conflict`);
    assert.deepEqual({ stream: error.stream, actual: error.actual }, { stream, actual });
    return true;
  });

const TICK_MS = 20;

/**
 * What `promise` resolves with, or an error after `ms`: a store that hangs fails its case. The time is counted in ticks
 * of a timer, so a process that stands still because of a slow disk or a busy machine does not use it up.
 */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  let left = ms / TICK_MS;
  const timer = setInterval(() => {
    left -= 1;
    if (left <= 0) reject(new Error(`not within ${ms} ms: ${what}`));
  }, TICK_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearInterval(timer);
  }
}

/**
 * The batches of what is in the log, up to the one with `last`. It leaves then, because whether following ends, and
 * whether it goes on, are the questions of other cases.
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
  /** settles when following ends, with its error where it has one */
  readonly ended: Promise<void>;
  /** Resolves once `fact` has come. */
  saw(fact: { id: string }): Promise<void>;
  /** Resolves once any batch has come, be it empty. */
  started(): Promise<void>;
  abort(): void;
}

/** Follows live. `hold` keeps the consumer busy with a batch until it resolves. */
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
      return within(WAIT_MS, 'a fact comes', until(here));
    },
    started: () =>
      within(
        WAIT_MS,
        'a first batch comes',
        until(() => batches.length > 0),
      ),
    abort: () => stop.abort(),
    [Symbol.dispose]: () => stop.abort(),
  };
}
