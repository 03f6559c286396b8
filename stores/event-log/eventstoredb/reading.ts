import { type AllStreamRecordedEvent, BACKWARDS, END, type RecordedEvent } from '@eventstore/db-client';
import type { Head } from '../../../core/event-store/port.ts';
import type { Recorded } from '../../../core/fact.ts';
import { type Connection, FROM_LEADER } from './connection.ts';
import { isFact, isReadable, placeOf, recorded, streamsOf } from './facts.ts';
import { ATTEMPT_MS, isOfType, PATIENCE_MS, Patience, usable } from './failures.ts';

const PAGE = 500;
/** Number of events that a stream of the client buffers while the consumer is busy. */
export const BUFFERED = 128;

/** Reads of a stream and of the head, with retries. */
export class Reading {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async *read(stream: string, from: number, upTo: number, signal: AbortSignal): AsyncIterable<Recorded> {
    const patience = new Patience(PATIENCE_MS, signal);
    for (let next = from; next <= upTo; ) {
      usable(signal);
      const { client } = this.#connection;
      const maxCount = Math.min(upTo - next + 1, Number.MAX_SAFE_INTEGER);
      const options = { fromRevision: BigInt(next), maxCount, ...FROM_LEADER };
      const source = client.readStream(stream, options, { highWaterMark: BUFFERED });
      const intake = this.#connection.intake<{ event?: RecordedEvent }>(source, () => source.cancel(), signal);
      try {
        while (await intake.more(ATTEMPT_MS)) {
          this.#connection.answered(client);
          for (const { event } of intake.take(PAGE)) {
            if (!isFact(event!)) continue;
            const fact = recorded(event!);
            next = fact.revision + 1;
            yield fact;
          }
          patience.renew();
        }
        usable(signal);
        return;
      } catch (error) {
        if (isOfType(error, 'stream-not-found')) return;
        usable(signal);
        await this.#connection.again(client, error, patience);
      } finally {
        intake.close();
      }
    }
  }

  /**
   * The end of the log, and the newest fact of some streams after a position. Newer events of the server and of other
   * streams are read and skipped, so frequent callers limit the search with `after`, or with `most` events.
   */
  async head(signal: AbortSignal, { of = streamsOf(), after = 0, most = Number.MAX_SAFE_INTEGER } = {}): Promise<Head> {
    const isWanted = new RegExp(of);
    for (const patience = new Patience(PATIENCE_MS, signal); ; ) {
      usable(signal);
      const { client } = this.#connection;
      const options = { direction: BACKWARDS, fromPosition: END, maxCount: most, ...FROM_LEADER } as const;
      const source = client.readAll(options, { highWaterMark: 1 });
      const intake = this.#connection.intake<{ event?: AllStreamRecordedEvent }>(source, () => source.cancel(), signal);
      try {
        let position: number | undefined;
        let seen = 0;
        while (await intake.more(ATTEMPT_MS)) {
          this.#connection.answered(client);
          for (const { event } of intake.take(1)) {
            const place = placeOf(event!.position.commit);
            position ??= place;
            if (place <= after) return { position };
            if (isWanted.test(event!.streamId) && isFact(event!)) {
              // The server may be shared with a program that writes other events.
              return { position, ...(isReadable(event!) && { newest: recorded(event!) }) };
            }
            if (++seen >= most) return { position };
          }
        }
        usable(signal);
        return { position: position ?? 0 };
      } catch (error) {
        usable(signal);
        await this.#connection.again(client, error, patience);
      } finally {
        intake.close();
      }
    }
  }
}
