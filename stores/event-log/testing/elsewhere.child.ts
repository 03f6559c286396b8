import type { Expected, Follow, Proposed } from '../../../core/event-store/port.ts';
import { eventStoreDb } from '../eventstoredb.ts';
import { sqliteEventStore } from '../sqlite.ts';

/** A request of the parent process. Each `read` or `follow` in progress is a `source` with a number. */
export type Ask =
  | {
      readonly do: 'append';
      readonly stream: string;
      readonly events: readonly Proposed[];
      readonly expected: Expected;
    }
  | { readonly do: 'scatter'; readonly stream: string; readonly events: readonly Proposed[] }
  | { readonly do: 'read'; readonly stream: string; readonly range?: { from?: number; upTo?: number } }
  | { readonly do: 'follow'; readonly options: Omit<Follow, 'signal' | 'onInterruption'> }
  | { readonly do: 'next' | 'abort' | 'leave'; readonly source: number }
  | { readonly do: 'head' | 'headPosition' | 'ready' | 'close' };

/** Number of concurrent appends. */
const LANES = 50;

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stream?: string;
  readonly actual?: Expected;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: Failure };

const place = process.argv[2]!;
const store = place.startsWith('esdb:') ? eventStoreDb(place) : sqliteEventStore(place);
const sources: { iterator: AsyncIterator<unknown>; stop: AbortController }[] = [];

function begin(items: AsyncIterable<unknown>, stop = new AbortController()): number {
  return sources.push({ iterator: items[Symbol.asyncIterator](), stop }) - 1;
}

async function carryOut(ask: Ask): Promise<unknown> {
  switch (ask.do) {
    case 'append':
      return store.append(ask.stream, ask.events, ask.expected);
    case 'scatter': {
      const facts = ask.events.entries();
      const lane = async () => {
        for (const [i, event] of facts) await store.append(`${ask.stream}-${i}`, [event], 'none');
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      return undefined;
    }
    case 'read':
      return begin(store.read(ask.stream, ask.range));
    case 'follow': {
      const stop = new AbortController();
      return begin(store.follow({ ...ask.options, signal: stop.signal }), stop);
    }
    case 'next':
      return sources[ask.source]!.iterator.next();
    case 'abort':
      return sources[ask.source]!.stop.abort();
    case 'leave':
      return sources[ask.source]!.iterator.return?.();
    default:
      return store[ask.do]();
  }
}

process.on('message', ({ id, ask }: { id: number; ask: Ask }) => {
  carryOut(ask).then(
    value => process.send?.({ id, value } satisfies Answer),
    ({ name, message, stream, actual }: Failure) =>
      process.send?.({ id, error: { name, message, ...(stream !== undefined && { stream, actual: actual! }) } }),
  );
});
