import { all } from '../contract/tools.ts';
import { appends, type Broken, lastRevision, over, spoils } from './tools.ts';

/** Changes every stored value. */
const stores = (change: (value: unknown) => unknown) =>
  appends(store => (stream, events, expected) => {
    const changed = (data: unknown) => JSON.parse(JSON.stringify(data), (_, value) => change(value));
    const stored = events.map(fact => ({ ...fact, event: { ...fact.event, data: changed(fact.event.data) } }));
    return store.append(stream, stored, expected);
  });

/** Faults in reads. */
export const reading: readonly Broken[] = [
  {
    fault: 'a fact loses its trace on the way to a follower',
    rejectedBy: 'a fact comes back unchanged, read or followed',
    wrap: spoils(batch => {
      const events = batch.events.map(({ meta: { traceparent: _, ...meta }, ...event }) => ({ ...event, meta }));
      return { ...batch, events };
    }),
  },
  {
    fault: 'Hangul letters are composed into syllables',
    rejectedBy: 'text comes back code point for code point',
    wrap: stores(value => (typeof value === 'string' ? value.normalize('NFC') : value)),
  },
  {
    fault: 'numbers are rounded to fifteen digits',
    rejectedBy: 'integers up to 2^53-1 come back exactly',
    wrap: stores(value => (typeof value === 'number' ? Number(value.toPrecision(15)) : value)),
  },
  {
    fault: 'the end of a range is used as a number of facts',
    rejectedBy: 'a read takes a range of revisions',
    wrap: store =>
      over(store, {
        read: (stream, { from = 0, upTo } = {}) =>
          store.read(stream, { from, ...(upTo !== undefined && { upTo: from + upTo - 1 }) }),
      }),
  },
  {
    fault: 'reading a missing stream throws',
    rejectedBy: 'a missing stream reads as empty',
    wrap: store =>
      over(store, {
        async *read(stream, range) {
          if ((await lastRevision(store, stream)) === 'none') throw new Error(`${stream} not found`);
          yield* store.read(stream, range);
        },
      }),
  },
  {
    fault: 'a read ends after a thousand facts',
    rejectedBy: 'a stream of many pages is read to the end',
    wrap: store =>
      over(store, {
        async *read(stream, range) {
          let count = 0;
          for await (const event of store.read(stream, range)) if (count++ < 1000) yield event;
        },
      }),
  },
  {
    fault: 'the head covers only the stream that was written first',
    rejectedBy: 'the head is the newest fact of any stream',
    wrap: store => {
      let first: string | undefined;
      return over(store, {
        append(stream, events, expected) {
          first ??= stream;
          return store.append(stream, events, expected);
        },
        async head() {
          const newest = first === undefined ? undefined : (await all(store.read(first))).at(-1);
          return newest ? { position: newest.position, newest } : store.head();
        },
      });
    },
  },
  {
    fault: 'headPosition is the start of the newest stream',
    rejectedBy: 'headPosition is the position of the head',
    wrap: store =>
      over(store, {
        headPosition: async () => {
          const { position, newest } = await store.head();
          return newest ? (await all(store.read(newest.stream)))[0]!.position : position;
        },
      }),
  },
  {
    fault: 'the head of an empty log is -1',
    rejectedBy: 'the head of an empty log is 0',
    wrap: store =>
      over(store, {
        head: async () => {
          const { position, newest } = await store.head();
          return newest ? { position, newest } : { position: -1 };
        },
      }),
  },
];
