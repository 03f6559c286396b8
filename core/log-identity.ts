import { randomUUID } from 'node:crypto';
import { Conflict, LogBehindViews, Refused } from './errors.ts';
import type { EventStore } from './event-store/port.ts';
import { type EventOf, fact, family, type Happened, upcast } from './fact.ts';
import type { Checkpoint } from './read-model/port.ts';

/** The log's own stream: who it is. A copy or a restored backup appends a new identity. */
export const logFamily = family('log', {
  LogOpened: fact<{ logId: string; keyStore: string }>(),
});

/** The present identity of the log, if it has one yet. */
export async function readLogIdentity(
  store: EventStore,
): Promise<{ logId: string; keyStore: string; revision: number } | undefined> {
  let newest: Happened<EventOf<typeof logFamily>> | undefined;
  for await (const stored of store.read(logFamily.name)) newest = upcast(logFamily, stored);
  return newest && { ...newest.data, revision: newest.revision };
}

/**
 * The log's identity; an empty log is opened with a new one, and so is any on request (`renew`, after a restore).
 * @throws Error for the operator where the keys beside this log belong to another
 */
export async function openLog(
  store: EventStore,
  keyStore: string,
  options: { clock?: () => Date; renew?: boolean } = {},
): Promise<string> {
  const known = await readLogIdentity(store);
  if (known && known.keyStore !== keyStore) {
    throw new Error(
      'the key store does not belong to this event log: nothing personal in it could be read. Put the two back together, from one backup',
    );
  }
  if (known && !options.renew) return known.logId;
  const logId = randomUUID();
  const meta = { commandId: logId, correlationId: logId, causationId: logId, schema: 1 };
  const event = { type: 'LogOpened', data: { logId, keyStore } } as const;
  const at = (options.clock?.() ?? new Date()).toISOString();
  try {
    const proposed = { id: randomUUID(), event, meta: { ...meta, at } };
    await store.append(logFamily.name, [proposed], known?.revision ?? 'none');
    return logId;
  } catch (error) {
    // Another node was quicker: its identity holds.
    if (error instanceof Conflict && !options.renew) return openLog(store, keyStore, options);
    throw error;
  }
}

/**
 * Whether a read model may go on from its checkpoint: `false` where it is of another log and must be built anew.
 * @throws LogBehindViews where it knows more than this log: a backup of the log was restored
 */
export async function continues(store: EventStore, logId: string, checkpoint: Checkpoint): Promise<boolean> {
  if (checkpoint.log !== logId) return false;
  const { last } = checkpoint;
  if (!last) return true;
  for await (const found of store.read(last.stream, { from: last.revision, upTo: last.revision })) {
    if (found.id === last.id) return true;
  }
  throw new LogBehindViews(
    'the read models have seen facts that this event log does not hold: it was restored from an older backup. If that is so, run: npm run log -- restored',
  );
}

/** A place in a log, for clients: opaque, and of no use in another log. */
export const positionToken = (logId: string, position: number): string =>
  Buffer.from(`${logId}:${position}`).toString('base64url');

/** @throws Refused `position-unknown` where the token is not of this log */
export function positionOf(token: string, logId: string): number {
  const [log, position] = Buffer.from(token, 'base64url').toString().split(':');
  const place = Number(position);
  if (log !== logId || !Number.isSafeInteger(place) || place < 0 || positionToken(logId, place) !== token) {
    throw new Refused('malformed', 'position-unknown', 'this position is not of this log');
  }
  return place;
}
