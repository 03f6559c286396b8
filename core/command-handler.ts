import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { BackOff } from './back-off.ts';
import { CommandIds } from './command-ids.ts';
import { requireTime } from './deadline.ts';
import type { Decider, Intent } from './decider.ts';
import { Conflict, Overloaded, Refused, Unavailable } from './errors.ts';
import type { EventStore } from './event-store/port.ts';
import { type EventOf, type Family, type Happened, type Meta, schemaOf, upcast } from './fact.ts';
import { memoryOf, Recent } from './memory.ts';

export type Clock = () => Date;

/** Metadata of a command; the handler adds the time and the schema version. */
export interface CommandMeta {
  readonly commandId: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly actor?: string;
  readonly occurredAt?: string;
  readonly traceparent?: string;
  readonly fingerprint?: string;
  /** deadline in milliseconds of `performance.now()` of this process; no step of the command begins after it */
  readonly deadline?: number;
}

export interface Handled<E, S> {
  /** the facts of this command, for a repeat those stored before; empty if there was nothing to do */
  readonly events: readonly E[];
  /** the present state; it belongs to the handler */
  readonly state: S;
  /** of the command's last fact */
  readonly revision: number;
  /** 0 if nothing was written and the stream does not exist */
  readonly position: number;
  readonly repeated: boolean;
}

export interface Loaded<S> {
  readonly state: S;
  /** -1 if the stream does not exist */
  readonly revision: number;
  readonly position: number;
}

/**
 * The state never leaves the handler: the caller passes a function that reads it while the stream's lane is held. The
 * function returns at once, and returns nothing that a later fact changes.
 */
export interface CommandHandler<F extends Family, C, S> {
  /**
   * After `meta.deadline` the command does not begin and is not sent to the log. An append sent before that may still
   * be stored; a repeat of the command then returns it.
   * @throws Refused, NewerFacts, Unavailable; Overloaded if too many commands wait for this stream
   */
  handle<T>(id: string, command: C, meta: CommandMeta, answer: Answer<F, S, T>): Promise<T>;
  /**
   * The stored answer of a command that was carried out before, so that some checks apply only to new commands.
   * @throws Refused if the actor may not give it, or its key was used with another request; NewerFacts, Unavailable
   */
  repeated<T>(id: string, command: C, meta: CommandMeta, answer: Answer<F, S, T>): Promise<T | undefined>;
  /** Reads the present state, up to the end of the stream. @throws NewerFacts, Unavailable */
  load<T>(id: string, read: (loaded: Loaded<S>) => T): Promise<T>;
  /** Position of the newest fact of a stream that this process knows from a recent command or load, without a read. */
  known(id: string): number | undefined;
}

export type Answer<F extends Family, S, T> = (handled: Handled<Happened<EventOf<F>>, S>) => T;

export interface HandlerOptions {
  /** memory for folded streams, in bytes */
  readonly keptBytes?: number;
  /** command ids that each stream keeps exactly */
  readonly newestIds?: number;
}

interface Folded<S> {
  state: S;
  revision: number;
  position: number;
  readonly commands: CommandIds;
  /** approximate memory: at most that of its facts and their command ids */
  bytes: number;
  factBytes: number;
}

const ATTEMPTS = 5;
const PAUSES = { firstMs: 10, longestMs: 80 };
/** Commands that may wait for one stream. */
const MOST_WAITING = 100;
/**
 * Memory for folded streams, in bytes. A kept state is only a baseline: newer facts are always read before it is used.
 * A fridge of 100,000 facts counts as 39 MB and takes 26 MB (bench/README.md).
 */
const KEPT_BYTES = 128 * 1024 * 1024;
/** memory of an empty state */
const PER_STREAM = 1024;
/** memory that a state may take for a fact besides its data */
/** Number of recently used streams whose newest known position is kept. */
const KNOWN_STREAMS = 10_000;
const PER_FACT = 64;

/**
 * Loads, decides and appends with the loaded revision; repeats after a conflict. Commands of one stream run one after
 * another in this process; between processes the expected revision guards. A command that its stream already holds is
 * answered from the stored facts, if its actor may still give it.
 */
