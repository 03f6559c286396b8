import type { Projection } from '../../core/projection.ts';
import type { ReadModel, ReadModels } from '../../core/read-model/port.ts';

/** Read models behind a balancer: each read goes to the other of two stores than the one before it. */
export function balanced(one: ReadModels, other: ReadModels): ReadModels {
  let turn = 0;
  return {
    ...bound(one),
    async generation<Row>(projection: Projection<Row>, generation: number): Promise<ReadModel<Row>> {
      const models = [await one.generation(projection, generation), await other.generation(projection, generation)];
      const next = () => models[turn++ % 2]!;
      return {
        checkpoint: () => next().checkpoint(),
        load: (keys, atLeast) => next().load(keys, atLeast),
        find: query => next().find(query),
        count: (where, atLeast) => next().count(where, atLeast),
        changed: (after, limit, atLeast) => next().changed(after, limit, atLeast),
        parked: () => next().parked(),
        commit: () => Promise.reject(new Error('replicas are read only')),
      };
    },
  };
}

const bound = (models: ReadModels): ReadModels => ({
  build: models.build.bind(models),
  generation: models.generation.bind(models),
  served: models.served.bind(models),
  serve: models.serve.bind(models),
  drop: models.drop.bind(models),
  versions: models.versions.bind(models),
  retire: models.retire.bind(models),
  checkpoints: models.checkpoints.bind(models),
  lease: models.lease.bind(models),
  swapLease: models.swapLease.bind(models),
  close: models.close.bind(models),
});
