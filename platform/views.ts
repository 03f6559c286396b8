import type { ServiceSchema } from 'moleculer';
import { z } from 'zod';
import { Refused, Unavailable } from '../core/errors.ts';
import type { EventStore } from '../core/event-store/port.ts';
import type { Projection } from '../core/projection.ts';
import {
  Behind,
  type Change,
  type Query,
  type ReadModel,
  type ReadModels,
  type Where,
} from '../core/read-model/port.ts';
import { Signal } from '../core/signal.ts';
import { listening, type News } from './joint.ts';
import { unavailable } from './problem.ts';

/** The projector has fed a view up to a position. */
export const advanced = {
  event: 'projector.advanced',
  payload: z.object({ name: z.string().max(100), position: z.int() }),
} satisfies News;

const WAIT_MS = 2000;
/** Poll interval, because a wake-up may be lost on the bus. */
const LOOK_AGAIN_MS = 250;

/** Positions that the views of one answer must have reached. */
export interface Since {
  /** requested by the client */
  readonly asked: number;
  /** known from this node's own commands: awaited too, but never a reason to refuse */
  readonly own: number;
  /** end of the wait for both, in milliseconds of `performance.now()`, however many reads an answer takes */
  readonly until: number;
}

/** @param own positions known from this node's own commands */
export const since = (asked: number | undefined, ...own: readonly (number | undefined)[]): Since => ({
  asked: asked ?? 0,
  own: Math.max(0, ...own.map(position => position ?? 0)),
  until: performance.now() + WAIT_MS,
});

/** The served generation. It is looked up again after `until`; the previous one stays readable but is no longer fed. */
interface Served<Row> {
  readonly generation: number;
  readonly model: ReadModel<Row>;
  readonly until: number;
}

const ANY_TIME: Since = { asked: 0, own: 0, until: 0 };

/**
 * Reads of the read models for services, always from the served generation. A read with `Since` is repeated until it
 * meets a replica that has reached those positions. The log is asked only while a view is behind.
 *
 * All reads throw Refused `position-unknown` for a position beyond the end of the log; Problem 503 `projection-behind`
 * if it is not reached in two seconds; Unavailable.
 */
export class Views {
  readonly #stores: Record<Projection['store'], ReadModels>;
  readonly #news = new Signal();
  readonly #log: Pick<EventStore, 'headPosition'>;
  readonly #served = new Map<object, unknown>();

  constructor(stores: Record<Projection['store'], ReadModels>, log: Pick<EventStore, 'headPosition'>) {
    this.#stores = stores;
    this.#log = log;
  }

  /** Resolves if the stores of all views answer. @throws Unavailable */
  async ready(): Promise<void> {
    await Promise.all([...new Set(Object.values(this.#stores))].map(models => models.checkpoints()));
  }

  async #generation<Row>(projection: Projection<Row>): Promise<Served<Row>> {
    const known = this.#served.get(projection) as Served<Row> | undefined;
    if (known && known.until > performance.now()) return known;
    const store = this.#stores[projection.store];
    const generation = await store.served(projection);
    if (generation === undefined) throw new Unavailable(`${projection.name} is still being built`);
    const model = await store.generation(projection, generation);
    const served = { generation, model, until: performance.now() + LOOK_AGAIN_MS };
    this.#served.set(projection, served);
    return served;
  }

  find<Row>(projection: Projection<Row>, query: Query<Row>, when = ANY_TIME): Promise<readonly Row[]> {
    return this.#read(projection, when, ({ model }, atLeast) => model.find({ ...query, atLeast }));
  }

  count<Row>(projection: Projection<Row>, where: Where<Row>, when = ANY_TIME): Promise<number> {
    return this.#read(projection, when, ({ model }, atLeast) => model.count(where, atLeast));
  }

  async get<Row>(projection: Projection<Row>, key: string, when = ANY_TIME): Promise<Row | undefined> {
    return (await this.load(projection, [key], when)).get(key)?.row;
  }

  load<Row>(projection: Projection<Row>, keys: readonly string[], when = ANY_TIME) {
    return this.#read(projection, when, ({ model }, atLeast) => model.load(keys, atLeast));
  }

  /** The changes after a place in a generation; all rows from the start if another generation is served now. */
  changed<Row>(
    projection: Projection<Row>,
    after: { generation: number; position: number },
    limit: number,
    when = ANY_TIME,
  ): Promise<{ generation: number; changes: readonly Change<Row>[] }> {
    this.#served.delete(projection);
    return this.#read(projection, when, async ({ generation, model }, atLeast) => {
      const position = generation === after.generation ? after.position : 0;
      return { generation, changes: await model.changed(position, limit, atLeast) };
    });
  }

  /** Resolves once the view has reached the positions of `when`. */
  async waitFor<Row>(projection: Projection<Row>, when: Since): Promise<void> {
    await this.load(projection, [], when);
  }

  async checkpoint<Row>(projection: Projection<Row>): Promise<number> {
    const { model } = await this.#generation(projection);
    return (await model.checkpoint())?.position ?? 0;
  }

  async #read<Row, T>(
    projection: Projection<Row>,
    { asked, own, until }: Since,
    read: (served: Served<Row>, atLeast: number | undefined) => Promise<T>,
  ): Promise<T> {
    let isKnown = asked <= own;
    for (let atLeast = Math.max(asked, own); ; ) {
      const heard = this.#news.count;
      const served = await this.#generation(projection);
      try {
        return await read(served, atLeast || undefined);
      } catch (error) {
        this.#served.delete(projection); // another generation may have taken its place
        if (!(error instanceof Behind)) {
          // Two rebuilds in a row drop a generation that this node may still know as served.
          if ((await this.#generation(projection)).generation === served.generation) throw error;
          continue;
        }
      }
      if (!isKnown) await this.#requireKnown(asked);
      isKnown = true;
      const left = until - performance.now();
      if (left > 0) await this.#news.wait(Math.min(left, LOOK_AGAIN_MS), heard);
      else if (atLeast === asked) throw behind();
      else atLeast = asked; // the log may be away: an old answer is better than none
    }
  }

  /** @throws Refused `position-unknown` */
  async #requireKnown(position: number): Promise<void> {
    if (position > (await this.#log.headPosition())) {
      throw new Refused('malformed', 'position-unknown', 'this position is beyond the end of the log');
    }
  }

  /** Wakes all requests that wait for a view. */
  wake(): void {
    this.#news.notify();
  }
}

const behind = () => unavailable('projection-behind', 'what you wait for is not visible yet; try again');

/** Listens for the projector's news, on every node that reads views. */
export const viewsService = (views: Views): ServiceSchema => ({
  name: 'views',
  events: listening(advanced, () => views.wake()),
});
