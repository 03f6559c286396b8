import { Unavailable } from '../errors.ts';
import type { Leases } from '../lease.ts';
import type { Projection, Shape } from '../projection.ts';

/** The progress of a read model: the log, the position in it, and the last fact of its families up to there. */
export interface Checkpoint {
  readonly log: string;
  readonly position: number;
  readonly last?: { readonly stream: string; readonly revision: number; readonly id: string };
}

/** A row with the position of the last fact that changed it. Without a row it is a tombstone, deleted there. */
export interface Stored<Row> {
  readonly row: Row | undefined;
  readonly position: number;
}

export interface Change<Row> extends Stored<Row> {
  readonly key: string;
}

/** A key whose fold threw or returned an invalid row. Its row stays unchanged; its later facts are only counted. */
export interface Parked {
  readonly key: string;
  readonly position: number;
  readonly error: string;
  readonly skipped: number;
}

type Comparable = string | number | boolean;
/** All parts must hold. Rows without the field match only `absent: true`. */
export interface Condition {
  readonly gt?: Comparable;
  readonly gte?: Comparable;
  readonly lt?: Comparable;
  readonly lte?: Comparable;
  /** equal to one of these; an empty list matches no row */
  readonly in?: readonly Comparable[];
  /** true: rows without the field; false: rows that have it */
  readonly absent?: boolean;
}
export type Where<Row> = { readonly [K in keyof Row]?: Comparable | Condition };

/** Strings compare by their UTF-8 bytes; rows without the field sort before all others. */
export interface Query<Row> {
  where?: Where<Row>;
  orderBy?: keyof Row & string;
  direction?: 'asc' | 'desc';
  /** cursor: the last row's value of `orderBy` (or undefined) and its key */
  after?: readonly [value: Comparable | undefined, key: string];
  limit?: number;
  /** the answer includes all facts up to this position; otherwise `find` throws `Behind` */
  atLeast?: number | undefined;
}

/** One generation of one read model. After `ReadModels.close` every method throws Unavailable. */
export interface ReadModel<Row> {
  /**
   * Resolves with the last committed checkpoint, or undefined before the first commit.
   * @throws Unavailable if the store does not answer in time
   */
  checkpoint(): Promise<Checkpoint | undefined>;
  /**
   * Resolves with the stored rows of these keys, tombstones included; a key that never had a row is missing from the map.
   * @param atLeast as in `Query`
   * @throws Behind if the checkpoint is below `atLeast`
   * @throws Unavailable if the store does not answer in time
   */
  load(keys: readonly string[], atLeast?: number): Promise<ReadonlyMap<string, Stored<Row>>>;
  /**
   * Writes the rows, then moves the checkpoint from `from` to `upTo`. A change not newer than the stored row is ignored.
   *
   * `committed`: everything is written, and later reads of this handle see it. `fenced`: the checkpoint is not at `from`,
   * so another runner is active; the checkpoint and `parked` are unchanged. After an error the commit may be written as a
   * whole, in part, or not at all.
   *
   * Only rows may be written in part: after `fenced` or an error, rows of `changes` may be stored, each guarded by its
   * position. The checkpoint is never ahead of a row: it moves last, or in one transaction with the rows. A store without
   * transactions therefore writes rows first; rows ahead of the checkpoint skip the facts that they already include.
   * @throws Unavailable if the store does not answer in time
   * @throws Error if a value does not fit its column
   */
  commit(
    changes: readonly Change<Row>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'>;
  /**
   * Resolves with all parked keys, sorted by key.
   * @throws Unavailable if the store does not answer in time
   */
  parked(): Promise<readonly Parked[]>;
  /**
   * Resolves with the matching rows, without tombstones, sorted by `orderBy` and then by key.
   * @throws Behind if the checkpoint is below `query.atLeast`
   * @throws Unavailable if the store does not answer in time
   */
  find(query?: Query<Row>): Promise<readonly Row[]>;
  /**
   * Resolves with the number of matching rows, without tombstones.
   * @param atLeast as in `Query`
   * @throws Behind if the checkpoint is below `atLeast`
   * @throws Unavailable if the store does not answer in time
   */
  count(where?: Where<Row>, atLeast?: number): Promise<number>;
  /**
   * Resolves with the rows and tombstones that changed after a position, sorted by position and key: at least `limit` of
   * them if that many exist, and always all rows of the last position.
   * @param atLeast as in `Query`
   * @throws Behind if the checkpoint is below `atLeast`
   * @throws Unavailable if the store does not answer in time
   */
  changed(after: number, limit: number, atLeast?: number): Promise<readonly Change<Row>[]>;
}

/**
 * All read models of one store, and its leases. A projection may have several generations; queries use the served one.
 * Only `build`, `serve`, `drop` and `retire` change tables and indexes, so a reader needs no right to do so.
 */
export interface ReadModels extends Leases {
  /**
   * Claims an empty store for ZipBob, if that takes more than opening it.
   * @throws Unavailable if the store does not answer in time, with a message for the operator
   */
  prepare?(): Promise<void>;
  /**
   * Creates an empty generation unless it exists. Resolves once other handles can open it.
   * @throws Unavailable if the store does not answer in time
   */
  build(projection: Shape, generation: number): Promise<void>;
  /**
   * Opens an existing generation.
   * @throws Unavailable if the generation is not built or was dropped, or the store does not answer in time
   */
  generation<Row>(projection: Projection<Row>, generation: number): Promise<ReadModel<Row>>;
  /**
   * Resolves with the generation that serves queries for this version of the projection, or undefined if none does.
   * @throws Unavailable if the store does not answer in time
   */
  served(projection: Shape): Promise<number | undefined>;
  /**
   * Creates the indexes of a generation, then makes it the served one.
   * @throws Unavailable if the store does not answer in time
   */
  serve(projection: Shape, generation: number): Promise<void>;
  /**
   * Removes a generation with its rows, checkpoint and parked keys, and stops serving it. Does nothing if it is missing.
   * @throws Unavailable if the store does not answer in time
   */
  drop(projection: Shape, generation: number): Promise<void>;
  /**
   * Resolves with the versions of a projection that have a generation, in ascending order.
   * @throws Unavailable if the store does not answer in time
   */
  versions(name: string): Promise<readonly number[]>;
  /**
   * Drops all generations of one version of a projection.
   * @throws Unavailable if the store does not answer in time
   */
  retire(name: string, version: number): Promise<void>;
  /**
   * Resolves with the checkpoints of all generations of all projections and versions, served or not.
   * @throws Unavailable if the store does not answer in time
   */
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** Releases all resources; afterwards every method throws Unavailable. A second call does nothing. */
  close(): Promise<void>;
}

/** The replica, or the whole read model, has not reached the position that a read requires. */
export class Behind extends Unavailable {
  override readonly name = 'Behind';
}
