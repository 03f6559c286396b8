import {
  type AllStreamRecordedEvent,
  BACKWARDS,
  END,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  START,
  STREAM_NAME,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { Conflict, Unavailable } from '../errors.ts';
import type { Meta, Recorded } from '../fact.ts';
import { isOfType, Patience } from './eventstoredb/failures.ts';
import { Intake } from './eventstoredb/intake.ts';
import {
  type Appended,
  type Batch,
  type EventStore,
  type Expected,
  type Follow,
  type Head,
  type Proposed,
  serialize,
} from './port.ts';

/** Until one attempt counts as lost. An append that it may have written is sent again as it was. */
const ATTEMPT_MS = 2000;
/** Until a call gives up. Whoever waits for a command is told after 5 s. */
const PATIENCE_MS = 3000;
/** Until a read, or a history, from which nothing comes counts as lost. */
const STALL_MS = 4000;
/** An @ in a password: the client takes what follows it for a host, which errors then name. */
const UNESCAPED = /^[^?]*@[^?]*@/;
const PAGE = 500;
/** events that a stream of the client holds while we are busy */
const BUFFERED = 128;
/** The streams of the server itself begin with a dollar sign. */
const NOT_ITS_OWN = '^[^$]';
/** times 32 events considered by the filter make a checkpoint frame */
const CHECKPOINT_INTERVAL = 10;

/**
 * The event log in EventStoreDB (23.10 or later, which says `caughtUp`) or KurrentDB.
 * @param url its connection string, esdb://...
 * @throws Unavailable where it is none
 */
export function eventStoreDb(url: string): EventStore {
  if (!isEventStoreUrl(url)) throw new Unavailable('the event log: EVENTSTORE_URL is not a connection string');
  return new EventStoreDb(EventStoreDBClient.connectionString(url));
}

/** Whether the client can make something of it; its own errors repeat the string, and with it the password. */
export function isEventStoreUrl(url: string): boolean {
  try {
    return !UNESCAPED.test(url) && EventStoreDBClient.connectionString(url) !== undefined;
  } catch {
    return false;
  }
}

/** What comes out of a subscription, in its order. */
interface Item {
  readonly event?: AllStreamRecordedEvent;
  readonly frame?: Position;
  readonly caughtUp?: true;
}

class EventStoreDb implements EventStore {
  readonly #client: EventStoreDBClient;
  readonly #closing = new AbortController();
  readonly #appends = new Set<Promise<Appended>>();

  constructor(client: EventStoreDBClient) {
    // Of its two ways to append the client takes BatchAppend where the server has it. There, an append whose answer
    // does not come never settles, a second answer ends this process, and an error of one client fails the appends of
    // all. The other way has none of that.
    Object.assign(client, { supports: async () => false });
    this.#client = client;
  }

  async append(stream: string, events: readonly Proposed[], expected: Expected): Promise<Appended> {
    serialize(stream, events); // what is above the limits is never sent
    this.#usable();
    const append = this.#append(stream, events, expected);
    this.#appends.add(append);
    return await append.finally(() => this.#appends.delete(append));
  }

  /** After an unknown outcome the very append goes again: same ids, first expectation. The server then knows it. */
  async #append(stream: string, events: readonly Proposed[], expected: Expected): Promise<Appended> {
    const messages = events.map(({ id, event, meta }) =>
      jsonEvent({ id, type: event.type, data: event.data as never, metadata: meta as never }),
    );
    const expectedRevision = expected === 'none' ? NO_STREAM : BigInt(expected);
    for (const patience = new Patience(PATIENCE_MS, this.#closing.signal); ; ) {
      try {
        const answer = await this.#client.appendToStream(stream, messages, { expectedRevision, deadline: ATTEMPT_MS });
        if (!answer.position) throw new Unavailable(`${stream}: the event log did not say where it put the facts`);
        return { revision: safe(answer.nextExpectedRevision), position: safe(answer.position.commit) };
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) {
          const { actualVersion } = error;
          throw new Conflict(stream, typeof actualVersion === 'bigint' ? safe(actualVersion) : 'none');
        }
        this.#usable();
        await patience.after(error);
      }
    }
  }

  async *read(
    stream: string,
    { from = 0, upTo = Number.MAX_SAFE_INTEGER }: { from?: number; upTo?: number } = {},
  ): AsyncIterable<Recorded> {
    const { signal } = this.#closing;
    const patience = new Patience(PATIENCE_MS, signal);
    for (let next = from; next <= upTo; ) {
      this.#usable();
      const options = { fromRevision: BigInt(next), maxCount: Math.min(upTo - next + 1, Number.MAX_SAFE_INTEGER) };
      const source = this.#client.readStream(stream, options, { highWaterMark: BUFFERED });
      const intake = new Intake<{ event?: RecordedEvent }>(source, () => source.cancel(), signal);
      try {
        while (await intake.more(STALL_MS)) {
          for (const { event } of intake.take(PAGE)) {
            const fact = recorded(event!);
            next = fact.revision + 1;
            yield fact;
          }
          patience.renew();
        }
        this.#usable();
        return;
      } catch (error) {
        if (isOfType(error, 'stream-not-found')) return;
        this.#usable();
        await patience.after(error);
      } finally {
        intake.close();
      }
    }
  }

  /** A batch is what has come by the time that it is asked for. */
  async *follow({ after, families, live, batch = PAGE, signal }: Follow): AsyncIterable<Batch> {
    const end = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const patience = new Patience(live ? Number.POSITIVE_INFINITY : PATIENCE_MS, end);
    for (let upTo = after; !signal?.aborted; ) {
      this.#usable();
      const intake = this.#subscribe(upTo, families, end);
      let events: Recorded[] = [];
      let reached = upTo;
      let failure: unknown = new Error('it ended the subscription');
      try {
        // Once all was told, silence means that nothing was written.
        for (let [caughtUp, frame] = [false, 0]; await intake.more(caughtUp ? undefined : STALL_MS); ) {
          let told = false;
          for (const item of intake.take(batch - events.length)) {
            if (item.event) {
              const fact = recorded(item.event);
              events.push(fact);
              reached = fact.position;
              frame = 0;
            } else if (item.frame) {
              // The one before it is believed now: no fact came that lies before that.
              const place = placeOf(item.frame);
              if (place > frame) reached = Math.max(reached, frame);
              frame = place || frame;
            } else if (item.caughtUp) {
              told = true;
              reached = Math.max(reached, frame);
            }
          }
          caughtUp ||= told;
          // In history more is sure to come, and a full batch costs whoever takes it the least.
          if (!caughtUp && events.length < batch) continue;
          if (events.length > 0 || reached > upTo || told) {
            upTo = reached;
            yield { events, upTo, caughtUp: caughtUp && intake.isEmpty };
            if (signal?.aborted) return;
            events = [];
            patience.renew();
          }
          if (caughtUp && !live) return;
        }
      } catch (error) {
        failure = error;
      } finally {
        intake.close();
      }
      if (end.aborted) break;
      if (reached > upTo) {
        upTo = reached;
        yield { events, upTo, caughtUp: false };
        patience.renew();
      }
      await patience.after(failure);
    }
    if (!signal?.aborted) this.#usable();
  }

  /**
   * Frames and `caughtUp` are put into the subscription itself: told by its events, they would overtake the facts
   * that wait in it.
   */
  #subscribe(after: number, families: readonly string[] | undefined, signal: AbortSignal): Intake<Item> {
    const place = { commit: BigInt(after), prepare: BigInt(after) };
    const subscription = this.#client.subscribeToAll(
      {
        fromPosition: after === 0 ? START : place,
        filter: {
          filterOn: STREAM_NAME,
          // Anchored, and up to the hyphen: what the client calls a prefix also means all longer words.
          regex: families ? `^(${families.join('|')})(-|$)` : NOT_ITS_OWN,
          checkpointInterval: CHECKPOINT_INTERVAL,
          checkpointReached: (source, frame) => void source.push({ frame }),
        },
      },
      { highWaterMark: BUFFERED },
    );
    subscription.on('caughtUp', () => subscription.push({ caughtUp: true }));
    return new Intake(subscription, () => subscription.unsubscribe(), signal);
  }

  async head(): Promise<Head> {
    const { signal } = this.#closing;
    for (const patience = new Patience(PATIENCE_MS, signal); ; ) {
      this.#usable();
      const source = this.#client.readAll({ direction: BACKWARDS, fromPosition: END }, { highWaterMark: 1 });
      const intake = new Intake<{ event?: AllStreamRecordedEvent }>(source, () => source.cancel(), signal);
      try {
        let position: number | undefined;
        while (await intake.more(STALL_MS)) {
          for (const { event } of intake.take(1)) {
            position ??= placeOf(event!.position);
            if (!event!.streamId.startsWith('$')) return { position, newest: recorded(event!) };
          }
        }
        this.#usable();
        return { position: position ?? 0 };
      } catch (error) {
        this.#usable();
        await patience.after(error);
      } finally {
        intake.close();
      }
    }
  }

  /** Appends under way are answered first. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#appends);
    await this.#client.dispose();
  }

  /** @throws Unavailable */
  #usable(): void {
    if (this.#closing.signal.aborted) throw new Unavailable('the event log is closed');
  }
}

/**
 * 0 for a frame in the middle of nowhere: servers send `prepare: 0` at the end of what they have read, which newer ones
 * place where the NEXT record will begin. Going on after that place would lose that record.
 */
const placeOf = ({ commit, prepare }: Position): number => (commit === prepare ? safe(commit) : 0);

/** Positions are offsets in bytes: 2^53 of them are 9 PB. */
function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond what this release can count to`);
  return number;
}

const recorded = ({ id, streamId, revision, position, type, data, metadata }: RecordedEvent): Recorded => ({
  id,
  stream: streamId,
  revision: safe(revision),
  position: safe(position!.commit),
  type,
  data,
  meta: metadata as unknown as Meta,
});
