import assert from 'node:assert/strict';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Unavailable } from '../../core/errors.ts';
import { all, type Follower, ids, within } from '../../core/event-store/contract/tools.ts';
import type { Appended, EventStore } from '../../core/event-store/port.ts';
import type { Recorded } from '../../core/fact.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { type EventStoreServer, startEventStore } from './start.ts';

/** Longer than all attempts of an adapter's call, the last one included. */
export const GIVES_UP_MS = 7000;
/** For a server that comes back: a follower may be in its longest back-off. */
const RETURN_MS = 10_000;

/** Runs a test with a server of its own and our store on it, and removes both. */
export async function withStore(work: (server: EventStoreServer, store: EventStore) => Promise<void>): Promise<void> {
  await using server = await startEventStore();
  const store = eventStoreDb(server.url);
  try {
    await work(server, store);
  } finally {
    await store.close();
  }
}

/** Runs a test with the bare client, for calls that our store never makes. */
export async function withClient(url: string, work: (client: EventStoreDBClient) => Promise<void>): Promise<void> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    await work(client);
  } finally {
    await client.dispose();
  }
}

/** Asserts that a call gives up in time with a retryable `Unavailable`. @returns its message */
export async function isUnavailable(call: Promise<unknown>, ms = GIVES_UP_MS): Promise<string> {
  const error = await within(
    ms,
    'it gives up',
    call.then(
      () => assert.fail('it did not fail'),
      (error: unknown) => error,
    ),
  );
  assert.ok(error instanceof Unavailable, `${error} is not Unavailable`);
  assert.equal(error.retryable, true);
  return error.message;
}

/** Asserts that a stream holds exactly these facts, each once, and that `answer` has the place of one. */
export async function holds(
  store: EventStore,
  stream: string,
  facts: readonly { id: string }[],
  answer?: { of: { id: string }; is: Appended },
): Promise<readonly Recorded[]> {
  const stored = await all(store.read(stream));
  assert.deepEqual(ids(stored), ids(facts));
  if (answer) {
    const { revision, position } = stored.find(({ id }) => id === answer.of.id)!;
    assert.deepEqual(answer.is, { revision, position });
  }
  return stored;
}

/** Resolves once `fact` has reached a follower that may have to recover from an outage. */
export async function saw(follower: Follower, fact: { id: string }, ms = RETURN_MS): Promise<void> {
  for (const end = performance.now() + ms; ; ) {
    try {
      return await follower.saw(fact);
    } catch (error) {
      if (!/not within/.test((error as Error).message) || performance.now() > end) throw error;
    }
  }
}
