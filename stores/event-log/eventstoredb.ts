import { type AppendToStreamOptions, jsonEvent, NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client';
import { requireTime, within } from '../../core/deadline.ts';
import { Conflict, Unavailable } from '../../core/errors.ts';
import {
  type Appended,
  type Batch,
  type EventStore,
  type Expected,
  type Follow,
  type Head,
  type Proposed,
  serialize,
} from '../../core/event-store/port.ts';
import type { Recorded } from '../../core/fact.ts';
import { Connection, FROM_LEADER } from './eventstoredb/connection.ts';
import { faultIn } from './eventstoredb/connection-string.ts';
import { placeOf, revisionOf, safe } from './eventstoredb/facts.ts';
import { ATTEMPT_MS, PATIENCE_MS, Patience, Silence, usable } from './eventstoredb/failures.ts';
import { follow } from './eventstoredb/following.ts';
import { Reading } from './eventstoredb/reading.ts';

/**
 * The event log in EventStoreDB (23.10 or later, because older servers send no `caughtUp`) or KurrentDB.
 * @param url a connection string, esdb://...
 * @throws Unavailable if the connection string is not usable
 */
export function eventStoreDb(url: string): EventStore {
  const fault = faultIn(url);
  if (fault) throw new Unavailable(`the event log: EVENTSTORE_URL ${fault}`);
  return new EventStoreDb(url);
}

class EventStoreDb implements EventStore {
  readonly #connection: Connection;
  readonly #reading: Reading;
  readonly #closing = new AbortController();
  readonly #appends = new Set<Promise<Appended>>();

  constructor(url: string) {
    this.#connection = new Connection(url);
    this.#reading = new Reading(this.#connection);
  }

  async append(stream: string, events: readonly Proposed[], expected: Expected, deadline?: number): Promise<Appended> {
    serialize(stream, events); // refuses appends above the limits before they are sent
    usable(this.#closing.signal);
    const append = this.#append(stream, events, expected, deadline);
    this.#appends.add(append);
    return await append.finally(() => this.#appends.delete(append));
  }

  /** Retries an append with an unknown outcome unchanged (same ids, same expectation): the server recognizes it. */
  async #append(stream: string, events: readonly Proposed[], expected: Expected, deadline?: number): Promise<Appended> {
    const messages = events.map(({ id, event, meta }) =>
      jsonEvent({ id, type: event.type, data: event.data as never, metadata: meta as never }),
    );
    const options: AppendToStreamOptions = {
      expectedRevision: expected === 'none' ? NO_STREAM : BigInt(expected),
      deadline: ATTEMPT_MS,
      ...FROM_LEADER,
    };
    for (const patience = new Patience(PATIENCE_MS, this.#closing.signal); ; ) {
      requireTime(stream, deadline);
      const { client } = this.#connection;
      try {
        // The client's own deadline starts only once it has found a server.
        const answer = await within(
          ATTEMPT_MS,
          client.appendToStream(stream, messages, options),
          () => new Silence(ATTEMPT_MS),
        );
        this.#connection.answered(client);
        if (!answer.success || !answer.position)
          throw new Unavailable(`${stream}: the event log did not return the position of the facts`);
        return { revision: safe(answer.nextExpectedRevision), position: placeOf(answer.position.commit) };
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) {
          this.#connection.answered(client);
          throw new Conflict(stream, revisionOf(error.actualVersion));
        }
        usable(this.#closing.signal);
        await this.#connection.again(client, error, patience);
      }
    }
  }

  read(stream: string, { from = 0, upTo = Number.MAX_SAFE_INTEGER } = {}): AsyncIterable<Recorded> {
    return this.#reading.read(stream, from, upTo, this.#closing.signal);
  }

  follow(options: Follow): AsyncIterable<Batch> {
    return follow(options, {
      connection: this.#connection,
      reading: this.#reading,
      closing: this.#closing.signal,
    });
  }

  head(): Promise<Head> {
    return this.#reading.head(this.#closing.signal);
  }

  async headPosition(): Promise<number> {
    const { position } = await this.#reading.head(this.#closing.signal, { most: 1 });
    return position;
  }

  /** Asks the leader for its head. Free disk space cannot be checked without storing something. */
  async ready(): Promise<void> {
    await this.headPosition();
  }

  /** Appends in progress settle first. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#appends);
    this.#connection.close();
  }
}
