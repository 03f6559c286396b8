import { familyOf } from '../../fact.ts';
import { type Broken, follows, over, spoils } from './tools.ts';

/** Faults in the history that a follower gets, and in the marks of its batches. */
export const following: readonly Broken[] = [
  {
    fault: 'following starts at the position, not after it',
    rejectedBy: 'following starts after the position, not at it',
    wrap: follows((store, options) => store.follow({ ...options, after: Math.max(0, options.after - 1) })),
  },
  {
    fault: 'facts are sorted by their timestamps',
    rejectedBy: 'facts of all streams arrive in commit order',
    wrap: spoils(batch => {
      const events = batch.events.toSorted((a, b) => Date.parse(a.meta.at) - Date.parse(b.meta.at));
      return { ...batch, events };
    }),
  },
  {
    fault: 'following ends after a thousand facts of the history',
    rejectedBy: 'a log of many pages is followed to the end',
    wrap: follows(async function* (store, options) {
      let count = 0;
      let caughtUp = false;
      for await (const batch of store.follow(options)) {
        caughtUp ||= batch.caughtUp;
        if (!caughtUp || count > 0) count += batch.events.length;
        yield batch;
        if (count >= 1000) return;
      }
    }),
  },
  {
    fault: 'the store ignores the batch size',
    rejectedBy: 'a batch holds no more facts than requested',
    wrap: follows((store, { batch: _, ...options }) => store.follow(options)),
  },
  {
    fault: 'a family matches as a prefix',
    rejectedBy: 'a follower gets exactly the families that it names',
    wrap: store => {
      const known = new Set<string>();
      return over(store, {
        append(stream, events, expected) {
          known.add(familyOf(stream));
          return store.append(stream, events, expected);
        },
        follow: ({ families, ...options }) => {
          if (!families) return store.follow(options);
          const alike = [...known].filter(family => families.some(prefix => family.startsWith(prefix)));
          return store.follow({ ...options, families: [...families, ...alike] });
        },
      });
    },
  },
  {
    fault: 'only the first of several families is followed',
    rejectedBy: 'a follower gets exactly the families that it names',
    wrap: follows((store, options) =>
      store.follow(options.families ? { ...options, families: options.families.slice(0, 1) } : options),
    ),
  },
  {
    fault: 'without families, only those of the first release are followed',
    rejectedBy: 'a follower that names no family gets the facts of all families, and nothing else',
    wrap: follows((store, options) => store.follow({ families: ['fridge', 'member'], ...options })),
  },
  {
    fault: 'a family matches only with its hyphen',
    rejectedBy: 'a stream without a hyphen is a family of its own',
    wrap: spoils(batch => ({ ...batch, events: batch.events.filter(({ stream }) => stream.includes('-')) })),
  },
  {
    fault: 'upTo is the head of the log before everything is delivered',
    rejectedBy: 'upTo never runs ahead of the facts delivered',
    wrap: spoils(async (batch, store) => ({ ...batch, upTo: (await store.head()).position })),
  },
  {
    fault: 'upTo is the position of the first fact of a batch',
    rejectedBy: 'upTo never lags behind the facts delivered',
    wrap: spoils(batch => ({ ...batch, upTo: batch.events[0]?.position ?? batch.upTo })),
  },
  {
    fault: 'an empty batch sets upTo to 0',
    rejectedBy: 'upTo never goes back, even if there is nothing to deliver',
    wrap: spoils(batch => ({ ...batch, upTo: batch.events.at(-1)?.position ?? 0 })),
  },
  {
    fault: 'caughtUp is set on every batch of the history',
    rejectedBy: 'caughtUp is set once everything is delivered, and not before',
    wrap: follows(async function* (store, options) {
      let caughtUp = false;
      for await (const batch of store.follow(options)) {
        yield caughtUp ? batch : { ...batch, caughtUp: true };
        caughtUp ||= batch.caughtUp;
      }
    }),
  },
  {
    fault: 'caughtUp is never set if the last batch was full',
    rejectedBy: 'caughtUp is set once everything is delivered, and not before',
    wrap: follows(async function* (store, options) {
      let full = false;
      for await (const batch of store.follow(options)) {
        if (!full || batch.events.length > 0) yield batch;
        full = !batch.caughtUp;
      }
    }),
  },
  {
    fault: 'following always waits for new facts',
    rejectedBy: 'without live, following ends after the last fact',
    wrap: follows((store, options) => store.follow({ ...options, live: true })),
  },
];
