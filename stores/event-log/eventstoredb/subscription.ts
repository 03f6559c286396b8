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

/** A follower that has caught up and receives nothing for this long checks that its subscription is alive. */
const QUIET_MS = 5000;
/** A batch is complete after this many turns of the event loop without a new event, or after this time. */
const QUIET_TURNS = 3;
const GATHER_MS = 4;
/** in units of 32 events considered by the filter: the distance of checkpoint frames */
const CHECKPOINT_INTERVAL = 10;

/** An event, a checkpoint frame or a change of state, in the order of the subscription. */
interface Item {
  readonly event?: AllStreamRecordedEvent;
  readonly frame?: Position;
  /** false after the subscription fell behind */
  readonly caughtUp?: boolean;
}

export interface SubscriptionOptions {
  readonly after: number;
  readonly families: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** A subscription to the facts of some families, with the facts that were not passed on yet. */
export class Subscription {
  readonly #reading: Reading;
  readonly #options: SubscriptionOptions;
  readonly #intake: Intake<Item>;
  #events: Recorded[] = [];
  #reached: number;
  #frame = 0;
  #caughtUp = false;
  #isNewlyCaughtUp = false;
  /** the position up to which `isAlive` looked for facts, and the position of the newest fact that it found */
  #checked = 0;
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
          // All signals go through the stream itself: an event listener would run before the queued facts are read.
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

  /** Everything up to here is in `events`, or was passed on. */
  get reached(): number {
    return this.#reached;
  }

  /** The history is delivered; only new facts follow. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** `caughtUp` became true and was not passed on yet. */
  get isNewlyCaughtUp(): boolean {
    return this.#isNewlyCaughtUp;
  }

  /** As `Intake.more`. After catch-up, silence may just mean that nothing was written. */
  more(): Promise<boolean> {
    return this.#caughtUp ? this.#intake.more(QUIET_MS, () => this.#isAlive()) : this.#intake.more(ATTEMPT_MS);
  }

  /**
   * Detects a subscription that the server has dropped: a fact that an earlier call found in the log must have arrived.
   * @throws Silence if it has not, Unavailable if the log does not answer
   */
  async #isAlive(): Promise<void> {
    if (this.#due > this.#reached) throw new Silence(2 * QUIET_MS);
    const { families, signal } = this.#options;
    const after = Math.max(this.#reached, this.#checked);
    const { position, newest } = await this.#reading.head(signal, { of: streamsOf(families), after });
    this.#checked = position;
    this.#due = newest?.position ?? 0;
  }

  /** Takes the events that have arrived, up to `batch` facts in total. */
  take(batch: number): void {
    for (const { event, frame, caughtUp } of this.#intake.take(batch - this.#events.length)) {
      if (event) {
        if (isFact(event)) this.#events.push(recorded(event));
        this.#reached = placeOf(event.position.commit);
      } else if (frame) {
        // The frame may point to the start of the next record; everything before the previous frame has been read.
        const place = placeOf(frame.commit);
        if (place > this.#frame) this.#reached = Math.max(this.#reached, this.#frame);
        this.#frame = place;
      } else if (caughtUp !== undefined) {
        this.#caughtUp = caughtUp;
        this.#isNewlyCaughtUp ||= caughtUp;
      }
    }
  }

  /**
   * Takes events that are just arriving. The client delivers one event per turn of the event loop, so a consumer that
   * blocks the loop would get batches of one. This waits until a few turns bring nothing, or a few milliseconds passed.
   */
  async gather(batch: number): Promise<void> {
    const end = performance.now() + GATHER_MS;
    for (let quiet = 0; quiet < QUIET_TURNS && this.#events.length < batch && performance.now() < end; ) {
      await setImmediate();
      quiet = this.#intake.isEmpty ? quiet + 1 : 0;
      this.take(batch);
    }
  }

  /** Removes and returns the facts that were taken. */
  pass(): Batch {
    const events = this.#events;
    this.#events = [];
    this.#isNewlyCaughtUp = false;
    return { events, upTo: this.#reached, caughtUp: this.#caughtUp && this.#intake.isEmpty };
  }

  close(): void {
    this.#intake.close();
  }
}
