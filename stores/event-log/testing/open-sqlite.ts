import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Opened, Wrap } from '../../../core/event-store/contract/tools.ts';
import type { EventStore } from '../../../core/event-store/port.ts';
import { sqliteEventStore } from '../sqlite.ts';
import { type Elsewhere, openElsewhere } from './elsewhere.ts';

const memory = () => sqliteEventStore(':memory:');

/** A new private log in memory. */
export async function inMemory(wrap: Wrap = store => store): Promise<Opened> {
  const store = memory();
  return { store: wrap(store, 0, memory), empty: true, cleanUp: () => store.close() };
}

/** A new log in its own file. With `inTwoProcesses`, every further handle is in its own process. */
export async function inFile(wrap: Wrap = store => store, { inTwoProcesses = false } = {}): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'zipbob-log-'));
  const path = join(folder, 'log.db');
  const handles: EventStore[] = [];
  const others: Elsewhere[] = [];
  const here = async () => {
    const store = sqliteEventStore(path);
    handles.push(store);
    return wrap(store, handles.length - 1, memory);
  };
  const elsewhere = () => {
    const other = openElsewhere(path);
    others.push(other);
    return other;
  };
  return {
    store: await here(),
    another: inTwoProcesses ? async () => elsewhere().store : here,
    writeElsewhere: (stream, facts) => elsewhere().scatter(stream, facts),
    corrupt: async stream => corrupt(path, stream),
    empty: true,
    cleanUp: async () => {
      for (const other of others) await other.leave();
      for (const store of handles) await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Adds a fact whose data is not JSON to a stream. */
function corrupt(path: string, stream: string): void {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.prepare(
    `INSERT INTO facts (stream, revision, id, type, data, meta)
     SELECT stream, (SELECT max(revision) + 1 FROM facts f WHERE f.stream = s.stream), ?, 'IngredientStored', '{', '{}'
     FROM streams s WHERE name = ?`,
  ).run(randomUUID(), stream);
  db.close();
}
