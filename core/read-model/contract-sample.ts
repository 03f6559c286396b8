import type { TestContext } from 'node:test';
import { fact, family } from '../fact.ts';
import { boolean, integer, json, optional, projection, type RowOf, real, text } from '../projection.ts';
import type { Change, Checkpoint, Parked, ReadModel, ReadModels } from './port.ts';

export interface OpenedReadModels {
  readonly models: ReadModels;
  /** another handle on the same store; the first stays open */
  reopen(): Promise<ReadModels>;
  close(): Promise<void>;
}

/** Opens an empty store. */
export type OpenReadModels = () => Promise<OpenedReadModels>;

export interface ContractOptions {
  /** why this store cannot be opened a second time; cases that need it are skipped */
  noReopen?: string | false;
}

const things = family('thing', { ThingNoted: fact<{ name: string }>() });

/** Every type of column, required and optional, and a name that SQL has for itself. */
const columns = {
  id: text(),
  size: integer(),
  label: optional(text()),
  rank: optional(integer()),
  weight: optional(real()),
  fresh: optional(boolean()),
  extra: optional(json<unknown>()),
  order: optional(text()),
};

export type Thing = RowOf<typeof columns>;

export const thingsAt = (version: number) =>
  projection({
    name: 'things',
    version,
    store: 'relational',
    from: [things],
    columns,
    indexes: [['label', 'rank'], ['order']],
    carried: ['rank', 'fresh'],
    keys: () => [],
    on: {},
  });

export const sample = thingsAt(1);

export const at = (position: number, log = 'log-a'): Checkpoint => ({
  log,
  position,
  last: { stream: 'thing-1', revision: position, id: `fact-${position}` },
});

export const thing = (id: string, values: Partial<Thing> = {}): Thing => ({ id, size: 1, ...values });

export const put = (position: number, ...rows: Thing[]): Change<Thing>[] =>
  rows.map(row => ({ key: row.id, position, row }));

export const gone = (position: number, key: string): Change<Thing> => ({ key, position, row: undefined });

/** As plain objects: what a database hands out may have another prototype. */
export const parkedOf = async (model: ReadModel<Thing>): Promise<Parked[]> =>
  (await model.parked()).map(entry => ({ ...entry }));

/** A generation, built where it is missing. */
export async function built(models: ReadModels, projection: typeof sample, generation: number) {
  await models.build(projection, generation);
  return models.generation(projection, generation);
}

/** A store that is closed when the test ends. */
export async function opened(t: TestContext, open: OpenReadModels): Promise<OpenedReadModels> {
  const store = await open();
  t.after(() => store.close());
  return store;
}

/** A fresh generation of the sample in a fresh store, filled at position 1. */
export async function filled(t: TestContext, open: OpenReadModels, rows: Thing[] = []): Promise<ReadModel<Thing>> {
  const { models } = await opened(t, open);
  const model = await built(models, sample, 0);
  if (rows.length > 0) await model.commit(put(1, ...rows), [], undefined, at(1));
  return model;
}
