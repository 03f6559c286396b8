import { explained } from '../../core/errors.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import type { Turn } from '../../core/lease.ts';
import type { Projection } from '../../core/projection.ts';
import { Projector } from '../../core/projector.ts';
import type { ReadModels } from '../../core/read-model/port.ts';
import { Signal } from '../../core/signal.ts';
import { openSubscriber, type Subscriber } from '../../core/subscriber.ts';
import { allFamilies } from '../../events/index.ts';
import { tracedBatch } from '../../platform/tracing.ts';
import type { FromProjector } from './messages.ts';
import type { ViewStatus } from './projector.api.ts';

export interface FeedingParts {
  readonly store: EventStore;
  readonly stores: Readonly<Record<Projection['store'], ReadModels>>;
  readonly logId: string;
  readonly projections: readonly Projection[];
  tell(message: FromProjector): void;
}

/** The projector is stopped until an operator acts. This was reported already. */
export class Halted extends Error {
  override readonly name = 'Halted';
}

/** Feeds all read models for as long as this node holds the lease. */
export class Feeding {
  readonly #parts: FeedingParts;
  readonly #turn: Turn;
  readonly #projector: Projector;
  readonly #served = new Map<string, Subscriber>();
  #halt: { reason: Error; view?: string } | undefined;
  #isOver = false;
  /** signals progress of any read model, and the end */
  readonly #news = new Signal();
  /** since when each subscriber has been live or not, and the reason */
  readonly #standings = new WeakMap<Subscriber, { live: boolean; since: string; reason?: string }>();

