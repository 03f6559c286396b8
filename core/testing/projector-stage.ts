import type { TestContext } from 'node:test';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import type { EventStore, Follow } from '../event-store/port.ts';
import { Projector } from '../projector.ts';
import type { ReadModels } from '../read-model/port.ts';
import { openSubscriber, type Subscriber } from '../subscriber.ts';
import { boxes, contents, Faulty, Gate, LOG, notes, totals, Watch } from '../testing/projector-sample.ts';
import { testFolder } from './test-folder.ts';

export const LIVE = { timeout: 20_000 };

/** A log and read models in memory. */
export function stores(t: TestContext) {
  const { keep } = testFolder(t);
  const store = keep(sqliteEventStore(':memory:'));
  const models = keep(sqliteReadModels(':memory:'));
  return {
    store,
    models,
    load: (generation = 0, log = LOG) => openSubscriber(store, models, log, totals(), generation),
  };
}

/** A log and read models in files, as in production. */
export function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  const openLog = () => keep(sqliteEventStore(path('log.db')));
  const openViews = () => keep(sqliteReadModels(path('views.db')));
  const gates: Gate[] = [];
  const store = openLog();
  const models = openViews();
  return {
    store,
    openLog,
    openViews,
    load: (name: string) => openSubscriber(store, models, LOG, totals(name), 0),
    loadFaulty: (name: string) => loadFaultyFrom(store, models, name),
    loadFaultyFrom,
    /** A gate that opens when the test ends, at the latest. */
    gate() {
      const gate = new Gate();
      gates.push(gate);
      return gate;
    },
    /** A projector that is stopped before the stores are closed. */
    projector(over: EventStore = store) {
      const watch = new Watch();
      const running = new Projector(over, LOG, [boxes, notes], watch);
      keep({
        close() {
          for (const gate of gates) gate.open();
          return running.stop();
        },
      });
      return { projector: running, watch };
    },
  };
}

/** A real log with a fault: `fault` runs before a live batch is delivered, and may throw or wait. */
export function faultyLog(inner: EventStore): EventStore & { fault: () => void | Promise<void> } {
  const store = {
    fault: (): void | Promise<void> => {},
    append: inner.append.bind(inner),
    read: inner.read.bind(inner),
    head: inner.head.bind(inner),
    headPosition: inner.headPosition.bind(inner),
    ready: inner.ready.bind(inner),
    close: inner.close.bind(inner),
    async *follow(options: Follow) {
      for await (const batch of inner.follow(options)) {
        if (options.live) await store.fault();
        yield batch;
      }
    },
  };
  return store;
}

/** A subscriber whose commits can be made to fail or to wait. */
async function loadFaultyFrom(store: EventStore, models: ReadModels, name: string) {
  const loaded = await openSubscriber(store, models, LOG, totals(name), 0);
  const model = new Faulty(loaded.model);
  return { fed: { ...loaded, model }, model };
}

export const rowsOf = async (fed: Subscriber) => (await contents(fed)).rows;
