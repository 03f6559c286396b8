import { Conflict } from '../../errors.ts';
import { all, ids } from '../contract/tools.ts';
import type { Appended, EventStore, Proposed } from '../port.ts';
import { appends, type Broken, lastRevision, onConflict } from './tools.ts';

/** Breaks the answer to an append that was sent before with the same arguments. */
const onTheVerySame = (
  faulty: (store: EventStore, stream: string, events: readonly Proposed[], answer: Appended) => Promise<Appended>,
) =>
  appends(store => {
    const sent = new Set<string>();
    return async (stream, events, expected) => {
      const append = JSON.stringify([stream, events, expected]);
      const again = sent.has(append);
      sent.add(append);
      const answer = await store.append(stream, events, expected);
      return again ? faulty(store, stream, events, answer) : answer;
    };
  });

/** Returns the place of the last fact from revision `first` on, if `same` accepts the ids from there. */
async function found(
  store: EventStore,
  stream: string,
  first: number,
  same: (ids: readonly string[]) => boolean,
): Promise<Appended | undefined> {
  const stored = await all(store.read(stream, { from: first }));
  const { revision, position } = stored.at(-1) ?? { revision: -1, position: 0 };
  return same(ids(stored)) ? { revision, position } : undefined;
}

const idsOf = (events: readonly Proposed[]): string => events.map(({ id }) => id).join();

/** Faults of retried appends, and of appends that only look like a retry. */
export const resending: readonly Broken[] = [
  {
    fault: 'a retried append is stored again',
    rejectedBy: 'a retried append gets its first answer and is stored once, even after later writes',
    wrap: onTheVerySame(async (store, stream, events) =>
      store.append(stream, events, await lastRevision(store, stream)),
    ),
  },
  {
    fault: 'a retried append returns the position of the newest fact',
    rejectedBy: 'a retried append gets its first answer and is stored once, even after later writes',
    wrap: onTheVerySame(async (store, _stream, _events, { revision }) => ({
      revision,
      position: (await store.head()).position,
    })),
  },
  {
    fault: 'only the newest append to a stream is recognized',
    rejectedBy: 'a retried append gets its first answer and is stored once, even after later writes',
    wrap: appends(store => {
      const newest = new Map<string, string>();
      return async (stream, events, expected) => {
        const actual = await lastRevision(store, stream);
        if (actual === expected) newest.set(stream, idsOf(events));
        else if (!(newest.get(stream) ?? idsOf(events)).includes(idsOf(events))) throw new Conflict(stream, actual);
        return store.append(stream, events, expected);
      };
    }),
  },
  {
    fault: 'an append is recognized only as a whole',
    rejectedBy: 'a retry of the first facts of an append is answered as written',
    wrap: appends(store => {
      const sent = new Set<string>();
      return async (stream, events, expected) => {
        const part = [...sent].some(append => append.startsWith(`${idsOf(events)},`));
        if (part) throw new Conflict(stream, await lastRevision(store, stream));
        sent.add(idsOf(events));
        return store.append(stream, events, expected);
      };
    }),
  },
  {
    fault: 'an append is recognized by its first id',
    rejectedBy: 'known ids in another order, or before a new one, conflict',
    wrap: onConflict((store, { stream, events, expected }) =>
      found(store, stream, expected === 'none' ? 0 : expected + 1, ([id]) => id === events[0]!.id),
    ),
  },
  {
    fault: 'an append is recognized by its ids in any order',
    rejectedBy: 'known ids in another order, or before a new one, conflict',
    wrap: onConflict((store, { stream, events }) =>
      found(store, stream, 0, ids => events.every(({ id }) => ids.includes(id))),
    ),
  },
  {
    fault: 'a known id is never stored again',
    rejectedBy: 'known ids are stored again if the expectation holds',
    wrap: appends(store => {
      const stored = new Map<string, Appended>();
      return async (stream, events, expected) => {
        const append = `${stream} ${idsOf(events)}`;
        const earlier = stored.get(append);
        if (earlier && (await lastRevision(store, stream)) === expected) return earlier;
        const answer = await store.append(stream, events, expected);
        stored.set(append, answer);
        return answer;
      };
    }),
  },
  {
    fault: 'an id that exists in another stream is dropped',
    rejectedBy: 'the same id in two streams is stored in both',
    wrap: appends(store => {
      const stored = new Map<string, { stream: string; answer: Appended }>();
      return async (stream, events, expected) => {
        const earlier = stored.get(idsOf(events));
        if (earlier && earlier.stream !== stream) return earlier.answer;
        const answer = await store.append(stream, events, expected);
        stored.set(idsOf(events), { stream, answer });
        return answer;
      };
    }),
  },
  {
    fault: 'a known id with other data conflicts',
    rejectedBy: 'an append is recognized by its ids alone',
    wrap: appends(store => {
      const data = new Map<string, string>();
      return async (stream, events, expected) => {
        for (const { id, event } of events) {
          const known = data.get(id);
          if (known && known !== JSON.stringify(event)) throw new Conflict(stream, await lastRevision(store, stream));
          data.set(id, JSON.stringify(event));
        }
        return store.append(stream, events, expected);
      };
    }),
  },
];
