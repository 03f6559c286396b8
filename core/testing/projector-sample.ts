import { randomUUID } from 'node:crypto';
import type { EventStore } from '../event-store/port.ts';
import { type EventOf, type Fact, fact, family, type Recorded } from '../fact.ts';
import { integer, type Projection, projection, text } from '../projection.ts';
import type { ProjectorHooks } from '../projector.ts';
import type { Change, Checkpoint, Parked, Query, ReadModel, Where } from '../read-model/port.ts';
import { Signal } from '../signal.ts';
import type { Subscriber } from '../subscriber.ts';

export const LOG = 'log-a';

export const boxes = family('box', {
  Added: fact<{ item: string; amount: number }>(),
  Moved: fact<{ from: string; to: string; amount: number }>(),
  Emptied: fact<{ item: string }>(),
  /** no read model can take it in */
  Spoiled: fact<{ item: string }>(),
  /** no read model knows what it touches */
  Lost: fact<{ item: string }>(),
});
export const notes = family('note', { Noted: fact<{ text: string }>() });

export type BoxFact = EventOf<typeof boxes>;

export const added = (item: string, amount: number): BoxFact => ({ type: 'Added', data: { item, amount } });
export const moved = (from: string, to: string, amount: number): BoxFact => ({
  type: 'Moved',
  data: { from, to, amount },
});
export const emptied = (item: string): BoxFact => ({ type: 'Emptied', data: { item } });
export const spoiled = (item: string): BoxFact => ({ type: 'Spoiled', data: { item } });
export const lost = (item: string): BoxFact => ({ type: 'Lost', data: { item } });
export const noted = (text: string): Fact => ({ type: 'Noted', data: { text } });

/** What there is of each item, over all boxes, and in how many facts it was named. */
export const totals = (name = 'totals'): Projection =>
  projection({
    name,
    version: 1,
    store: 'relational',
    from: [boxes],
    columns: { item: text(), total: integer(), facts: integer() },
    keys({ type, data }) {
      if (type === 'Lost') throw new Error('nobody knows where this belongs');
      return type === 'Moved' ? [data.from, data.to] : [data.item];
    },
    on: {
      Added: (row, { data }, item) => counted(row, item, data.amount),
      Moved: (row, { data }, item) => counted(row, item, item === data.from ? -data.amount : data.amount),
      Emptied: () => undefined,
      Spoiled: (_row, _event, item) => {
        throw new Error(`${item} is spoiled`);
      },
      Lost: row => row,
    },
  }) as Projection;

const counted = (row: { total: number; facts: number } | undefined, item: string, amount: number) => ({
  item,
  total: (row?.total ?? 0) + amount,
  facts: (row?.facts ?? 0) + 1,
});

/** Appends facts to the end of a stream. Answers the position of the last. */
export async function note(store: EventStore, stream: string, ...facts: readonly Fact[]): Promise<number> {
  let revision: number | 'none' = 'none';
  for await (const stored of store.read(stream)) revision = stored.revision;
  const commandId = randomUUID();
  const meta = {
    commandId,
    correlationId: commandId,
    causationId: commandId,
    at: '2026-03-10T08:00:00.000Z',
    schema: 1,
  };
  const proposed = facts.map(event => ({ id: randomUUID(), event, meta }));
  return (await store.append(stream, proposed, revision)).position;
}

/** All that a read model holds, as plain objects. */
export async function contents({ model }: Subscriber) {
  const plain = <T extends object>(list: readonly T[]) => list.map(entry => ({ ...entry }));
  return {
    rows: plain(await model.find()),
    parked: plain(await model.parked()),
    checkpoint: await model.checkpoint(),
  };
}

