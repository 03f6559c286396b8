import type { TestContext } from 'node:test';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { type CommandMeta, commandHandler } from '../command-handler.ts';
import type { Decider } from '../decider.ts';
import { Refused } from '../errors.ts';
import type { EventStore } from '../event-store/port.ts';
import { type EventOf, type Fact, fact, family, type Happened, type Recorded } from '../fact.ts';
import { createdId } from '../ids.ts';
import { testFolder } from './test-folder.ts';

/** A tally: counts up, and hands out tickets. */
const tallies = family('tally', {
  /** its first version said it in one word */
  Counted: fact<{ by: number }>({ version: 2, upcast: { 1: (old: { n: number }) => ({ by: old.n }) } }),
  TicketPrinted: fact<{ ticket: string; total: number }>(),
});
export type TallyFact = EventOf<typeof tallies>;

export type TallyCommand =
  | { do: 'count'; by: number; times?: number }
  | { do: 'print'; tickets: number }
  /** refused above this total */
  | { do: 'limit'; to: number };

export interface Tally {
  total: number;
  tickets: string[];
}

/** `flaw` runs when a fact has half been folded, and may throw. */
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

/** `keptBytes`: of folded streams in memory */
export const handlerOn = (
  store: EventStore,
  decider: Decider<TallyCommand, TallyFact, Tally> = tallyDecider(),
  keptBytes?: number,
) => commandHandler(store, tallies, decider, clock, keptBytes);

export function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  const open = () => keep(sqliteEventStore(path('log.db')));
  const store = open();
  return { store, open, handler: handlerOn(store) };
}

/** What a client is told of a fact: repeated answers also know its position. */
export const shown = (events: readonly Happened<TallyFact>[]) =>
  events.map(({ id, stream, revision, type, data, meta }) => ({ id, stream, revision, type, data, meta }));

export const metaFor = (commandId: string, more: Partial<CommandMeta> = {}): CommandMeta => ({ commandId, ...more });

export async function stored(store: EventStore, stream: string): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for await (const event of store.read(stream)) all.push(event);
  return all;
}

/** Puts a fact into a stream as another release might have. */
export async function plant(store: EventStore, stream: string, event: Fact, schema: number): Promise<void> {
  const revision = (await stored(store, stream)).length - 1;
  const id = `planted-${revision}`;
  const meta = { commandId: id, correlationId: id, causationId: id, at: '2026-03-10T08:00:00.000Z', schema };
  await store.append(stream, [{ id, event, meta }], revision < 0 ? 'none' : revision);
}

/** A real store, and from where each read of a stream began. */
export function watched(inner: EventStore): { store: EventStore; reads: Map<string, number[]> } {
  const reads = new Map<string, number[]>();
  const read: EventStore['read'] = (stream, options) => {
    reads.set(stream, [...(reads.get(stream) ?? []), options?.from ?? 0]);
    return inner.read(stream, options);
  };
  return { store: { ...meddled(inner, () => {}), read }, reads };
}

/** A real store that takes part in what is appended: `before` runs first, and may throw. */
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
