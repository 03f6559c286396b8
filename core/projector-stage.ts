import type { TestContext } from 'node:test';
import type { EventStore, Follow } from './event-store/port.ts';
import { sqliteEventStore } from './event-store/sqlite.ts';
import { type Member, member, Projector } from './projector.ts';
import { contents, Faulty, type Gate, LOG, totals, Watch } from './projector-sample.ts';
import { sqliteReadModels } from './read-model/sqlite.ts';
import { scratch } from './scratch.ts';

export const LIVE = { timeout: 20_000 };

/** A log and read models in files, as in the real thing. */
export function stage(t: TestContext) {
  const { path, keep } = scratch(t);
  const openLog = () => keep(sqliteEventStore(path('log.db')));
  const openViews = () => keep(sqliteReadModels(path('views.db')));
  const store = openLog();
  const models = openViews();
  return {
    store,
    openLog,
    openViews,
    load: (name: string) => member(store, models, LOG, totals(name), 0),
    async loadFaulty(name: string) {
      const loaded = await member(store, models, LOG, totals(name), 0);
      const model = new Faulty(loaded.model);
      return { fed: { ...loaded, model }, model };
    },
    /** A projector that is stopped before the stores are closed. */
    projector(over: EventStore = store) {
      const watch = new Watch();
      const running = new Projector(over, LOG, watch);
      keep({ close: () => running.stop() });
      return { projector: running, watch };
    },
  };
}

/** Hands over what its live followers have in hand when `held` opens, as one may that reads over a network. */
export function holding(inner: EventStore): EventStore & { held: Gate | undefined } {
  const store = {
    held: undefined as Gate | undefined,
    append: inner.append.bind(inner),
    read: inner.read.bind(inner),
    head: inner.head.bind(inner),
    close: inner.close.bind(inner),
    async *follow(options: Follow) {
      for await (const batch of inner.follow(options)) {
        if (options.live) await store.held?.pass();
        yield batch;
      }
    },
  };
  return store;
}

export const rowsOf = async (fed: Member) => (await contents(fed)).rows;
