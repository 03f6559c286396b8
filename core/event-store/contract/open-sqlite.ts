import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../port.ts';
import { sqliteEventStore } from '../sqlite.ts';
import type { Opened } from './tools.ts';

/** Dresses a sound store; `handle` counts from 0 for the first one on a log. */
export type Wrap = (store: EventStore, handle: number) => EventStore;

/** A fresh log in memory, which nobody else can open. */
export async function inMemory(wrap: Wrap = store => store): Promise<Opened> {
  const store = sqliteEventStore(':memory:');
  return { store: wrap(store, 0), empty: true, cleanUp: () => store.close() };
}

/** A fresh log in a file of its own. */
export async function inFile(wrap: Wrap = store => store): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'zipbob-log-'));
  const handles: EventStore[] = [];
  const open = () => {
    const store = sqliteEventStore(join(folder, 'log.db'));
    handles.push(store);
    return wrap(store, handles.length - 1);
  };
  return {
    store: open(),
    another: async () => open(),
    empty: true,
    cleanUp: async () => {
      for (const store of handles) await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
