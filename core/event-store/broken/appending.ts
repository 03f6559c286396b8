import { NotAppendable, Unavailable } from '../../errors.ts';
import { type Expected, MAX_BYTES, MAX_FACTS, type Proposed } from '../port.ts';
import { type Append, anyway, appends, type Broken, lastRevision, onConflict } from './tools.ts';

/** Splits an append that is too large for a sound store into several. */
const inParts = (append: Append, tooLarge: (events: readonly Proposed[]) => boolean): Append => {
  const inHalves: Append = async (stream, events, expected) => {
    if (!tooLarge(events)) return append(stream, events, expected);
    const half = Math.ceil(events.length / 2);
    const { revision } = await inHalves(stream, events.slice(0, half), expected);
    return inHalves(stream, events.slice(half), revision);
  };
  return inHalves;
};

/** `none` is neither before nor after a revision. */
const isBefore = (one: Expected, other: Expected): boolean => one !== 'none' && other !== 'none' && one < other;

/** Faults in the answers of an append, and in when it is refused. */
export const appending: readonly Broken[] = [
  {
    fault: 'a later append returns the position of its first fact',
    rejectedBy: 'an append returns the revision and the position of its last fact',
    wrap: appends(store => async (stream, events, expected) => {
      const answer = await store.append(stream, events, expected);
      if (expected === 'none') return answer;
      const from = expected + 1;
      for await (const { position } of store.read(stream, { from, upTo: from })) return { ...answer, position };
      return answer;
    }),
  },
  {
    fault: 'expecting no stream accepts any stream',
    rejectedBy: 'an append that expects no stream conflicts with an existing one',
    wrap: onConflict((store, { stream, events, expected, actual, fresh }) =>
      expected === 'none' && fresh ? anyway(store, stream, events, actual) : undefined,
    ),
  },
  {
    fault: 'a missing stream is created regardless of the expectation',
    rejectedBy: 'an append that expects a revision conflicts if the stream does not exist',
    wrap: onConflict((store, { stream, events, actual }) =>
      actual === 'none' ? store.append(stream, events, 'none') : undefined,
    ),
  },
  {
    fault: 'an expected revision beyond the end of the stream is accepted',
    rejectedBy: 'an append that expects a revision beyond the end conflicts',
    wrap: onConflict((store, { stream, events, expected, actual }) =>
      isBefore(actual, expected) ? store.append(stream, events, actual) : undefined,
    ),
  },
  {
    fault: 'a conflict is ignored and the facts are appended',
    rejectedBy: 'of all writers that expect the same revision one wins',
    wrap: onConflict((store, { stream, events, expected, actual, fresh }) =>
      fresh && isBefore(expected, actual) ? anyway(store, stream, events, actual) : undefined,
    ),
  },
  {
    fault: 'the revision is checked in a separate step before the facts are written',
    rejectedBy: 'of all writers that expect the same revision one wins',
    wrap: appends(store => async (stream, events, expected) => {
      const holds = (await lastRevision(store, stream)) === expected;
      return holds ? anyway(store, stream, events, expected) : store.append(stream, events, expected);
    }),
  },
  {
    fault: 'more than a hundred concurrent appends are refused',
    rejectedBy: 'appends to different streams do not disturb each other',
    wrap: appends(store => {
      let underWay = 0;
      return async (stream, events, expected) => {
        if (underWay >= 100) throw new Unavailable('too many appends');
        underWay++;
        try {
          return await store.append(stream, events, expected);
        } finally {
          underWay--;
        }
      };
    }),
  },
  {
    fault: 'facts are stored one by one until one is invalid',
    rejectedBy: 'an append with one invalid fact is refused as a whole',
    wrap: appends(store => async (stream, events, expected) => {
      const bad = events.findIndex(({ event }) => event.type === '');
      if (bad > 0) await store.append(stream, events.slice(0, bad), expected);
      return store.append(stream, events, expected);
    }),
  },
  {
    fault: 'an append with too many facts is split in two',
    rejectedBy: 'an append of 500 facts is stored, one of 501 is not',
    wrap: appends(store => inParts(store.append.bind(store), events => events.length > MAX_FACTS)),
  },
  {
    fault: 'an append with too many bytes is split in two',
    rejectedBy: 'an append of 512 KiB is stored, one of a byte more is not',
    wrap: appends(store =>
      inParts(store.append.bind(store), events => Buffer.byteLength(JSON.stringify(events)) > MAX_BYTES),
    ),
  },
  {
    fault: 'an append without facts succeeds',
    rejectedBy: 'an append without facts is refused',
    wrap: appends(store => async (stream, events, expected) => {
      return events.length === 0 ? { revision: 0, position: 0 } : store.append(stream, events, expected);
    }),
  },
  {
    fault: 'an invalid stream name is replaced by a valid one',
    rejectedBy: 'a stream name that is empty or starts with $ is refused',
    wrap: appends(store => async (stream, events, expected) => {
      try {
        return await store.append(stream, events, expected);
      } catch (error) {
        const named = stream !== '' && !stream.startsWith('$');
        if (named || !(error instanceof NotAppendable)) throw error;
        return store.append(`x${stream}`, events, expected);
      }
    }),
  },
];
