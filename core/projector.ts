import { setTimeout } from 'node:timers/promises';
import { Unavailable } from './errors.ts';
import type { EventStore } from './event-store/port.ts';
import type { Recorded } from './fact.ts';
import { continues } from './log-identity.ts';
import { type Projection, reader } from './projection.ts';
import type { Change, Checkpoint, Parked, ReadModel, ReadModels, Stored } from './read-model/port.ts';

/** One generation of one projection, being fed. */
export interface Member {
  readonly projection: Projection;
  readonly generation: number;
  readonly model: ReadModel<Record<string, unknown>>;
  checkpoint: Checkpoint | undefined;
  readonly parked: Map<string, Parked>;
  /** false while its store is away or it is still catching up by its own read */
  live: boolean;
}

export const BATCH = 500;
export const REBUILD_BATCH = 2000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/** Raised by `advance` when another runner feeds the same read model. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** Loads a generation and looks where it stands. One of another log is dropped and starts empty. @throws LogBehindViews */
export async function member(
  store: EventStore,
  models: ReadModels,
  logId: string,
  projection: Projection,
  generation: number,
): Promise<Member> {
  let model = await models.generation(projection, generation);
  let checkpoint = await model.checkpoint();
  if (checkpoint && !(await continues(store, logId, checkpoint))) {
    await models.drop(projection as Projection<never>, generation);
    model = await models.generation(projection, generation);
    checkpoint = undefined;
  }
  const parked = new Map((await model.parked()).map(entry => [entry.key, entry]));
  return { projection, generation, model, checkpoint, parked, live: false };
}

export interface AdvanceOptions {
  /** a rebuild stops at the first fold that throws; a live one parks its key */
  onError: 'park' | 'stop';
}

/**
 * Takes one batch into one read model: the rows it touches are loaded once, folded in memory and written once each.
 * Facts that a row has seen are skipped, so any batch may come again.
 * @throws Fenced, Unavailable
 */
export async function advance(
  member: Member,
  log: string,
  events: readonly Recorded[],
  upTo: number,
  { onError }: AdvanceOptions,
): Promise<void> {
  const { projection, model, checkpoint } = member;
  const after = checkpoint?.position ?? 0;
  if (upTo < after) return; // an old batch that comes again
  const families = new Set(projection.families.map(({ name }) => name));
  const touched = events
    .filter(event => event.position > after && families.has(familyName(event)))
    .flatMap(event => [...new Set(projection.keys(event))].map(key => ({ key, event })));
  const rows = new Map<string, Stored<Record<string, unknown>>>(
    touched.length > 0 ? await model.load([...new Set(touched.map(({ key }) => key))]) : [],
  );
  const changed = new Set<string>();
  const parked = new Map<string, Parked>();
  for (const { key, event } of touched) {
    const known = parked.get(key) ?? member.parked.get(key);
    if (known) {
      if (event.position > known.position) parked.set(key, { ...known, skipped: known.skipped + 1 });
      continue;
    }
    const before = rows.get(key);
    if (before && before.position >= event.position) continue;
    try {
      const row = projection.fold(before?.row, event, key);
      if (row === undefined && before === undefined) continue;
      rows.set(key, { row, position: event.position });
      changed.add(key);
    } catch (error) {
      if (onError === 'stop') throw error;
      parked.set(key, { key, position: event.position, error: String(error), skipped: 0 });
    }
  }
  const changes: Change<Record<string, unknown>>[] = [...changed].map(key => ({ key, ...rows.get(key)! }));
  const next = checkpointAt(log, upTo, events.at(-1), checkpoint);
  const outcome = await model.commit(changes, [...parked.values()], checkpoint, next);
  if (outcome === 'fenced') throw new Fenced(`${projection.name} is fed by another process`);
  for (const entry of parked.values()) member.parked.set(entry.key, entry);
  member.checkpoint = next;
}

const familyName = ({ stream }: Recorded) => stream.split('-', 1)[0]!;

function checkpointAt(log: string, position: number, newest: Recorded | undefined, before: Checkpoint | undefined) {
  const last = newest ? { stream: newest.stream, revision: newest.revision, id: newest.id } : before?.last;
  return { log, position, ...(last && { last }) };
}

export interface CatchUpOptions extends AdvanceOptions {
  batch?: number;
  signal?: AbortSignal;
  /** rests after each batch for as long as it took, so that those who serve have processor and disk to themselves */
  restful?: boolean;
  onAdvance?: (member: Member) => void;
}

/** Feeds one member by a read of its own up to the present end of the log. */
export async function catchUp(store: EventStore, log: string, member: Member, options: CatchUpOptions): Promise<void> {
  const { projection } = member;
  const read = reader(projection.families);
  for await (const { events, upTo } of store.follow({
    after: member.checkpoint?.position ?? 0,
    families: projection.families.map(({ name }) => name),
    live: false,
    batch: options.batch ?? BATCH,
    ...(options.signal && { signal: options.signal }),
  })) {
    if (events.length === 0 && member.checkpoint && upTo <= member.checkpoint.position) continue;
    const start = performance.now();
    await advance(member, log, events.map(read), upTo, options);
    options.onAdvance?.(member);
    if (options.restful) await setTimeout(performance.now() - start);
  }
}

