import { fact, family } from '../fact.ts';
import { boolean, integer, json, optional, projection, type RowOf, real, text } from '../projection.ts';
import type { Change, Checkpoint, Parked, ReadModel, ReadModels } from './port.ts';

export interface OpenedReadModels {
  readonly models: ReadModels;
  /** Opens another handle on the same store; the first stays open. Absent if the store allows only one handle. */
  readonly reopen?: () => Promise<ReadModels>;
  close(): Promise<void>;
}

/** Opens an empty store. */
export type OpenReadModels = () => Promise<OpenedReadModels>;

/** Registers the cases of one group. */
export interface Group {
  test(title: string, run: (store: OpenedReadModels) => Promise<void>): void;
  /** a case that needs a second handle */
  sharing(title: string, run: (store: Required<OpenedReadModels>) => Promise<void>): void;
  /** a rule on random input */
  property(title: string, run: (store: OpenedReadModels) => Promise<void>): void;
}

const things = family('thing', { ThingNoted: fact<{ name: string }>() });

/** Every column type, required and optional, and a column named by an SQL keyword. */
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
    on: { ThingNoted: 'ignored' },
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

/** As plain objects: rows from a database driver may have another prototype. */
export const parkedOf = async (model: ReadModel<Thing>): Promise<Parked[]> =>
  (await model.parked()).map(entry => ({ ...entry }));

/** Builds a generation unless it exists, and opens it. */
export async function built(models: ReadModels, projection: typeof sample, generation: number) {
  await models.build(projection, generation);
  return models.generation(projection, generation);
}

/** A new generation of the sample in a fresh store, filled at position 1. */
export async function filled({ models }: OpenedReadModels, rows: Thing[] = []): Promise<ReadModel<Thing>> {
  const model = await built(models, sample, 0);
  if (rows.length > 0) await model.commit(put(1, ...rows), [], undefined, at(1));
  return model;
}