/** What the read model must hold, told without batches, guards or stores. */
export function replayed(events: readonly Recorded[]) {
  const projection = totals();
  const rows = new Map<string, Record<string, unknown>>();
  const parked = new Map<string, { key: string; position: number; error: string; skipped: number }>();
  for (const event of events) {
    for (const key of new Set(projection.keys(event))) {
      const known = parked.get(key);
      if (known) known.skipped++;
      else {
        try {
          const row = projection.fold(rows.get(key), event, key);
          row ? rows.set(key, row) : rows.delete(key);
        } catch (error) {
          parked.set(key, { key, position: event.position, error: String(error), skipped: 0 });
        }
      }
    }
  }
  const byKey = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  const last = events.at(-1);
  const seen = last && { last: { stream: last.stream, revision: last.revision, id: last.id } };
  return {
    rows: byKey(rows),
    parked: byKey(parked),
    checkpoint: { log: LOG, position: last?.position ?? 0, ...seen },
  };
}

/** What a projector tells, and a way to wait for it. */
export class Watch implements ProjectorHooks {
  readonly stops: Error[] = [];
  /** the read models that stopped it */
  readonly causes: (string | undefined)[] = [];
  /** why read models stood still */
  readonly holds: { view: string; reason: string }[] = [];
  readonly parkings: { view: string; key: string; position: number }[] = [];
  /** each read model as it was last told of */
  readonly status = new Map<string, { live: boolean; position: number | undefined }>();
  readonly #news = new Signal();

  advanced({ projection, live, checkpoint }: Subscriber): void {
    this.status.set(projection.name, { live, position: checkpoint?.position });
    this.#news.notify();
  }

  stopped(reason: Error, subscriber?: Subscriber): void {
    this.stops.push(reason);
    this.causes.push(subscriber?.projection.name);
    this.#news.notify();
  }

  stalled({ projection }: Subscriber, { message }: Error): void {
    this.holds.push({ view: projection.name, reason: message });
    this.#news.notify();
  }

  parked({ projection }: Subscriber, { key, position }: Parked): void {
    this.parkings.push({ view: projection.name, key, position });
  }

  async until(met: () => boolean): Promise<void> {
    while (!met()) await this.#news.wait();
  }

  /** @throws what stopped the projector before they came that far */
  async reached(position: number, ...subscribers: readonly Subscriber[]): Promise<void> {
    const all = () => subscribers.every(({ checkpoint }) => (checkpoint?.position ?? 0) >= position);
    await this.until(() => all() || this.stops.length > 0);
    if (!all()) throw this.stops[0];
  }

  /** Resolves with the reason when the projector has given up. */
  async stopping(): Promise<Error> {
    await this.until(() => this.stops.length > 0);
    return this.stops[0]!;
  }
}

/**
 * A real read model with faults of its own, which may throw or wait: `fault` runs before each commit, `unanswered` after
 * it was written.
 */
export class Faulty implements ReadModel<Record<string, unknown>> {
  readonly #inner: ReadModel<Record<string, unknown>>;
  fault: () => void | Promise<void> = () => {};
  unanswered: () => void | Promise<void> = () => {};

  constructor(inner: ReadModel<Record<string, unknown>>) {
    this.#inner = inner;
  }

  async commit(
    changes: readonly Change<Record<string, unknown>>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ) {
    await this.fault();
    const outcome = await this.#inner.commit(changes, parked, from, upTo);
    await this.unanswered();
    return outcome;
  }

  checkpoint = () => this.#inner.checkpoint();
  load = (keys: readonly string[]) => this.#inner.load(keys);
  parked = () => this.#inner.parked();
  find = (query?: Query<Record<string, unknown>>) => this.#inner.find(query);
  count = (where?: Where<Record<string, unknown>>) => this.#inner.count(where);
  changed = (after: number, limit: number) => this.#inner.changed(after, limit);
}

/** Closed until it is opened; tells who waits at it when the first one has come. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #come = Promise.withResolvers<void>();
  readonly arrived = this.#come.promise;

  pass(): Promise<void> {
    this.#come.resolve();
    return this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}
