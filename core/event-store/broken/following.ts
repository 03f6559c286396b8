import { familyOf } from '../../fact.ts';
import { type Broken, follows, over, spoils } from './tools.ts';

/** Faults of what a follower gets of the history, and of what its batches say. */
export const following: readonly Broken[] = [
  {
    fault: 'following begins at the position, not after it',
    rejectedBy: 'following begins after the position, not at it',
    wrap: follows((store, options) => store.follow({ ...options, after: Math.max(0, options.after - 1) })),
  },
  {
    fault: 'facts are put in the order of their times',
    rejectedBy: 'facts of all streams come in the order of their commit',
    wrap: spoils(batch => {
      const events = batch.events.toSorted((a, b) => Date.parse(a.meta.at) - Date.parse(b.meta.at));
      return { ...batch, events };
    }),
  },
  {
    fault: 'following ends after a thousand facts of the history',
    rejectedBy: 'a log of many pages is followed whole',
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
    fault: 'the store chooses the size of a batch',
    rejectedBy: 'a batch holds no more facts than asked for',
    wrap: follows((store, { batch: _, ...options }) => store.follow(options)),
  },
  {
    fault: 'a family is taken for the beginning of a name',
    rejectedBy: 'a follower gets the families that it names, by the whole word',
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
    rejectedBy: 'a follower gets the families that it names, by the whole word',
    wrap: follows((store, options) =>
      store.follow({ ...options, ...(options.families && { families: options.families.slice(0, 1) }) }),
    ),
  },
  {
    fault: 'without families, those of the first release are followed',
    rejectedBy: 'a follower that names no family gets the facts of all, and nothing else',
    wrap: follows((store, options) => store.follow({ families: ['fridge', 'member'], ...options })),
  },
  {
    fault: 'a family is looked for with its hyphen',
    rejectedBy: 'a stream without a hyphen is a family of its own',
    wrap: spoils(batch => ({ ...batch, events: batch.events.filter(({ stream }) => stream.includes('-')) })),
  },
  {
    fault: 'upTo is the head of the log while there is more to deliver',
    rejectedBy: 'upTo never runs ahead of what was delivered',
    wrap: spoils(async (batch, store) => ({ ...batch, upTo: (await store.head()).position })),
  },
  {
    fault: 'upTo is the position of the first fact of a batch',
    rejectedBy: 'upTo never lags behind what was delivered',
    wrap: spoils(batch => ({ ...batch, upTo: batch.events[0]?.position ?? batch.upTo })),
  },
  {
    fault: 'a batch with nothing in it sets upTo to nothing',
    rejectedBy: 'upTo never goes back, also where there is nothing to deliver',
    wrap: spoils(batch => ({ ...batch, upTo: batch.events.at(-1)?.position ?? 0 })),
  },
  {
    fault: 'caughtUp is said with every batch of the history',
    rejectedBy: 'caughtUp is said once all was delivered, and not before',
    wrap: follows(async function* (store, options) {
      let caughtUp = false;
      for await (const batch of store.follow(options)) {
        yield caughtUp ? batch : { ...batch, caughtUp: true };
        caughtUp ||= batch.caughtUp;
      }
    }),
  },
  {
    fault: 'caughtUp is not said where the last batch was full',
    rejectedBy: 'caughtUp is said once all was delivered, and not before',
    wrap: follows(async function* (store, options) {
      let full = false;
      for await (const batch of store.follow(options)) {
        if (!full || batch.events.length > 0) yield batch;
        full = !batch.caughtUp;
      }
    }),
  },
  {
    fault: 'following waits for more, asked to or not',
    rejectedBy: 'without live, following ends with what there is',
    wrap: follows((store, options) => store.follow({ ...options, live: true })),
  },
];
