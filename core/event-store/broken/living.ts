import { setTimeout } from 'node:timers/promises';
import { Unavailable } from '../../errors.ts';
import type { EventStore, Follow } from '../port.ts';
import { type Broken, follows } from './tools.ts';

/** Yields the history and returns the position it reached. */
async function* past(store: EventStore, options: Follow) {
  let upTo = options.after;
  for await (const batch of store.follow({ ...options, live: false })) {
    upTo = batch.upTo;
    yield batch;
  }
  return upTo;
}

const SLOW = 'a slow consumer gets everything in order, in few batches, without caughtUp until the end';

const UNREADABLE = 'a follower whose decoding throws ends with that error';

/** Faults of live followers. */
export const living: readonly Broken[] = [
  {
    fault: 'facts of different streams never share a batch',
    rejectedBy: 'a consumer that blocks the event loop gets many facts per batch',
    wrap: follows(async function* (store, options) {
      let caughtUp = false;
      for await (const batch of store.follow(options)) {
        const changes = caughtUp
          ? batch.events.findIndex(({ stream }, i) => stream !== batch.events[i - 1]?.stream && i > 0)
          : -1;
        if (changes < 0) yield batch;
        else for (const event of batch.events) yield { events: [event], upTo: event.position, caughtUp: false };
        caughtUp ||= batch.caughtUp;
      }
    }),
  },
  {
    fault: 'an event that cannot be decoded is retried for ever',
    rejectedBy: UNREADABLE,
    wrap: follows(async function* (store, options) {
      for (let upTo = options.after; !options.signal?.aborted; ) {
        try {
          for await (const batch of store.follow({ ...options, after: upTo })) {
            upTo = batch.upTo;
            yield batch;
          }
          return;
        } catch (error) {
          if (error instanceof Unavailable) throw error;
          await setTimeout(10);
        }
      }
    }),
  },
  {
    fault: 'an event that cannot be decoded is reported as an unavailable store',
    rejectedBy: UNREADABLE,
    wrap: follows(async function* (store, options) {
      try {
        yield* store.follow(options);
      } catch (error) {
        throw error instanceof Unavailable ? error : new Unavailable('the event log does not answer', { cause: error });
      }
    }),
  },
  {
    fault: 'a fact that arrives at the switch from history to live is lost',
    rejectedBy: 'the switch from history to live neither loses nor repeats a fact',
    wrap: follows(async function* (store, options) {
      yield* past(store, options);
      if (!options.live) return;
      const { position } = await store.head();
      yield* store.follow({ ...options, after: position });
    }),
  },
  {
    fault: 'a fact that arrives at the switch from history to live is delivered twice',
    rejectedBy: 'the switch from history to live neither loses nor repeats a fact',
    wrap: follows(async function* (store, options) {
      const upTo = yield* past(store, options);
      if (!options.live) return;
      yield* past(store, { ...options, after: upTo });
      yield* store.follow({ ...options, after: upTo });
    }),
  },
  {
    fault: 'a consumer that falls more than 300 facts behind loses the oldest',
    rejectedBy: SLOW,
    wrap: follows(async function* (store, options) {
      let upTo = yield* past(store, options);
      while (options.live && !options.signal?.aborted) {
        for await (const batch of store.follow({ ...options, after: upTo })) {
          yield batch;
          const { position, newest } = await store.head();
          upTo = newest!.revision < 300 ? batch.upTo : Math.max(batch.upTo, position - 300);
          if (upTo > batch.upTo) break;
        }
      }
    }),
  },
  {
    fault: 'after catch-up, facts of one stream arrive one by one even if many are waiting',
    rejectedBy: SLOW,
    wrap: follows(async function* (store, options) {
      let caughtUp = false;
      for await (const batch of store.follow(options)) {
        if (!caughtUp || new Set(batch.events.map(({ stream }) => stream)).size !== 1) yield batch;
        else for (const event of batch.events) yield { events: [event], upTo: event.position, caughtUp: false };
        caughtUp ||= batch.caughtUp;
      }
    }),
  },
  {
    fault: 'caughtUp stays set after the first catch-up',
    rejectedBy: SLOW,
    wrap: follows(async function* (store, options) {
      let caughtUp = false;
      for await (const batch of store.follow(options)) {
        caughtUp ||= batch.caughtUp;
        yield { ...batch, caughtUp };
      }
    }),
  },
  {
    fault: 'a fact goes to only one of several followers with equal options',
    rejectedBy: 'each follower gets every fact',
    wrap: (store, handle, inMemory) => {
      const taken = new Set<string>();
      let followers = 0;
      return follows(async function* (_, options) {
        const alike = JSON.stringify(options);
        followers++;
        try {
          for await (const batch of store.follow(options)) {
            const events = batch.events.filter(({ id }) => !taken.has(alike + id));
            for (const { id } of events) taken.add(alike + id);
            yield { ...batch, events };
          }
        } finally {
          if (--followers === 0) taken.clear();
        }
      })(store, handle, inMemory);
    },
  },
  {
    fault: 'an abort is checked only between two batches',
    rejectedBy: 'an abort ends a waiting follower',
    wrap: follows(async function* (store, { signal, ...options }) {
      for await (const batch of store.follow(options)) {
        yield batch;
        if (signal?.aborted) return;
      }
    }),
  },
  {
    fault: 'an abort is noticed only while waiting',
    rejectedBy: 'an abort ends a follower whose consumer holds a batch',
    wrap: follows(async function* (store, { signal, ...options }) {
      const inner = new AbortController();
      const forward = () => inner.abort();
      signal?.addEventListener('abort', forward);
      for await (const batch of store.follow({ ...options, signal: inner.signal })) {
        signal?.removeEventListener('abort', forward);
        yield batch;
        signal?.addEventListener('abort', forward);
      }
    }),
  },
];
