import type { Recorded } from '../../fact.ts';
import type { EventStore } from '../port.ts';

const FACTOR = 97;

/** The same store with gaps between its positions, as in EventStoreDB, so that no code can rely on their absence. */
export function sparse(store: EventStore): EventStore {
  const spread = (event: Recorded): Recorded => ({ ...event, position: event.position * FACTOR });
  return {
    async append(stream, events, expected) {
      const { revision, position } = await store.append(stream, events, expected);
      return { revision, position: position * FACTOR };
    },
    async *read(stream, range) {
      for await (const event of store.read(stream, range)) yield spread(event);
    },
    async *follow(options) {
      const after = Math.floor(options.after / FACTOR);
      for await (const { events, upTo, caughtUp } of store.follow({ ...options, after })) {
        yield { events: events.map(spread), upTo: upTo * FACTOR, caughtUp };
      }
    },
    async head() {
      const { position, newest } = await store.head();
      return { position: position * FACTOR, ...(newest && { newest: spread(newest) }) };
    },
    headPosition: async () => (await store.headPosition()) * FACTOR,
    ready: () => store.ready(),
    close: () => store.close(),
  };
}