  constructor(parts: FeedingParts, turn: Turn) {
    this.#parts = parts;
    this.#turn = turn;
    const { tell } = parts;
    this.#projector = new Projector(parts.store, parts.logId, allFamilies, {
      advanced: fed => {
        // A generation that will replace another is not reported yet.
        if ((this.#served.get(fed.projection.name) ?? fed) === fed) this.#report(fed);
        this.#news.notify();
      },
      stalled: (fed, { message }) => {
        this.#standings.set(fed, { ...this.#standingOf(fed), reason: message });
        tell({ type: 'stalled', view: fed.projection.name, message });
      },
      around: tracedBatch,
      fenced: () => this.#check(),
      parked: ({ projection }, { key, position, error }) =>
        tell({ type: 'parked', view: projection.name, key, position, message: error }),
      interrupted: ({ message }) => tell({ type: 'interrupted', message }),
      resumed: () => tell({ type: 'resumed' }),
      stopped: (reason, subscriber) => {
        this.#halt = { reason, ...(subscriber && { view: subscriber.projection.name }) };
        void this.#end();
      },
    });
    if (turn.signal.aborted) void this.#end();
    else turn.signal.addEventListener('abort', () => void this.#end(), { once: true });
  }

  /**
   * Starts at each read model's checkpoint; missing ones and those of another log are built first. Resolves when the
   * turn is over and nothing is written any more.
   * @throws Halted, and errors of opening the read models
   */
  async run(): Promise<void> {
    try {
      const subscribers = await Promise.all(
        this.#parts.projections.map(async projection =>
          this.#load(projection, (await this.#modelsOf(projection).served(projection)) ?? 0),
        ),
      );
      this.#projector.start();
      await Promise.all(
        subscribers.map(async joining => {
          await this.#projector.add(joining);
          if (!this.#isOver) await this.#serve(joining);
        }),
      );
      if (!this.#isOver) this.#parts.tell({ type: 'ready' });
      while (!this.#isOver) await this.#news.wait();
      if (this.#halt && (await this.#isOurs())) {
        tellStopped(this.#parts.tell, this.#halt.reason, this.#halt.view);
        throw new Halted(this.#halt.reason.message);
      }
    } catch (error) {
      if (await this.#isOurs()) throw error;
    } finally {
      await this.#end();
    }
  }

  /**
   * Serves a generation that was built separately, once it has caught up with the served one. After a failure the
   * previous one stays served and fed.
   */
  async adopt(name: string, generation: number): Promise<void> {
    const projection = this.#parts.projections.find(projection => projection.name === name);
    if (!projection) throw new Error(`there is no projection called ${name}`);
    // The previous one stays readable for queries that have just looked it up; the one before that is dropped.
    if (generation >= 2) await this.#modelsOf(projection).drop(projection, generation - 2);
    const joining = await this.#load(projection, generation);
    const before = this.#served.get(name);
    try {
      await this.#projector.add(joining);
      while (!this.#isOver && !hasCaughtUpWith(before, joining)) await this.#news.wait();
      if (this.#isOver) throw new Error('the projector has stopped');
      await this.#serve(joining);
    } catch (error) {
      this.#projector.remove(joining);
      throw error;
    }
    if (before) this.#projector.remove(before);
    this.#parts.tell({ type: 'promoted', name, generation });
  }

  /** @throws Error for the operator if there is no such version, or it is not an older one */
  async retire(name: string, version: number): Promise<void> {
    const projection = this.#parts.projections.find(projection => projection.name === name);
    if (!projection) throw new Error(`there is no projection called ${name}`);
    if (version >= projection.version) {
      throw new Error(`this release shows version ${projection.version} of ${name}: only older ones can be retired`);
    }
    const models = this.#modelsOf(projection);
    const versions = await models.versions(name);
    if (!versions.includes(version)) {
      throw new Error(`there is no version ${version} of ${name}: there is ${versions.join(', ')}`);
    }
    await models.retire(name, version);
    this.#parts.tell({ type: 'retired', name, version });
  }

  #modelsOf = (projection: Projection): ReadModels => this.#parts.stores[projection.store];

  #load(projection: Projection, generation: number): Promise<Subscriber> {
    return openSubscriber(this.#parts.store, this.#modelsOf(projection), this.#parts.logId, projection, generation);
  }

  async #serve(joined: Subscriber): Promise<void> {
    const { projection, generation } = joined;
    await this.#modelsOf(projection).serve(projection, generation);
    this.#served.set(projection.name, joined);
    this.#report(joined);
    // The previous version stays: a rollback and the nodes of a rolling upgrade read it.
    const older = (await this.#modelsOf(projection).versions(projection.name)).filter(one => one < projection.version);
    for (const version of older.slice(0, -1)) await this.#modelsOf(projection).retire(projection.name, version);
  }

  /** Whether a failure is this node's own: a paused holder may feed a generation that the next holder has dropped. */
  async #isOurs(): Promise<boolean> {
    await this.#turn.check().catch(() => {});
    return !this.#turn.signal.aborted;
  }

  #check(): void {
    this.#turn.check().catch(() => {}); // the next check meets it too
  }

  /** Resolves when nothing is written any more. */
  #end(): Promise<void> {
    this.#isOver = true;
    this.#news.notify();
    return this.#projector.stop();
  }

  #report(fed: Subscriber): void {
    if (!this.#turn.signal.aborted) this.#parts.tell({ type: 'advanced', status: this.#statusOf(fed) });
  }

  #standingOf(fed: Subscriber) {
    const known = this.#standings.get(fed);
    if (known?.live === fed.live) return known;
    const standing = { live: fed.live, since: new Date().toISOString() };
    this.#standings.set(fed, standing);
    return standing;
  }

  #statusOf(fed: Subscriber): ViewStatus {
    const { projection, generation, checkpoint, parked } = fed;
    return {
      name: projection.name,
      version: projection.version,
      generation,
      position: checkpoint?.position ?? 0,
      parked: parked.size,
      ...this.#standingOf(fed),
    };
  }
}

/** Reports why the projector has stopped. */
export function tellStopped(tell: FeedingParts['tell'], error: unknown, view?: string): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  tell({ type: 'stopped', name, message, report: explained(error), ...(view !== undefined && { view }) });
}

const hasCaughtUpWith = (before: Subscriber | undefined, { live, checkpoint }: Subscriber): boolean =>
  live && (checkpoint?.position ?? 0) >= (before?.checkpoint?.position ?? 0);
