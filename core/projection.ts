import { type EventOf, type Fact, type Family, familyOf, type Recorded, upcast } from './fact.ts';

export type ColumnType = 'text' | 'integer' | 'real' | 'boolean' | 'json';

/** A column of a read model. `T` is the type of its values in a row; an optional one may be absent. */
export interface Column<T = unknown, O extends boolean = boolean> {
  readonly type: ColumnType;
  readonly optional: O;
  /** carries T for the compiler */
  readonly of?: T;
}

export const text = <T extends string = string>(): Column<T, false> => ({ type: 'text', optional: false });
export const integer = (): Column<number, false> => ({ type: 'integer', optional: false });
export const real = (): Column<number, false> => ({ type: 'real', optional: false });
export const boolean = (): Column<boolean, false> => ({ type: 'boolean', optional: false });
export const json = <T>(): Column<T, false> => ({ type: 'json', optional: false });
export const optional = <T>({ type }: Column<T, false>): Column<T, true> => ({ type, optional: true });

export type Columns = Readonly<Record<string, Column>>;
type ValueOf<C> = C extends Column<infer T, boolean> ? T : never;
type RequiredOf<C extends Columns> = { [K in keyof C]: C[K]['optional'] extends false ? K : never }[keyof C];

export type RowOf<C extends Columns> = { readonly [K in RequiredOf<C>]: ValueOf<C[K]> } & {
  readonly [K in Exclude<keyof C, RequiredOf<C>>]?: ValueOf<C[K]>;
};

/** The definition of a read model, for the stores and the projector. */
export interface Projection<Row = Record<string, unknown>> {
  readonly name: string;
  readonly version: number;
  readonly store: 'relational' | 'document';
  readonly families: readonly Family[];
  readonly columns: Columns;
  /** lists of columns for searching and sorting */
  readonly indexes: readonly (readonly string[])[];
  /** further filter columns: each index carries them, so that rows are skipped without being read */
  readonly carried: readonly string[];
  keys(event: Recorded): readonly string[];
  /** The row after the event; `undefined` deletes it. Pure: it never changes its argument. */
  fold(row: Row | undefined, event: Recorded, key: string): Row | undefined;
}

/** The part of a projection that a store needs. */
export type Shape = Pick<Projection, 'name' | 'version' | 'columns' | 'indexes' | 'carried'>;

/** The effect of each fact on a row, or `'ignored'`: every fact of the families must be listed. */
type Handlers<E extends Fact, Row> = {
  readonly [T in E['type']]:
    | ((row: Row | undefined, event: Recorded<Extract<E, { type: T }>>, key: string) => Row | undefined)
    | 'ignored';
};

/**
 * A read model as a keyed fold: the rows that an event touches, and their new values. Batching, idempotence and
 * rebuilding follow from that. After a change raise `version`: a new table is built beside the old one.
 */
export function projection<const F extends Family, const C extends Columns>(definition: {
  name: string;
  version: number;
  store: Projection['store'];
  from: readonly F[];
  columns: C;
  indexes?: readonly (readonly (keyof C & string)[])[];
  carried?: readonly (keyof C & string)[];
  keys: (event: Recorded<EventOf<F>>) => readonly string[];
  on: Handlers<EventOf<F>, RowOf<C>>;
}): Projection<RowOf<C>> {
  const { name, version, store, from, columns, indexes = [], carried = [], keys, on } = definition;
  type Handler = (row: RowOf<C> | undefined, event: Recorded, key: string) => RowOf<C> | undefined;
  const handlers = new Map(Object.entries<Handler | 'ignored'>(on as never).filter(isHandled<Handler>));
  return {
    name,
    version,
    store,
    families: from,
    columns,
    indexes,
    carried,
    keys: event => (handlers.has(event.type) ? keys(event as Recorded<EventOf<F>>) : []),
    fold(row, event, key) {
      const handler = handlers.get(event.type);
      return handler ? handler(row, event, key) : row;
    },
  };
}

const isHandled = <H>(entry: [string, H | 'ignored']): entry is [string, H] => entry[1] !== 'ignored';

/**
 * Reads stored facts as the newest version of their kinds; facts of other families are not changed. @throws NewerFacts
 */
export function reader(families: readonly Family[]): (stored: Recorded) => Recorded {
  const byName = new Map(families.map(family => [family.name, family]));
  return stored => {
    const family = byName.get(familyOf(stored.stream));
    return family ? upcast(family, stored) : stored;
  };
}

/** Processes a batch fact by fact, up to the first that throws. `end` is the position reached. */
export function asFarAsItGoes<T>(
  events: readonly Recorded[],
  upTo: number,
  take: (event: Recorded) => T,
): { taken: T[]; end: number; failure?: { reason: unknown } } {
  const taken: T[] = [];
  for (const event of events) {
    try {
      taken.push(take(event));
    } catch (reason) {
      return { taken, end: events[taken.length - 1]?.position ?? 0, failure: { reason } };
    }
  }
  return { taken, end: upTo };
}