export function commandHandler<F extends Family, C, S>(
  store: EventStore,
  family: F,
  decider: Decider<C, EventOf<F>, S>,
  clock: Clock = () => new Date(),
  { keptBytes = KEPT_BYTES, newestIds }: HandlerOptions = {},
): CommandHandler<F, C, S> {
  const kept = new Recent<Folded<S>>(keptBytes);
  const known = new LRUCache<string, number>({ max: KNOWN_STREAMS });
  const lanes = new Map<string, Promise<unknown>>();
  /** waiting and running commands per stream */
  const commands = new Map<string, number>();

  /** One after another per stream, because the folded state is changed in place. */
  function inLane<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const turn = (lanes.get(stream) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {}).finally(() => lanes.get(stream) === settled && lanes.delete(stream));
    lanes.set(stream, settled);
    return turn;
  }

  /** @throws Overloaded */
  async function inQueue<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = commands.get(stream) ?? 0;
    // The running one does not wait.
    if (before > MOST_WAITING) throw new Overloaded(`${before} commands wait for ${stream}`);
    commands.set(stream, before + 1);
    try {
      return await inLane(stream, work);
    } finally {
      const left = commands.get(stream)! - 1;
      if (left === 0) commands.delete(stream);
      else commands.set(stream, left);
    }
  }

  function fold(folded: Folded<S>, event: Happened<EventOf<F>>): void {
    folded.state = decider.evolve(folded.state, event);
    folded.revision = event.revision;
    folded.factBytes += PER_FACT + memoryOf(event.data);
    folded.commands.add(event.meta.commandId, event.revision);
  }

  function keep(stream: string, folded: Folded<S>): void {
    folded.bytes = PER_STREAM + folded.factBytes + folded.commands.bytes;
    kept.put(stream, folded);
    known.set(stream, folded.position);
  }

  async function catchUp(stream: string): Promise<Folded<S>> {
    // Removed first: a fold that fails half-way must not be found again.
    const folded = kept.take(stream) ?? {
      ...{ state: decider.initial(), revision: -1, position: 0 },
      ...{ commands: new CommandIds(newestIds), bytes: PER_STREAM, factBytes: 0 },
    };
    for await (const stored of store.read(stream, { from: folded.revision + 1 })) {
      fold(folded, upcast(family, stored));
      folded.position = stored.position;
    }
    // Missing streams are not kept: invented ids would evict real ones.
    if (folded.revision >= 0) keep(stream, folded);
    return folded;
  }

  /** The answer of a command that its stream already holds. @throws Refused if its actor may not give it */
  async function earlier(stream: string, command: C, meta: CommandMeta, folded: Folded<S>) {
    decider.authorize?.(command, folded.state, intentOf(meta, clock().toISOString(), meta.occurredAt));
    const known = folded.commands.find(meta.commandId);
    const from = known === 'older' ? await firstOf(stream, meta.commandId, folded) : known;
    return from === undefined ? undefined : repeat(stream, from, meta, folded);
  }

  /** The revision of a command's first fact; undefined if the filter was wrong. Reads the stream from its beginning. */
  async function firstOf(stream: string, commandId: string, { revision, commands }: Folded<S>) {
    for await (const stored of store.read(stream, { upTo: revision })) {
      if (stored.meta.commandId !== commandId) continue;
      commands.add(commandId, stored.revision); // a client that repeats it once may do so again
      return stored.revision;
    }
    return undefined;
  }

  async function repeat(stream: string, from: number, meta: CommandMeta, folded: Folded<S>) {
    const events: Happened<EventOf<F>>[] = [];
    let position = 0;
    for await (const stored of store.read(stream, { from })) {
      if (stored.meta.commandId !== meta.commandId) break;
      events.push(upcast(family, stored));
      position = stored.position;
    }
    if (events[0]!.meta.fingerprint !== meta.fingerprint) {
      throw new Refused('invalid', 'idempotency-key-reused', 'this idempotency key was used with another request');
    }
    return { events, state: folded.state, revision: events.at(-1)!.revision, position, repeated: true };
  }

  async function attempt(stream: string, command: C, meta: CommandMeta) {
    requireTime(stream, meta.deadline);
    const folded = await catchUp(stream);
    const stored = await earlier(stream, command, meta, folded);
    if (stored) return stored;

    const at = clock().toISOString();
    const given: Intent = intentOf(meta, at, meta.occurredAt);
    const occurredAt = decider.occurredAt ? decider.occurredAt(command, folded.state, given) : meta.occurredAt;
    const facts = decider.decide(command, folded.state, intentOf(meta, at, occurredAt));
    if (facts.length === 0) {
      return { events: [], state: folded.state, revision: folded.revision, position: folded.position, repeated: false };
    }
    requireTime(stream, meta.deadline);
    const expected = folded.revision < 0 ? 'none' : folded.revision;
    const events = facts.map((event, i) => ({
      ...event,
      id: randomUUID(),
      stream,
      revision: folded.revision + 1 + i,
      meta: metaOf(meta, at, occurredAt, schemaOf(family, event)),
    })) as Happened<EventOf<F>>[];
    const { revision, position } = await store.append(
      stream,
      events.map((event, i) => ({ id: event.id, event: facts[i]!, meta: event.meta })),
      expected,
      meta.deadline,
    );
    kept.take(stream);
    for (const event of events) fold(folded, event);
    folded.position = position;
    keep(stream, folded);
    return { events, state: folded.state, revision, position, repeated: false };
  }

  async function handle(id: string, command: C, meta: CommandMeta) {
    const stream = family.streamOf(id);
    const backOff = new BackOff(PAUSES);
    for (let left = ATTEMPTS; ; left--) {
      try {
        return await attempt(stream, command, meta);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        if (left === 1) throw new Unavailable(`${stream} changed ${ATTEMPTS} times while a command was decided`);
        await backOff.pause();
      }
    }
  }

  return {
    handle: (id, command, meta, answer) =>
      inQueue(family.streamOf(id), async () => answer(await handle(id, command, meta))),
    repeated: (id, command, meta, answer) => {
      const stream = family.streamOf(id);
      return inQueue(stream, async () => {
        const handled = await earlier(stream, command, meta, await catchUp(stream));
        return handled && answer(handled);
      });
    },
    load: (id, read) => inLane(family.streamOf(id), async () => read(await catchUp(family.streamOf(id)))),
    known: id => known.get(family.streamOf(id)),
  };
}

const intentOf = (meta: CommandMeta, at: string, occurredAt: string | undefined): Intent => ({
  commandId: meta.commandId,
  at,
  ...(meta.actor !== undefined && { actor: meta.actor }),
  ...(occurredAt !== undefined && { occurredAt }),
});

const metaOf = (meta: CommandMeta, at: string, occurredAt: string | undefined, schema: number): Meta => ({
  commandId: meta.commandId,
  correlationId: meta.correlationId ?? meta.commandId,
  causationId: meta.causationId ?? meta.commandId,
  ...(meta.actor !== undefined && { actor: meta.actor }),
  at,
  ...(occurredAt !== undefined && { occurredAt }),
  ...(meta.traceparent !== undefined && { traceparent: meta.traceparent }),
  schema,
  ...(meta.fingerprint !== undefined && { fingerprint: meta.fingerprint }),
});
