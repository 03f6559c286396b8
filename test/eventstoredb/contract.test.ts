import { after } from 'node:test';
import { binaryEvent } from '@eventstore/db-client';
import type { Opened } from '../../core/event-store/contract/tools.ts';
import { eventStoreContract } from '../../core/event-store/contract.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { type Elsewhere, openElsewhere } from '../../stores/event-log/testing/elsewhere.ts';
import { withClient } from './adapter-testing.ts';
import { startEventStore } from './start.ts';

/** A real server if `EVENTSTORE_URL` names one, else the stand-in. */
const given = process.env.EVENTSTORE_URL;
const standIn = given === undefined ? await startEventStore() : undefined;
after(() => standIn?.stop());
const url = given ?? standIn!.url;

/** A position in a log that all cases share: each case uses families of its own. */
async function shared(): Promise<Opened> {
  const handles: EventStore[] = [];
  const others: Elsewhere[] = [];
  const open = () => {
    const store = eventStoreDb(url);
    handles.push(store);
    return store;
  };
  return {
    store: open(),
    another: async () => open(),
    async writeElsewhere(stream, facts) {
      const other = openElsewhere(url);
      others.push(other);
      await other.scatter(stream, facts);
    },
    corrupt: stream =>
      withClient(url, async client => {
        await client.appendToStream(stream, binaryEvent({ type: 'Scanned', data: Buffer.of(0, 1, 2) }));
      }),
    empty: false,
    cleanUp: async () => {
      for (const other of others) await other.leave();
      for (const store of handles) await store.close();
    },
  };
}

eventStoreContract(`the event log in EventStoreDB (${given ? 'a real server' : 'the stand-in'})`, shared);