export interface ProjectorHooks {
  /** a read model has taken in everything up to its checkpoint */
  advanced(member: Member): void;
  /** the log cannot be followed for the time being; said again only for another reason that a person must mend */
  interrupted?(reason: Error): void;
  resumed?(): void;
  /** the projector cannot go on until a person has looked */
  stopped(reason: Error): void;
}

/**
 * Feeds many read models from one follower. A member whose store is away leaves, catches up by a read of its own
 * with growing pauses, and joins again; the others never wait for it.
 */
export class Projector {
  readonly #store: EventStore;
  readonly #log: string;
  readonly #hooks: ProjectorHooks;
  readonly #members = new Set<Member>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #round = new AbortController();
  /** why the log cannot be followed, as it was said */
  #interruption: string | undefined;

  constructor(store: EventStore, log: string, hooks: ProjectorHooks) {
    this.#store = store;
    this.#log = log;
    this.#hooks = hooks;
  }

  /** Takes a member in; it catches up by itself first. Resolves when it has. */
  add(member: Member): Promise<void> {
    this.#members.add(member);
    return this.#track(this.#recover(member));
  }

  remove(member: Member): void {
    this.#members.delete(member);
    this.#round.abort();
  }

  /** Follows the log until `stop`. */
  start(): void {
    void this.#track(this.#follow());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#round.abort();
    await Promise.allSettled(this.#running);
  }

  #track(work: Promise<void>): Promise<void> {
    const guarded = work.catch(error => this.#giveUp(error)).finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
    return guarded;
  }

  #giveUp(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#round.abort();
    this.#hooks.stopped(error instanceof Error ? error : new Error(String(error)));
  }

  #feeds(member: Member): boolean {
    return !this.#stop.signal.aborted && this.#members.has(member);
  }

  async #recover(member: Member): Promise<void> {
    const { signal } = this.#stop;
    for (let pause = FIRST_PAUSE_MS; this.#feeds(member); pause = longer(pause)) {
      try {
        await catchUp(this.#store, this.#log, member, {
          onError: 'park',
          signal,
          onAdvance: () => this.#hooks.advanced(member),
        });
        member.live = true;
        this.#round.abort(); // the follower starts again where the hindmost stands
        return;
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        await setTimeout(pause, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #follow(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#stop.signal.aborted; ) {
      this.#round = new AbortController();
      const { signal } = this.#round;
      if (this.#stop.signal.aborted) return;
      const group = [...this.#members].filter(member => member.live);
      if (group.length === 0) {
        await aborted(signal);
        continue;
      }
      try {
        await this.#followWith(group, signal);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        if (this.#interruption !== error.message) this.#interrupted(error);
        await setTimeout(pause, undefined, { signal: this.#stop.signal }).catch(() => {});
        pause = longer(pause);
      }
    }
  }

  async #followWith(group: readonly Member[], signal: AbortSignal): Promise<void> {
    const read = reader([...new Set(group.flatMap(({ projection }) => projection.families))]);
    // All facts, also those that nobody projects: a read model is known to be as far as a command's last fact only once
    // that fact has come by.
    for await (const { events, upTo } of this.#store.follow({
      after: Math.min(...group.map(({ checkpoint }) => checkpoint?.position ?? 0)),
      live: true,
      batch: BATCH,
      signal,
      onInterruption: reason => {
        if (this.#interruption === undefined) this.#interrupted(reason);
      },
    })) {
      this.#resumed();
      // What is in hand may begin behind a member that has joined meanwhile.
      if (signal.aborted) return;
      const facts = events.map(read);
      const fed = await Promise.allSettled(group.map(member => this.#feed(member, facts, upTo)));
      const failed = fed.find(outcome => outcome.status === 'rejected');
      if (failed) throw failed.reason;
    }
  }

  #interrupted(reason: Error): void {
    this.#interruption = reason.message;
    this.#hooks.interrupted?.(reason);
  }

  #resumed(): void {
    if (this.#interruption === undefined) return;
    this.#interruption = undefined;
    this.#hooks.resumed?.();
  }

  async #feed(member: Member, events: readonly Recorded[], upTo: number): Promise<void> {
    if (!member.live || (member.checkpoint && member.checkpoint.position >= upTo)) return;
    try {
      await advance(member, this.#log, events, upTo, { onError: 'park' });
      this.#hooks.advanced(member);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      member.live = false;
      void this.#track(this.#recover(member));
    }
  }
}

const longer = (pause: number): number => Math.min(pause * 2, LONGEST_PAUSE_MS);

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
