import { type EventOf, type Fact, type Family, familyOf, type Recorded, upcast } from './fact.ts';

export type ColumnType = 'text' | 'integer' | 'real' | 'boolean' | 'json';

/** A column of a read model. `T` is the type of its values in a row; an optional one may be absent. */
export interface Column<T = unknown, O extends boolean = boolean> {
  readonly type: ColumnType;
  readonly optional: O;
  /** carries T for the compiler only */
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

/** What a read model is made of, as the stores and the projector see it. */
export interface Projection<Row = Record<string, unknown>> {
  readonly name: string;
  readonly version: number;
  readonly store: 'relational' | 'document';
  readonly families: readonly Family[];
  readonly columns: Columns;
  /** lists of columns that are searched or sorted by */
  readonly indexes: readonly (readonly string[])[];
  /** columns that queries narrow by besides: each index carries them, so that rows are passed over without being read */
  readonly carried: readonly string[];
  keys(event: Recorded): readonly string[];
  /** The row after the event; `undefined` deletes it. Pure: never changes the row that it is given. */
  fold(row: Row | undefined, event: Recorded, key: string): Row | undefined;
}

/** What a store of read models has to know of a projection. */
export type Shape = Pick<Projection, 'name' | 'version' | 'columns' | 'indexes' | 'carried'>;

/** What a fact does to a row, or that it does nothing: every fact of the families must be named. */
type Handlers<E extends Fact, Row> = {
  readonly [T in E['type']]:
    | ((row: Row | undefined, event: Recorded<Extract<E, { type: T }>>, key: string) => Row | undefined)
    | 'ignored';
};

/**
 * A read model as a keyed fold: which rows an event touches, and what each becomes. Batching, idempotence and
 * rebuilding follow from that. Change what it shows, and raise `version`: a new table is built beside the old one.
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

/** Reads stored facts as the newest version of their kinds; those of other families stay as they are. @throws NewerFacts */
export function reader(families: readonly Family[]): (stored: Recorded) => Recorded {
  const byName = new Map(families.map(family => [family.name, family]));
  return stored => {
    const family = byName.get(familyOf(stored.stream));
    return family ? upcast(family, stored) : stored;
  };
}

/** Takes one fact of a batch after the other, up to the first that throws. `end` is where that leaves us. */
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
