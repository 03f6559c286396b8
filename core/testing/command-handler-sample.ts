import type { TestContext } from 'node:test';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { type CommandMeta, commandHandler, type Handled, type HandlerOptions } from '../command-handler.ts';
import type { Decider } from '../decider.ts';
import { Refused } from '../errors.ts';
import type { EventStore } from '../event-store/port.ts';
import { type EventOf, type Fact, fact, family, type Happened, type Recorded } from '../fact.ts';
import { createdId } from '../ids.ts';
import { testFolder } from './test-folder.ts';

/** A tally: it counts up and prints tickets. */
export const tallies = family('tally', {
  /** version 1 had `n` instead of `by` */
  Counted: fact<{ by: number }>({ version: 2, upcast: { 1: (old: { n: number }) => ({ by: old.n }) } }),
  TicketPrinted: fact<{ ticket: string; total: number }>(),
});
export type TallyFact = EventOf<typeof tallies>;

export type TallyCommand =
  | { do: 'count'; by: number; times?: number }
  | { do: 'print'; tickets: number }
  /** refused if the total is above this number */
  | { do: 'limit'; to: number };

export interface Tally {
  total: number;
  tickets: string[];
}

/** `flaw` runs after the change of state for each fact, and may throw. */
export function tallyDecider(
  flaw: (event: Happened<TallyFact>) => void = () => {},
): Decider<TallyCommand, TallyFact, Tally> {
  return {
    initial: () => ({ total: 0, tickets: [] }),
    evolve(state, event) {
      if (event.type === 'Counted') state.total += event.data.by;
      else state.tickets.push(event.data.ticket);
      flaw(event);
      return state;
    },
    decide(command, state, { commandId }) {
      switch (command.do) {
        case 'count':
          return Array.from({ length: command.times ?? 1 }, () => ({ type: 'Counted', data: { by: command.by } }));
        case 'print':
          return Array.from({ length: command.tickets }, (_, i) => ({
            type: 'TicketPrinted',
            data: { ticket: createdId(commandId, i), total: state.total },
          }));
        case 'limit':
          if (state.total > command.to) throw new Refused('rule', 'too-many', 'there are too many', { ...state });
          return [];
      }
    },
  };
}

export const NOW = '2026-03-10T08:00:00.000Z';
const clock = () => new Date(NOW);
export const count = (by: number, times?: number): TallyCommand => ({ do: 'count', by, ...(times && { times }) });

type Tallied = Handled<Happened<TallyFact>, Tally>;
const copied = (handled: Tallied): Tallied => ({ ...handled, state: structuredClone(handled.state) });

/** A handler whose answers are all that it knows, with a copy of the state. */
export function handlerOn(
  store: EventStore,
  decider: Decider<TallyCommand, TallyFact, Tally> = tallyDecider(),
  options?: HandlerOptions,
) {
  const handler = commandHandler(store, tallies, decider, clock, options);
  return {
    handle: (id: string, command: TallyCommand, meta: CommandMeta) => handler.handle(id, command, meta, copied),
    repeated: (id: string, command: TallyCommand, meta: CommandMeta) => handler.repeated(id, command, meta, copied),
    load: (id: string) => handler.load(id, loaded => ({ ...loaded, state: structuredClone(loaded.state) })),
    known: handler.known,
  };
}

export function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  const open = () => keep(sqliteEventStore(path('log.db')));
  const store = open();
  return { store, open, handler: handlerOn(store) };
}

/** The part of a fact that a client sees. A repeated answer also has its position. */
export const shown = (events: readonly Happened<TallyFact>[]) =>
  events.map(({ id, stream, revision, type, data, meta }) => ({ id, stream, revision, type, data, meta }));

export const metaOf = (commandId: string, more: Partial<CommandMeta> = {}): CommandMeta => ({ commandId, ...more });

export async function stored(store: EventStore, stream: string): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for await (const event of store.read(stream)) all.push(event);
  return all;
}

/** Appends a fact directly, as another release might have written it. */
export async function plant(store: EventStore, stream: string, event: Fact, schema: number): Promise<void> {
  const revision = (await stored(store, stream)).length - 1;
  const id = `planted-${revision}`;
  const meta = { commandId: id, correlationId: id, causationId: id, at: '2026-03-10T08:00:00.000Z', schema };
  await store.append(stream, [{ id, event, meta }], revision < 0 ? 'none' : revision);
}

/** A real store that records the start of each read, by stream. */
export function watched(inner: EventStore): { store: EventStore; reads: Map<string, number[]> } {
  const reads = new Map<string, number[]>();
  const read: EventStore['read'] = (stream, options) => {
    reads.set(stream, [...(reads.get(stream) ?? []), options?.from ?? 0]);
    return inner.read(stream, options);
  };
  return { store: { ...meddled(inner, () => {}), read }, reads };
}

/** A real store with a hook: `before` runs before each append, and may throw. */
export function meddled(inner: EventStore, before: () => void | Promise<void>): EventStore {
  return {
    async append(stream, events, expected) {
      await before();
      return inner.append(stream, events, expected);
    },
    read: inner.read.bind(inner),
    follow: inner.follow.bind(inner),
    head: inner.head.bind(inner),
    headPosition: inner.headPosition.bind(inner),
    ready: inner.ready.bind(inner),
    close: inner.close.bind(inner),
  };
}
