import { Unavailable } from '../errors.ts';
import type { Leases } from '../lease.ts';
import type { Projection, Shape } from '../projection.ts';

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
  /** the answer comes from where the checkpoint is at this position or later; otherwise `Behind` is thrown */
  atLeast?: number | undefined;
}

/** One generation of one read model. */
export interface ReadModel<Row> {
  /** @throws Unavailable */
  checkpoint(): Promise<Checkpoint | undefined>;
  /**
   * The rows of these keys, deleted ones too; a key that never had a row is left out.
   * @param atLeast as in `Query`
   * @throws Behind, Unavailable
   */
  load(keys: readonly string[], atLeast?: number): Promise<ReadonlyMap<string, Stored<Row>>>;
  /**
   * Writes the rows, then moves the checkpoint from `from` to `upTo`. A row that is not older than the change stays.
   *
   * `committed`: all of it is written, and every later read of this handle sees it. `fenced`: the checkpoint is not at
   * `from`, so another runner is at work; the checkpoint and `parked` are as they were. After an error the commit may be
   * written as a whole, or in part.
   *
   * What may be there in part are rows: after `fenced` or an error, rows of `changes` may be written, each guarded by its
   * position. The checkpoint is never ahead of a row: it moves last, or in one transaction with the rows. So a store
   * without transactions writes rows first; the rows ahead of the checkpoint skip the facts that they have seen.
   * @throws Unavailable; any other error where a value does not fit its column
   */
  commit(
    changes: readonly Change<Row>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'>;
  /** In the order of their keys. @throws Unavailable */
  parked(): Promise<readonly Parked[]>;
  /** @throws Behind, Unavailable */
  find(query?: Query<Row>): Promise<readonly Row[]>;
  /** @throws Unavailable */
  count(where?: Where<Row>): Promise<number>;
  /**
   * Rows that changed after a position, deleted ones too, in order; at least `limit` of them if there are so many,
   * and never only some of those that changed at one position.
   * @throws Unavailable
   */
  changed(after: number, limit: number): Promise<readonly Change<Row>[]>;
}

/**
 * All read models of one store, and its leases. Generations of a projection stand side by side; one of them is served.
 * Only `build`, `serve`, `drop` and `retire` change tables and indexes: a reader needs no right to.
 */
export interface ReadModels extends Leases {
  /** Makes an empty store ours, where that takes more than opening it. @throws Unavailable, with a message for the operator */
  prepare?(): Promise<void>;
  /** Makes an empty generation where there is none. @throws Unavailable */
  build(projection: Shape, generation: number): Promise<void>;
  /** Opens a generation that was built. @throws Unavailable also where it was not built, or was dropped */
  generation<Row>(projection: Projection<Row>, generation: number): Promise<ReadModel<Row>>;
  /** The generation that answers queries for this version of the projection, if one does yet. @throws Unavailable */
  served(projection: Shape): Promise<number | undefined>;
  /** Lets a generation answer queries, with its indexes. @throws Unavailable */
  serve(projection: Shape, generation: number): Promise<void>;
  /** Removes a generation's rows, checkpoint and parked keys, and the pointer to it. @throws Unavailable */
  drop(projection: Shape, generation: number): Promise<void>;
  /** Versions of a projection of which there is a generation, in order. @throws Unavailable */
  versions(name: string): Promise<readonly number[]>;
  /** Drops all generations of one version of a projection. @throws Unavailable */
  retire(name: string, version: number): Promise<void>;
  /** Where the generations stand, of whichever projection and version, served or not. @throws Unavailable */
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** Once or more often. Whatever is asked afterwards throws Unavailable. */
  close(): Promise<void>;
}

/** The replica, or the whole read model, has not seen the position that a read asks for. */
export class Behind extends Unavailable {
  override readonly name = 'Behind';
}
