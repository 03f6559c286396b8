import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isAway } from './errors.ts';
import type { EventStore } from './event-store/port.ts';
import type { Family, Recorded } from './fact.ts';
import { type AdvanceOptions, advance, Fenced, look, type Member } from './member.ts';
import { asFarAsItGoes, reader } from './projection.ts';
import type { Parked } from './read-model/port.ts';

export const BATCH = 500;
export const REBUILD_BATCH = 2000;
/** A read model that takes longer over a batch leaves the others, and catches up by a read of its own. */
const SLOW_MS = 1000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

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
    const { taken, end, failure } = asFarAsItGoes(events, upTo, read);
    try {
      await advance(member, log, taken, end, options);
    } finally {
      options.onAdvance?.(member);
    }
    if (failure) throw failure.reason;
    // A file answers at once: without a turn of the event loop nobody who wants us to stop would be heard.
    await (options.restful ? setTimeout(performance.now() - start) : setImmediate());
  }
}

export interface ProjectorHooks {
  /** a read model has taken in everything up to its checkpoint, has left, or is live again */
  advanced(member: Member): void;
  /** a read model cannot be fed for the time being; told again for another reason, and over once it is live */
  held?(member: Member, reason: Error): void;
  /** another projector feeds the same read model; this one looks where it stands, and tries again */
  fenced?(member: Member): void;
  /** a fact cannot be folded: its key is skipped until the read model is rebuilt */
  parked?(member: Member, entry: Parked): void;
  /** the log cannot be followed for the time being; said again only for another reason that a person must mend */
  interrupted?(reason: Error): void;
  resumed?(): void;
  /** Runs the feeding of a live batch, so that it can be traced. */
  around?(events: readonly Recorded[], feed: () => Promise<void>): Promise<void>;
  /** the projector cannot go on until a person has looked; `member` if one read model is the cause */
  stopped(reason: Error, member?: Member): void;
}

/**
 * Feeds many read models from one follower. A member whose store is slow or away leaves, catches up by a read of its own,
 * with exponential back-off, and joins again; the others wait for it once, for a second at most. A member that another
 * projector feeds too does the same, without a back-off: two projectors at work on the same read models get no wrong row
 * and lose no fact, and `takeTurns` sees to it that one of them stops.
 */
export class Projector {
  readonly #store: EventStore;
  readonly #log: string;
  readonly #families: readonly string[];
  readonly #hooks: ProjectorHooks;
  readonly #members = new Set<Member>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #round = new AbortController();
  /** why the log cannot be followed, as it was said */
  #interruption: string | undefined;

  /** @param families all of ours: a read model is known to be as far as a command's last fact once that has come by */
  constructor(store: EventStore, log: string, families: readonly Family[], hooks: ProjectorHooks) {
    this.#store = store;
    this.#log = log;
    this.#families = families.map(({ name }) => name);
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

  #giveUp(error: unknown, member?: Member): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#round.abort();
    this.#hooks.stopped(error instanceof Error ? error : new Error(String(error)), member);
  }

  #feeds(member: Member): boolean {
    return !this.#stop.signal.aborted && this.#members.has(member);
  }

  async #recover(member: Member): Promise<void> {
    const { signal } = this.#stop;
    let told: string | undefined;
    for (let pause = FIRST_PAUSE_MS; this.#feeds(member); pause = longer(pause)) {
      try {
        await look(member);
        await catchUp(this.#store, this.#log, member, {
          ...this.#options(member),
          signal,
          onAdvance: () => this.#hooks.advanced(member),
        });
        if (!this.#feeds(member)) return;
        member.live = true;
        this.#hooks.advanced(member);
        this.#round.abort(); // the follower starts again where the hindmost stands
        return;
      } catch (error) {
        if (error instanceof Fenced) {
          this.#hooks.fenced?.(member);
          pause = FIRST_PAUSE_MS / 2; // the other may be gone by the next try
        } else if (!isAway(error)) return this.#giveUp(error, member);
        const reason = error as Error;
        if (told !== reason.message) this.#hooks.held?.(member, reason);
        told = reason.message;
        // Jitter: two projectors that fence each other must not go on in step.
        await setTimeout(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
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
        await once(signal, 'abort');
        continue;
      }
      try {
        await this.#followWith(group, signal);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (!isAway(error)) throw error;
        if (this.#interruption !== (error as Error).message) this.#interrupted(error as Error);
        await setTimeout(pause, undefined, { signal: this.#stop.signal }).catch(() => {});
        pause = longer(pause);
      }
    }
  }

  async #followWith(group: readonly Member[], signal: AbortSignal): Promise<void> {
    const read = reader([...new Set(group.flatMap(({ projection }) => projection.families))]);
    // Also those that nobody projects, but not what others write into the same server: that may go away again.
    for await (const { events, upTo } of this.#store.follow({
      after: Math.min(...group.map(({ checkpoint }) => checkpoint?.position ?? 0)),
      families: this.#families,
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
      const { taken, end, failure } = asFarAsItGoes(events, upTo, read);
      const feed = () => this.#feedAll(group, taken, end);
      await (this.#hooks.around?.(taken, feed) ?? feed());
      if (failure) throw failure.reason;
    }
  }

  /** Resolves when all have taken the batch, or have left because they are slow. */
  async #feedAll(group: readonly Member[], events: readonly Recorded[], upTo: number): Promise<void> {
    const late = new Set(group);
    const feeding = group.map(member =>
      this.#track(this.#feed(member, events, upTo)).finally(() => late.delete(member)),
    );
    const patience = new AbortController();
    const slow = setTimeout(SLOW_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([Promise.all(feeding), slow]);
    patience.abort();
    for (const member of late) member.live = false;
  }

  #options(member: Member): AdvanceOptions {
    return { onError: 'park', onParked: entry => this.#hooks.parked?.(member, entry) };
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
      await advance(member, this.#log, events, upTo, this.#options(member));
    } catch (error) {
      if (error instanceof Fenced) this.#hooks.fenced?.(member);
      else if (!isAway(error)) return this.#giveUp(error, member);
      member.live = false;
    } finally {
      this.#hooks.advanced(member);
    }
    if (!member.live) void this.#track(this.#recover(member));
  }
}

const longer = (pause: number): number => Math.min(pause * 2, LONGEST_PAUSE_MS);
