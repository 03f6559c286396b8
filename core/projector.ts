import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { BackOff } from './back-off.ts';
import { isAway } from './errors.ts';
import type { EventStore } from './event-store/port.ts';
import type { Family, Recorded } from './fact.ts';
import { pause } from './pause.ts';
import { asFarAsItGoes, reader } from './projection.ts';
import type { Parked } from './read-model/port.ts';
import { type AdvanceOptions, advance, Fenced, look, type Subscriber } from './subscriber.ts';

export const BATCH = 500;
export const REBUILD_BATCH = 2000;
/** A read model that takes longer for a batch leaves the others and catches up by its own reads. */
const SLOW_MS = 1000;
const PAUSES = { firstMs: 100, longestMs: 30_000 };

export interface CatchUpOptions extends AdvanceOptions {
  batch?: number;
  signal?: AbortSignal;
  /** pauses after each batch for as long as it took, which leaves processor and disk to requests */
  restful?: boolean;
  onAdvance?: (subscriber: Subscriber) => void;
}

/** Feeds one subscriber by its own read, up to the present end of the log. */
export async function catchUp(
  store: EventStore,
  log: string,
  subscriber: Subscriber,
  options: CatchUpOptions,
): Promise<void> {
  const { projection } = subscriber;
  const read = reader(projection.families);
  for await (const { events, upTo } of store.follow({
    after: subscriber.checkpoint?.position ?? 0,
    families: projection.families.map(({ name }) => name),
    live: false,
    batch: options.batch ?? BATCH,
    ...(options.signal && { signal: options.signal }),
  })) {
    if (events.length === 0 && subscriber.checkpoint && upTo <= subscriber.checkpoint.position) continue;
    const start = performance.now();
    const { taken, end, failure } = asFarAsItGoes(events, upTo, read);
    try {
      await advance(subscriber, log, taken, end, options);
    } finally {
      options.onAdvance?.(subscriber);
    }
    if (failure) throw failure.reason;
    // A file answers at once: without a turn of the event loop, a request to stop would not arrive.
    await (options.restful ? setTimeout(performance.now() - start) : setImmediate());
  }
}

export interface ProjectorHooks {
  /** a read model has reached a checkpoint, has left, or is live again */
  advanced(subscriber: Subscriber): void;
  /** a read model cannot be fed at present; called again for another reason; over once it is live */
  stalled?(subscriber: Subscriber, reason: Error): void;
  /** another projector feeds the same read model; this one rereads the checkpoint and retries */
  fenced?(subscriber: Subscriber): void;
  /** a fact cannot be folded: its key is skipped until the read model is rebuilt */
  parked?(subscriber: Subscriber, entry: Parked): void;
  /** the log cannot be followed at present; called again only for another reason that needs an operator */
  interrupted?(reason: Error): void;
  resumed?(): void;
  /** Wraps the feeding of a live batch, for tracing. */
  around?(events: readonly Recorded[], feed: () => Promise<void>): Promise<void>;
  /** the projector stops until an operator acts; `subscriber` is the read model that caused it, if one did */
  stopped(reason: Error, subscriber?: Subscriber): void;
}

/**
 * Feeds many read models from one follower. A subscriber whose store is slow or away leaves, catches up by its own
 * reads with exponential back-off, and rejoins; the others wait for it once, for at most a second. A subscriber that
 * another projector also feeds does the same without back-off. Two projectors on the same read models write no wrong
 * row and lose no fact; `takeTurns` stops one of them.
 */
export class Projector {
  readonly #store: EventStore;
  readonly #log: string;
  readonly #families: readonly string[];
  readonly #hooks: ProjectorHooks;
  readonly #subscribers = new Set<Subscriber>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #round = new AbortController();
  /** the reported reason why the log cannot be followed */
  #interruption: string | undefined;

  /** @param families all families: a read model has reached a command's last fact once the follower has passed it */
  constructor(store: EventStore, log: string, families: readonly Family[], hooks: ProjectorHooks) {
    this.#store = store;
    this.#log = log;
    this.#families = families.map(({ name }) => name);
    this.#hooks = hooks;
  }

