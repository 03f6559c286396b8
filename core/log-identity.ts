import { randomUUID } from 'node:crypto';
import { Conflict, LogBehindViews } from './errors.ts';
import type { EventStore, Proposed } from './event-store/port.ts';
import { type EventOf, fact, family, type Happened, upcast } from './fact.ts';
import type { Checkpoint } from './read-model/port.ts';

/** The log's own stream, with its identity. A copy or a restored backup appends a new one. */
export const logFamily = family('log', {
  LogOpened: fact<{ logId: string; keyStore: string }>(),
  /** Facts of another log are being copied into this one; the next `LogOpened` marks the end. */
  CopyStarted: fact<{ from: string; keyStore: string }>(),
});

export type LogFact = EventOf<typeof logFamily>;

/** The newest fact about the log itself. */
export async function newestOnLog(store: EventStore): Promise<Happened<LogFact> | undefined> {
  let newest: Happened<LogFact> | undefined;
  for await (const stored of store.read(logFamily.name)) newest = upcast(logFamily, stored);
  return newest;
}

/** A fact about the log itself to append; `id` is the id of its command. */
export function onLog(event: LogFact, id: string, at: Date): Proposed {
  const meta = { commandId: id, correlationId: id, causationId: id, schema: 1, at: at.toISOString() };
  return { id: randomUUID(), event, meta };
}

/**
 * The present identity of the log, if it has one yet.
 * @throws Error for the operator if it is an unfinished copy
 */
export async function readLogIdentity(
  store: EventStore,
): Promise<{ logId: string; keyStore: string; revision: number } | undefined> {
  const newest = await newestOnLog(store);
  if (newest?.type === 'CopyStarted') {
    throw new Error(
      `this event log is an unfinished copy of the log ${newest.data.from}. Run the same npm run log -- copy (or import) again; it goes on where it stopped`,
    );
  }
  return newest && { ...newest.data, revision: newest.revision };
}

/**
 * The log's identity. An empty log gets a new one, and so does any log on request (`renew`, after a restore).
 * @throws Error for the operator if these keys belong to another log, or it is an unfinished copy
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
  const event = { type: 'LogOpened', data: { logId, keyStore } } as const;
  try {
    const opened = onLog(event, logId, options.clock?.() ?? new Date());
    await store.append(logFamily.name, [opened], known?.revision ?? 'none');
    return logId;
  } catch (error) {
    // Another node was faster: its identity counts.
    if (error instanceof Conflict && !options.renew) return openLog(store, keyStore, options);
    throw error;
  }
}

/**
 * Whether a read model may continue from its checkpoint; false if it is of another log and must be rebuilt.
 * @throws LogBehindViews if it contains facts that this log lacks: a backup of the log was restored
 */
export async function continues(store: EventStore, logId: string, checkpoint: Checkpoint): Promise<boolean> {
  if (checkpoint.log !== logId) return false;
  // Beyond the end, new facts would be mistaken for old ones.
  if (checkpoint.position > (await store.headPosition())) throw new LogBehindViews();
  const { last } = checkpoint;
  if (!last) return true;
  for await (const found of store.read(last.stream, { from: last.revision, upTo: last.revision })) {
    if (found.id === last.id) return true;
  }
  throw new LogBehindViews();
}
