import {
  type AllStreamRecordedEvent,
  type AppendToStreamOptions,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  START,
  STREAM_NAME,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { Conflict, LogBehindViews, Unavailable } from '../errors.ts';
import type { Meta, Recorded } from '../fact.ts';
import { Connection } from './eventstoredb/connection.ts';
import { faultIn } from './eventstoredb/connection-string.ts';
import { isOfType, isPlaceless, Patience, within } from './eventstoredb/failures.ts';
import type { Intake } from './eventstoredb/intake.ts';
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
/** For those who read history there is time to elect another leader. */
const HISTORY_PATIENCE_MS = 10_000;
/** Until a follower that has been told all asks whether there is still somebody who would tell it more. */
const QUIET_MS = 5000;
/** Others may not know yet what they have acknowledged. */
const FROM_LEADER = { requiresLeader: true };
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
 * @throws Unavailable where something is wrong with it
 */
export function eventStoreDb(url: string): EventStore {
  const fault = faultIn(url);
  if (fault) throw new Unavailable(`the event log: EVENTSTORE_URL ${fault}`);
  return new EventStoreDb(url);
}

/** What comes out of a subscription, in its order. */
interface Item {
  readonly event?: AllStreamRecordedEvent;
  readonly frame?: Position;
  readonly caughtUp?: true;
}

class EventStoreDb implements EventStore {
  readonly #connection: Connection;
  readonly #closing = new AbortController();
  readonly #appends = new Set<Promise<Appended>>();

  constructor(url: string) {
    this.#connection = new Connection(url);
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
    const options: AppendToStreamOptions = {
      expectedRevision: expected === 'none' ? NO_STREAM : BigInt(expected),
      deadline: ATTEMPT_MS,
      ...FROM_LEADER,
    };
    for (const patience = new Patience(PATIENCE_MS, this.#closing.signal); ; ) {
      const { client } = this.#connection;
      try {
        // The client's own deadline begins once it has found a server.
        const answer = await within(ATTEMPT_MS, client.appendToStream(stream, messages, options));
        this.#connection.answered(client);
        if (!answer.success || !answer.position)
          throw new Unavailable(`${stream}: the event log did not say where it put the facts`);
        return { revision: safe(answer.nextExpectedRevision), position: safe(answer.position.commit) };
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) {
          this.#connection.answered(client);
          const { actualVersion } = error;
          throw new Conflict(stream, typeof actualVersion === 'bigint' ? safe(actualVersion) : 'none');
        }
        await this.#again(client, error, patience);
      }
    }
  }

  /** Resolves when a call that failed may be tried again. @throws Unavailable */
  async #again(client: EventStoreDBClient, error: unknown, patience: Patience): Promise<void> {
    this.#usable();
    this.#connection.failed(client, error);
    await patience.after(error);
  }

  read(stream: string, { from = 0, upTo = Number.MAX_SAFE_INTEGER } = {}): AsyncIterable<Recorded> {
    return this.#read(stream, from, upTo, this.#closing.signal);
  }

  async *#read(stream: string, from: number, upTo: number, signal: AbortSignal): AsyncIterable<Recorded> {
    const patience = new Patience(PATIENCE_MS, signal);
    for (let next = from; next <= upTo; ) {
      this.#usable(signal);
      const { client } = this.#connection;
      const maxCount = Math.min(upTo - next + 1, Number.MAX_SAFE_INTEGER);
      const options = { fromRevision: BigInt(next), maxCount, ...FROM_LEADER };
      const source = client.readStream(stream, options, { highWaterMark: BUFFERED });
      const intake = this.#connection.intake<{ event?: RecordedEvent }>(source, () => source.cancel(), signal);
      try {
        while (await intake.more(ATTEMPT_MS)) {
          this.#connection.answered(client);
          for (const { event } of intake.take(PAGE)) {
            const fact = recorded(event!);
            next = fact.revision + 1;
            yield fact;
          }
          patience.renew();
        }
        this.#usable(signal);
        return;
      } catch (error) {
        if (isOfType(error, 'stream-not-found')) return;
        await this.#again(client, error, patience);
      } finally {
        intake.close();
      }
    }
  }

  /** A batch is what has come by the time that it is asked for. */
  async *follow({ after, families, live, batch = PAGE, signal }: Follow): AsyncIterable<Batch> {
    const end = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const patience = new Patience(live ? Number.POSITIVE_INFINITY : HISTORY_PATIENCE_MS, end);
    const isAlive = () => this.#head(end);
    let last: Recorded | undefined;
    for (let upTo = after; !signal?.aborted; ) {
      this.#usable();
      let { client } = this.#connection;
      let intake: Intake<Item> | undefined;
      let events: Recorded[] = [];
      let reached = upTo;
      let failure: unknown = new Error('it ended the subscription');
      try {
        if (upTo > 0) await this.#reaches(upTo, last, end);
        ({ client } = this.#connection);
        intake = this.#subscribe(client, upTo, families, end);
        // Once all was told, silence may well mean that nothing was written.
        for (
          let [caughtUp, frame] = [false, 0];
          await intake.more(caughtUp ? QUIET_MS : ATTEMPT_MS, caughtUp ? isAlive : undefined);
        ) {
          this.#connection.answered(client);
          let told = false;
          for (const item of intake.take(batch - events.length)) {
            if (item.event) {
              const fact = recorded(item.event);
              events.push(fact);
              reached = fact.position;
            } else if (item.frame) {
              // It may lie where the next record begins; the one before it has been read by now.
              const place = safe(item.frame.commit);
              if (place > frame) reached = Math.max(reached, frame);
              frame = place;
            } else if (item.caughtUp) {
              told = true;
            }
          }
          caughtUp ||= told;
          // In history more is sure to come, and a full batch costs whoever takes it the least.
          if (!caughtUp && events.length < batch) continue;
          if (events.length > 0 || reached > upTo || told) {
            upTo = reached;
            last = events.at(-1) ?? last;
            yield { events, upTo, caughtUp: caughtUp && intake.isEmpty };
            if (signal?.aborted) return;
            events = [];
            patience.renew();
          }
          if (caughtUp && !live) return;
        }
      } catch (error) {
        if (error instanceof LogBehindViews) throw error;
        if (isPlaceless(error)) throw new LogBehindViews({ cause: error });
        failure = error;
      } finally {
        intake?.close();
      }
      if (end.aborted) break;
      if (reached > upTo) {
        upTo = reached;
        last = events.at(-1) ?? last;
        yield { events, upTo, caughtUp: false };
        patience.renew();
      }
      this.#connection.failed(client, failure);
      await patience.after(failure);
    }
    if (!signal?.aborted) this.#usable();
  }

  /**
   * A server takes a position beyond its end, and one in another history, without a word.
   * @throws LogBehindViews where an older backup was restored
   */
  async #reaches(upTo: number, last: Recorded | undefined, signal: AbortSignal): Promise<void> {
    if ((await this.#head(signal)).position < upTo) throw new LogBehindViews();
    if (!last) return;
    for await (const { id } of this.#read(last.stream, last.revision, last.revision, signal)) {
      if (id === last.id) return;
    }
    throw new LogBehindViews();
  }

  /**
   * Frames and `caughtUp` are put into the subscription itself: told by its events, they would overtake the facts
   * that wait in it.
   */
  #subscribe(
    client: EventStoreDBClient,
    after: number,
    families: readonly string[] | undefined,
    signal: AbortSignal,
  ): Intake<Item> {
    const place = { commit: BigInt(after), prepare: BigInt(after) };
    const subscription = client.subscribeToAll(
      {
        ...FROM_LEADER,
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
    return this.#connection.intake(subscription, () => subscription.unsubscribe(), signal);
  }

  head(): Promise<Head> {
    return this.#head(this.#closing.signal);
  }

  async #head(signal: AbortSignal): Promise<Head> {
    for (const patience = new Patience(PATIENCE_MS, signal); ; ) {
      this.#usable(signal);
      const { client } = this.#connection;
      const source = client.readAll({ direction: BACKWARDS, fromPosition: END, ...FROM_LEADER }, { highWaterMark: 1 });
      const intake = this.#connection.intake<{ event?: AllStreamRecordedEvent }>(source, () => source.cancel(), signal);
      try {
        let position: number | undefined;
        while (await intake.more(ATTEMPT_MS)) {
          this.#connection.answered(client);
          for (const { event } of intake.take(1)) {
            position ??= safe(event!.position.commit);
            if (!event!.streamId.startsWith('$')) return { position, newest: recorded(event!) };
          }
        }
        this.#usable(signal);
        return { position: position ?? 0 };
      } catch (error) {
        await this.#again(client, error, patience);
      } finally {
        intake.close();
      }
    }
  }

  /** Appends under way are answered first. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#appends);
    this.#connection.close();
  }

  /** @throws Unavailable */
  #usable(signal = this.#closing.signal): void {
    if (signal.aborted) throw new Unavailable('the event log is closed');
  }
}

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