  /** Adds a subscriber. Resolves once it has caught up by its own reads. */
  add(subscriber: Subscriber): Promise<void> {
    this.#subscribers.add(subscriber);
    return this.#track(this.#recover(subscriber));
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
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

  #giveUp(error: unknown, subscriber?: Subscriber): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#round.abort();
    this.#hooks.stopped(error instanceof Error ? error : new Error(String(error)), subscriber);
  }

  #feeds(subscriber: Subscriber): boolean {
    return !this.#stop.signal.aborted && this.#subscribers.has(subscriber);
  }

  async #recover(subscriber: Subscriber): Promise<void> {
    const { signal } = this.#stop;
    let lastReason: string | undefined;
    const backOff = new BackOff(PAUSES);
    while (this.#feeds(subscriber)) {
      try {
        await look(subscriber);
        await catchUp(this.#store, this.#log, subscriber, {
          ...this.#options(subscriber),
          signal,
          onAdvance: () => this.#hooks.advanced(subscriber),
        });
        if (!this.#feeds(subscriber)) return;
        subscriber.live = true;
        this.#hooks.advanced(subscriber);
        this.#round.abort(); // the follower restarts at the position of the last subscriber
        return;
      } catch (error) {
        if (error instanceof Fenced) {
          this.#hooks.fenced?.(subscriber);
          backOff.reset(); // the other projector may be gone by the next try
        } else if (!isAway(error)) return this.#giveUp(error, subscriber);
        const reason = error as Error;
        if (lastReason !== reason.message) this.#hooks.stalled?.(subscriber, reason);
        lastReason = reason.message;
        await backOff.pause(signal);
      }
    }
  }

  async #follow(): Promise<void> {
    const backOff = new BackOff(PAUSES);
    while (!this.#stop.signal.aborted) {
      this.#round = new AbortController();
      const { signal } = this.#round;
      if (this.#stop.signal.aborted) return;
      const group = [...this.#subscribers].filter(subscriber => subscriber.live);
      if (group.length === 0) {
        await once(signal, 'abort');
        continue;
      }
      try {
        await this.#followWith(group, signal);
        backOff.reset();
      } catch (error) {
        if (!isAway(error)) throw error;
        if (this.#interruption !== (error as Error).message) this.#interrupted(error as Error);
        await backOff.pause(this.#stop.signal);
      }
    }
  }

  async #followWith(group: readonly Subscriber[], signal: AbortSignal): Promise<void> {
    const read = reader([...new Set(group.flatMap(({ projection }) => projection.families))]);
    // Includes families without a projection, but not other programs' events, which may be deleted again.
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
      // This batch may begin after the position of a subscriber that has joined meanwhile.
      if (signal.aborted) return;
      const { taken, end, failure } = asFarAsItGoes(events, upTo, read);
      const feed = () => this.#feedAll(group, taken, end);
      await (this.#hooks.around?.(taken, feed) ?? feed());
      if (failure) throw failure.reason;
    }
  }

  /** Resolves once all have taken the batch or left because they are slow. */
  async #feedAll(group: readonly Subscriber[], events: readonly Recorded[], upTo: number): Promise<void> {
    const late = new Set(group);
    const feeding = group.map(subscriber =>
      this.#track(this.#feed(subscriber, events, upTo)).finally(() => late.delete(subscriber)),
    );
    const patience = new AbortController();
    await Promise.race([Promise.all(feeding), pause(SLOW_MS, patience.signal)]);
    patience.abort();
    for (const subscriber of late) subscriber.live = false;
  }

  #options(subscriber: Subscriber): AdvanceOptions {
    return { onError: 'park', onParked: entry => this.#hooks.parked?.(subscriber, entry) };
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

  async #feed(subscriber: Subscriber, events: readonly Recorded[], upTo: number): Promise<void> {
    if (!subscriber.live || (subscriber.checkpoint && subscriber.checkpoint.position >= upTo)) return;
    try {
      await advance(subscriber, this.#log, events, upTo, this.#options(subscriber));
    } catch (error) {
      if (error instanceof Fenced) this.#hooks.fenced?.(subscriber);
      else if (!isAway(error)) return this.#giveUp(error, subscriber);
      subscriber.live = false;
    } finally {
      this.#hooks.advanced(subscriber);
    }
    if (!subscriber.live) void this.#track(this.#recover(subscriber));
  }
}
