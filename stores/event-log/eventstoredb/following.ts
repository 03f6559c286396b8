import { LogBehindViews } from '../../../core/errors.ts';
import type { Batch, Follow } from '../../../core/event-store/port.ts';
import type { Recorded } from '../../../core/fact.ts';
import type { Connection } from './connection.ts';
import { isPlaceless, Patience, usable } from './failures.ts';
import type { Reading } from './reading.ts';
import { Subscription } from './subscription.ts';

/** Reading history retries long enough for a cluster to elect another leader. */
const HISTORY_PATIENCE_MS = 10_000;
const PAGE = 500;

/**
 * Follows the log, with a new subscription after each failure. A batch holds the facts that have arrived when it is
 * requested.
 * @throws as `EventStore.follow`
 */
export async function* follow(
  { after, families, live, batch = PAGE, signal, onInterruption }: Follow,
  { connection, reading, closing }: { connection: Connection; reading: Reading; closing: AbortSignal },
): AsyncIterable<Batch> {
  const end = AbortSignal.any([closing, ...(signal ? [signal] : [])]);
  const patience = new Patience(live ? Number.POSITIVE_INFINITY : HISTORY_PATIENCE_MS, end);
  let last: Recorded | undefined;
  for (let upTo = after; !signal?.aborted; ) {
    usable(closing);
    let { client } = connection;
    let subscription: Subscription | undefined;
    let failure: unknown = new Error('the server ended the subscription');
    try {
      if (upTo > 0) await reaches(reading, upTo, last, end);
      ({ client } = connection);
      subscription = new Subscription(connection, reading, client, { after: upTo, families, signal: end });
      while (await subscription.more()) {
        connection.answered(client);
        subscription.take(batch);
        const { events, reached, caughtUp, isNewlyCaughtUp } = subscription;
        // During catch-up more facts will arrive, and a full batch is the cheapest for the consumer.
        if (!caughtUp && events.length < batch) continue;
        if (events.length > 0) await subscription.gather(batch);
        if (events.length > 0 || reached > upTo || isNewlyCaughtUp) {
          upTo = subscription.reached;
          last = events.at(-1) ?? last;
          yield subscription.pass();
          if (signal?.aborted) return;
          patience.renew();
        }
        if (caughtUp && !live) return;
      }
    } catch (error) {
      if (error instanceof LogBehindViews) throw error;
      if (isPlaceless(error)) throw new LogBehindViews({ cause: error });
      failure = error;
    } finally {
      subscription?.close();
    }
    if (end.aborted) break;
    if (subscription && subscription.reached > upTo) {
      const rest = subscription.pass();
      upTo = rest.upTo;
      last = rest.events.at(-1) ?? last;
      yield { ...rest, caughtUp: false };
      patience.renew();
    }
    await connection.again(client, failure, patience);
    if (!end.aborted) onInterruption?.(failure as Error);
  }
  if (!signal?.aborted) usable(closing);
}

/**
 * Checks that the log holds the position to resume from: a server accepts a position beyond its end, or one of another
 * history, without an error.
 * @throws LogBehindViews if an older backup was restored
 */
async function reaches(reading: Reading, upTo: number, last: Recorded | undefined, signal: AbortSignal): Promise<void> {
  if ((await reading.head(signal, { most: 1 })).position < upTo) throw new LogBehindViews();
  if (!last) return;
  for await (const { id } of reading.read(last.stream, last.revision, last.revision, signal)) {
    if (id === last.id) return;
  }
  throw new LogBehindViews();
}
