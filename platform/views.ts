import type { ServiceSchema } from 'moleculer';
import { z } from 'zod';
import { Unavailable } from '../core/errors.ts';
import type { Projection } from '../core/projection.ts';
import type { Change, Query, ReadModel, ReadModels, Where } from '../core/read-model/port.ts';
import { listening, type News } from './joint.ts';
import { unavailable } from './problem.ts';

/** The projector has fed a view up to a position. */
export const advanced = {
  event: 'projector.advanced',
  payload: z.object({ name: z.string().max(100), position: z.int() }),
} satisfies News;

const WAIT_MS = 2000;
/** A wake-up may be lost on the bus: look again by ourselves. */
const LOOK_AGAIN_MS = 250;

/** What services ask of the read models: always the generation that is served now. */
export class Views {
  readonly #stores: Record<Projection['store'], ReadModels>;
  readonly #waiting = new Set<() => void>();

  constructor(stores: Record<Projection['store'], ReadModels>) {
    this.#stores = stores;
  }

  /** Resolves if the stores of all views answer. @throws Unavailable */
  async ready(): Promise<void> {
    await Promise.all([...new Set(Object.values(this.#stores))].map(models => models.checkpoints()));
  }

  async #served<Row>(projection: Projection<Row>): Promise<ReadModel<Row>> {
    const store = this.#stores[projection.store];
    const generation = await store.served(projection);
    if (generation === undefined) throw new Unavailable(`${projection.name} is still being built`);
    return store.generation(projection, generation);
  }

  async find<Row>(projection: Projection<Row>, query: Query<Row>): Promise<readonly Row[]> {
    return (await this.#served(projection)).find(query);
  }

  async count<Row>(projection: Projection<Row>, where: Where<Row>): Promise<number> {
    return (await this.#served(projection)).count(where);
  }

  /** @param atLeast a position that was waited for: the row is read where that was seen */
  async get<Row>(projection: Projection<Row>, key: string, atLeast?: number): Promise<Row | undefined> {
    return (await (await this.#served(projection)).load([key], atLeast)).get(key)?.row;
  }

  /** What changed after a place in a generation. All of it, from the start, where another generation is served now. */
  async changed<Row>(
    projection: Projection<Row>,
    { generation, position }: { generation: number; position: number },
    limit: number,
  ): Promise<{ generation: number; changes: readonly Change<Row>[] }> {
    const store = this.#stores[projection.store];
    const served = await store.served(projection);
    if (served === undefined) throw new Unavailable(`${projection.name} is still being built`);
    const model = await store.generation(projection, served);
    return { generation: served, changes: await model.changed(served === generation ? position : 0, limit) };
  }

  async checkpoint<Row>(projection: Projection<Row>): Promise<number> {
    return (await (await this.#served(projection)).checkpoint())?.position ?? 0;
  }

  /** Resolves once the view has seen `position`. @throws Problem 503 `projection-behind` after two seconds */
  async waitFor<Row>(projection: Projection<Row>, position: number | undefined): Promise<void> {
    if (position === undefined) return;
    const deadline = performance.now() + WAIT_MS;
    while ((await this.checkpoint(projection)) < position) {
      const left = deadline - performance.now();
      if (left <= 0) throw unavailable('projection-behind', 'what you wait for is not visible yet; try again');
      await this.#advance(Math.min(left, LOOK_AGAIN_MS));
    }
  }

  #advance(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }

  /** Everybody who waits looks again. */
  wake(): void {
    for (const done of this.#waiting) done();
  }
}

/** Listens for the projector's news, on every node that reads views. */
export const viewsService = (views: Views): ServiceSchema => ({
  name: 'views',
  events: listening(advanced, () => views.wake()),
});
