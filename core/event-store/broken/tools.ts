import { Conflict } from '../../errors.ts';
import type { Wrap } from '../contract/tools.ts';
import type { Appended, Batch, EventStore, Expected, Follow, Proposed } from '../port.ts';

/** An adapter with one fault, and the title of the only case that may reject it. */
export interface Broken {
  readonly fault: string;
  readonly rejectedBy: string;
  readonly wrap: Wrap;
}

/** A sound store with some methods replaced. */
export const over = (store: EventStore, changes: Partial<EventStore>): EventStore => ({
  append: (stream, events, expected) => store.append(stream, events, expected),
  read: (stream, range) => store.read(stream, range),
  follow: options => store.follow(options),
  head: () => store.head(),
  headPosition: () => store.headPosition(),
  ready: () => store.ready(),
  close: () => store.close(),
  ...changes,
});

export type Append = EventStore['append'];

/** Replaces `append`; `store` is the sound one. */
export const appends =
  (faulty: (store: EventStore) => Append): Wrap =>
  store =>
    over(store, { append: faulty(store) });

/** Appends soundly, and replaces the answer to a conflict. `answer` returns undefined to keep the conflict. */
export const onConflict = (
  answer: (
    store: EventStore,
    append: { stream: string; events: readonly Proposed[]; expected: Expected; actual: Expected; fresh: boolean },
  ) => Promise<Appended | undefined> | undefined,
): Wrap =>
  appends(store => {
    const known = new Set<string>();
    return async (stream, events, expected) => {
      const fresh = !events.some(({ id }) => known.has(id));
      for (const { id } of events) known.add(id);
      try {
        return await store.append(stream, events, expected);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        const answered = await answer(store, { stream, events, expected, actual: error.actual, fresh });
        if (!answered) throw error;
        return answered;
      }
    };
  });

/** Appends at the present end of the stream, whatever revision is expected. */
export async function anyway(
  store: EventStore,
  stream: string,
  events: readonly Proposed[],
  expected: Expected,
): Promise<Appended> {
  try {
    return await store.append(stream, events, expected);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    return anyway(store, stream, events, error.actual);
  }
}

export async function lastRevision(store: EventStore, stream: string): Promise<Expected> {
  let last: Expected = 'none';
  for await (const { revision } of store.read(stream)) last = revision;
  return last;
}

/** Follows soundly, then changes each batch, or drops it if `spoil` returns undefined. */
export const spoils =
  (spoil: (batch: Batch, store: EventStore) => Batch | undefined | Promise<Batch>): Wrap =>
  store =>
    over(store, {
      async *follow(options) {
        for await (const batch of store.follow(options)) {
          const spoilt = await spoil(batch, store);
          if (spoilt) yield spoilt;
        }
      },
    });

/** Replaces `follow`; `handle` counts from 0. */
export const follows =
  (faulty: (store: EventStore, options: Follow, handle: number) => AsyncIterable<Batch>): Wrap =>
  (store, handle) =>
    over(store, { follow: options => faulty(store, options, handle) });
