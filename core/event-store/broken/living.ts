import { setTimeout } from 'node:timers/promises';
import { Unavailable } from '../../errors.ts';
import type { EventStore, Follow } from '../port.ts';
import { type Broken, follows } from './tools.ts';

/** All that there is, and up to where that was. */
async function* past(store: EventStore, options: Follow) {
  let upTo = options.after;
  for await (const batch of store.follow({ ...options, live: false })) {
    upTo = batch.upTo;
    yield batch;
  }
  return upTo;
}

const SLOW = 'a slow consumer sees everything in order, in few batches, and has not caught up meanwhile';

const UNREADABLE = 'a follower whose decoding throws ends with that very error';

/** Faults of a follower that stays. */
export const living: readonly Broken[] = [
  {
    fault: 'facts of different streams never share a batch',
    rejectedBy: 'a consumer that blocks the event loop gets many facts a batch',
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
    fault: 'what cannot be decoded is tried again for ever',
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
    fault: 'what cannot be decoded is taken for a store that is away',
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
    fault: 'a fact that comes at the switch from history to live is lost',
    rejectedBy: 'history goes over into live without loss or repeat',
    wrap: follows(async function* (store, options) {
      yield* past(store, options);
      if (!options.live) return;
      const { position } = await store.head();
      yield* store.follow({ ...options, after: position });
    }),
  },
  {
    fault: 'a fact that comes at the switch from history to live is delivered twice',
    rejectedBy: 'history goes over into live without loss or repeat',
    wrap: follows(async function* (store, options) {
      const upTo = yield* past(store, options);
      if (!options.live) return;
      yield* past(store, { ...options, after: upTo });
      yield* store.follow({ ...options, after: upTo });
    }),
  },
  {
    fault: 'a consumer that falls more than 300 facts of a stream behind loses the oldest',
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
    fault: 'facts of one stream come one by one once it has caught up, also where many wait',
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
    fault: 'whoever has caught up once is said to have caught up for ever',
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
    fault: 'of several followers that ask alike one gets a fact',
    rejectedBy: 'each follower sees everything',
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
    fault: 'an abort is looked for only between two batches',
    rejectedBy: 'an abort ends a follower that waits',
    wrap: follows(async function* (store, { signal, ...options }) {
      for await (const batch of store.follow(options)) {
        yield batch;
        if (signal?.aborted) return;
      }
    }),
  },
  {
    fault: 'an abort is heard only while waiting',
    rejectedBy: 'an abort ends a follower whose consumer holds a batch',
    wrap: follows(async function* (store, { signal, ...options }) {
      const heard = new AbortController();
      const hear = () => heard.abort();
      signal?.addEventListener('abort', hear);
      for await (const batch of store.follow({ ...options, signal: heard.signal })) {
        signal?.removeEventListener('abort', hear);
        yield batch;
        signal?.addEventListener('abort', hear);
      }
    }),
  },
];
