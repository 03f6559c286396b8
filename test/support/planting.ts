import { randomUUID } from 'node:crypto';
import type { Recorded } from '../../core/fact.ts';
import { openEventStore } from '../../stores/open.ts';
import { useLog } from './event-log.ts';

interface Planted {
  /** the stream whose last fact is repeated, if it is another one */
  readonly like?: string;
  readonly type?: string;
  readonly data?: object;
  readonly meta?: object;
}

/**
 * Appends to a stream of a folder's log, also while a server runs, a fact that this release would not write: the last
 * fact of the stream with the given changes.
 */
export async function plant(folder: string, stream: string, fact: Planted = {}): Promise<void> {
  const log = await useLog(folder);
  const store = await openEventStore({ folder, ...(log.url !== undefined && { eventStoreUrl: log.url }) });
  try {
    let last: Recorded | undefined;
    for await (const stored of store.read(fact.like ?? stream)) last = stored;
    const { type, data, meta, revision } = last!;
    const event = { type: fact.type ?? type, data: { ...(data as object), ...fact.data } };
    const proposed = { id: randomUUID(), event, meta: { ...meta, ...fact.meta, commandId: randomUUID() } };
    await store.append(stream, [proposed], fact.like ? 'none' : revision);
  } finally {
    await store.close();
    await log.release();
  }
}
