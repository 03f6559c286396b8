import { once } from 'node:events';
import { Conflict } from '../../errors.ts';
import type { EventStore } from '../port.ts';
import { appends, type Broken, follows, lastRevision, over } from './tools.ts';

/** Faults of closing a store, and of a log that is opened more than once. */
export const handles: readonly Broken[] = [
  {
    fault: 'the second close fails',
    rejectedBy: 'close may be called twice',
    wrap: store => {
      let closed = false;
      return over(store, {
        async close() {
          if (closed) throw new Error('closed already');
          closed = true;
          await store.close();
        },
      });
    },
  },
  {
    fault: 'a closed store throws another error than Unavailable',
    rejectedBy: 'a closed store is Unavailable',
    wrap: store =>
      over(store, {
        head: async () => {
          try {
            return await store.head();
          } catch (error) {
            throw new Error('database is not open', { cause: error });
          }
        },
      }),
  },
  {
    fault: 'a follower keeps waiting after its store was closed',
    rejectedBy: 'a follower does not outlive its store',
    wrap: follows(async function* (store, options) {
      let followed = false;
      try {
        for await (const batch of store.follow(options)) {
          yield batch;
          followed = true;
        }
      } catch (error) {
        if (!followed) throw error;
        await new Promise(() => {});
      }
    }),
  },
  {
    fault: 'an append is acknowledged before it is committed',
    rejectedBy: 'another handle sees an acknowledged append at once',
    wrap: (store, handle, inMemory) => (handle === 0 ? writeBehind(store, inMemory()) : store),
  },
  {
    fault: 'a follower sees only the appends of its own handle',
    rejectedBy: 'a follower sees what another handle appends',
    wrap: follows(async function* (store, options, handle) {
      yield* store.follow({ ...options, live: options.live && handle === 0 });
      if (options.live && !options.signal?.aborted) await once(options.signal!, 'abort');
    }),
  },
  {
    fault: 'ids are forgotten when the store is closed',
    rejectedBy: 'a retried append is recognized after reopening',
    wrap: appends(store => {
      const known = new Set<string>();
      return async (stream, events, expected) => {
        const mine = events.every(({ id }) => known.has(id));
        for (const { id } of events) known.add(id);
        const actual = await lastRevision(store, stream);
        if (actual !== expected && !mine) throw new Conflict(stream, actual);
        return store.append(stream, events, expected);
      };
    }),
  },
  {
    fault: 'positions restart when a log is reopened',
    rejectedBy: 'a reopened log continues where it ended',
    wrap: (store, handle) => {
      const opened = store.head();
      return over(store, {
        async append(stream, events, expected) {
          const { revision, position } = await store.append(stream, events, expected);
          const before = handle === 0 ? 0 : (await opened).position;
          return { revision, position: position > before ? position - before : position };
        },
      });
    },
  },
  {
    fault: 'an append in progress when the store closes never settles',
    rejectedBy: 'an append in progress when the store closes settles, and is kept if acknowledged',
    wrap: store => {
      let closing = false;
      return over(store, {
        async append(stream, events, expected) {
          const answer = await store.append(stream, events, expected);
          if (closing) await new Promise(() => {});
          return answer;
        },
        close() {
          closing = true;
          return store.close();
        },
      });
    },
  },
];

/** Answers from memory and writes to the disk later. Followers read from the disk. */
function writeBehind(disk: EventStore, memory: EventStore): EventStore {
  let written: Promise<unknown> = Promise.resolve();
  return over(memory, {
    append(stream, events, expected) {
      const answer = memory.append(stream, events, expected);
      written = written
        .then(() => answer)
        .then(() => disk.append(stream, events, expected))
        .catch(() => {});
      return answer;
    },
    async *follow(options) {
      await written;
      yield* disk.follow(options);
    },
    async close() {
      await memory.close();
      await written;
      await disk.close();
    },
  });
}
