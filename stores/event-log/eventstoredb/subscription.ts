import { setImmediate } from 'node:timers/promises';
import {
  type AllStreamRecordedEvent,
  type EventStoreDBClient,
  type Position,
  START,
  STREAM_NAME,
} from '@eventstore/db-client';
import type { Batch } from '../../../core/event-store/port.ts';
import type { Recorded } from '../../../core/fact.ts';
import { type Connection, FROM_LEADER } from './connection.ts';
import { isFact, placeOf, recorded, streamsOf } from './facts.ts';
import { ATTEMPT_MS, Silence } from './failures.ts';
import type { Intake } from './intake.ts';
import { BUFFERED, type Reading } from './reading.ts';

/** Until a follower that has been told all asks whether there is still somebody who would tell it more. */
const QUIET_MS = 5000;
/** Waiting for more of a batch ends after so many turns of the event loop without any, and at the latest after so long. */
const QUIET_TURNS = 3;
const GATHER_MS = 4;
/** times 32 events considered by the filter make a checkpoint frame */
const CHECKPOINT_INTERVAL = 10;

/** What comes out of a subscription of the client, in its order. */
interface Item {
  readonly event?: AllStreamRecordedEvent;
  readonly frame?: Position;
  /** no longer where it fell behind */
  readonly caughtUp?: boolean;
}

export interface SubscriptionOptions {
  readonly after: number;
  readonly families: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** A subscription to the facts of some families, and what of it was not passed on yet. */
export class Subscription {
  readonly #reading: Reading;
  readonly #options: SubscriptionOptions;
  readonly #intake: Intake<Item>;
  #events: Recorded[] = [];
  #reached: number;
  #frame = 0;
  #caughtUp = false;
  #isTold = false;
  /** up to where it was asked what should have come, and where the newest of that lies */
  #checkedUpTo = 0;
  #due = 0;

  constructor(connection: Connection, reading: Reading, client: EventStoreDBClient, options: SubscriptionOptions) {
    const { after, families, signal } = options;
    this.#reading = reading;
    this.#options = options;
    this.#reached = after;
    const place = { commit: BigInt(after), prepare: BigInt(after) };
    const source = client.subscribeToAll(
      {
        ...FROM_LEADER,
        fromPosition: after === 0 ? START : place,
        filter: {
          filterOn: STREAM_NAME,
          regex: streamsOf(families),
          checkpointInterval: CHECKPOINT_INTERVAL,
          // All else is put into the stream itself, too: told by its events, it would overtake the facts that wait there.
          checkpointReached: (stream, frame) => void stream.push({ frame }),
        },
      },
      { highWaterMark: BUFFERED },
    );
    source.on('caughtUp', () => source.push({ caughtUp: true }));
    source.on('fellBehind', () => source.push({ caughtUp: false }));
    this.#intake = connection.intake(source, () => source.unsubscribe(), signal);
  }

  get events(): readonly Recorded[] {
    return this.#events;
  }

  /** All up to here is in `events`, or was passed on. */
  get reached(): number {
    return this.#reached;
  }

  /** All was told, and it goes on with what is written from now on. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** That it has caught up was not passed on yet. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** As an intake's. Once all was told, silence may well mean that nothing was written. */
  more(): Promise<boolean> {
    return this.#caughtUp ? this.#intake.more(QUIET_MS, () => this.#isAlive()) : this.#intake.more(ATTEMPT_MS);
  }

  /**
   * A server that answers may still have forgotten the subscription: what the log holds of it comes until it is asked again.
   * @throws Silence where it did not, Unavailable where nobody answers
   */
  async #isAlive(): Promise<void> {
    if (this.#due > this.#reached) throw new Silence(2 * QUIET_MS);
    const { families, signal } = this.#options;
    const after = Math.max(this.#reached, this.#checkedUpTo);
    const { position, newest } = await this.#reading.head(signal, { of: streamsOf(families), after });
    this.#checkedUpTo = position;
    this.#due = newest?.position ?? 0;
  }

  /** Takes what has come, up to so many facts. */
  take(batch: number): void {
    for (const { event, frame, caughtUp } of this.#intake.take(batch - this.#events.length)) {
      if (event) {
        if (isFact(event)) this.#events.push(recorded(event));
        this.#reached = placeOf(event.position.commit);
      } else if (frame) {
        // It may lie where the next record begins; the one before it has been read by now.
        const place = placeOf(frame.commit);
        if (place > this.#frame) this.#reached = Math.max(this.#reached, this.#frame);
        this.#frame = place;
      } else if (caughtUp !== undefined) {
        this.#caughtUp = caughtUp;
        this.#isTold ||= caughtUp;
      }
    }
  }

  /**
   * Takes what else is arriving. The client hands on one event per turn of the event loop, so a consumer that blocks the
   * loop would otherwise get batches of one: the loop turns until a few turns bring nothing, or a few milliseconds passed.
   */
  async gather(batch: number): Promise<void> {
    const end = performance.now() + GATHER_MS;
    for (let quiet = 0; quiet < QUIET_TURNS && this.#events.length < batch && performance.now() < end; ) {
      await setImmediate();
      quiet = this.#intake.isEmpty ? quiet + 1 : 0;
      this.take(batch);
    }
  }

  /** What was taken, which is then not here any more. */
  pass(): Batch {
    const events = this.#events;
    this.#events = [];
    this.#isTold = false;
    return { events, upTo: this.#reached, caughtUp: this.#caughtUp && this.#intake.isEmpty };
  }

  close(): void {
    this.#intake.close();
  }
}
