import type { Leases } from '../lease.ts';
import type { Projection } from '../projection.ts';

/** How far a read model has come, in which log, and the last fact of ours that it saw there. */
export interface Checkpoint {
  readonly log: string;
  readonly position: number;
  readonly last?: { readonly stream: string; readonly revision: number; readonly id: string };
}

/** A row with the position of the fact that last touched it; no row means that it was deleted then. */
export interface Stored<Row> {
  readonly row: Row | undefined;
  readonly position: number;
}

export interface Change<Row> extends Stored<Row> {
  readonly key: string;
}

/** A key whose fold threw, or made a row that fits no store: it is left as it was, and later facts of it are skipped and counted. */
export interface Parked {
  readonly key: string;
  readonly position: number;
  readonly error: string;
  readonly skipped: number;
}

type Comparable = string | number | boolean;
/** Each part of it must hold. Rows without the field meet no part but `absent: true`. */
export interface Condition {
  readonly gt?: Comparable;
  readonly gte?: Comparable;
  readonly lt?: Comparable;
  readonly lte?: Comparable;
  /** one of these; of none at all, no row */
  readonly in?: readonly Comparable[];
  /** true: rows without the field; false: rows that have it */
  readonly absent?: boolean;
}
export type Where<Row> = { readonly [K in keyof Row]?: Comparable | Condition };

/** Strings compare by the bytes of their UTF-8; rows without the field come before all others. */
export interface Query<Row> {
  where?: Where<Row>;
  orderBy?: keyof Row & string;
  direction?: 'asc' | 'desc';
  /** the last row's value of `orderBy` (or undefined) and its key */
  after?: readonly [value: Comparable | undefined, key: string];
  limit?: number;
}

/** One generation of one read model. A commit takes its checkpoint and its rows together, or nothing. */
export interface ReadModel<Row> {
  checkpoint(): Promise<Checkpoint | undefined>;
  load(keys: readonly string[]): Promise<ReadonlyMap<string, Stored<Row>>>;
  /**
   * `fenced` when the checkpoint is not at `from` any more: another runner is at work, nothing was written.
   * A row that is not older than the change is left alone. @throws Unavailable
   */
  commit(
    changes: readonly Change<Row>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'>;
  parked(): Promise<readonly Parked[]>;
  find(query?: Query<Row>): Promise<readonly Row[]>;
  count(where?: Where<Row>): Promise<number>;
  /**
   * Rows that changed after a position, deleted ones too, in order; at least `limit` of them if there are so many,
   * and never only some of those that changed at one position.
   */
  changed(after: number, limit: number): Promise<readonly Change<Row>[]>;
}

/** All read models of one store. Generations of a projection stand side by side; one of them is served. */
export interface ReadModels extends Leases {
  /** Made where it is missing. */
  generation<Row>(projection: Projection<Row>, generation: number): Promise<ReadModel<Row>>;
  /** The generation that answers queries for this version of the projection, if one does yet. */
  served(projection: Projection<never>): Promise<number | undefined>;
  serve(projection: Projection<never>, generation: number): Promise<void>;
  drop(projection: Projection<never>, generation: number): Promise<void>;
  /** Where the generations stand, of whichever projection and version, served or not. */
  checkpoints(): Promise<readonly Checkpoint[]>;
  close(): Promise<void>;
}
