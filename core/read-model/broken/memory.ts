import { Unavailable } from '../../errors.ts';
import type { Lease } from '../../lease.ts';
import type { Projection, Shape } from '../../projection.ts';
import { compareValues, matches } from '../contract-find.ts';
import type { Thing } from '../contract-sample.ts';
import {
  Behind,
  type Change,
  type Checkpoint,
  type Parked,
  type Query,
  type ReadModel,
  type ReadModels,
  type Stored,
  type Where,
} from '../port.ts';

/** One generation as stored. */
export interface Data {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  checkpoint: Checkpoint | undefined;
  readonly rows: Map<string, Stored<Thing>>;
  readonly parked: Map<string, Parked>;
}

/** State shared by the handles of one store. */
export interface Shared {
  readonly generations: Map<string, Data>;
  readonly served: Map<string, number>;
  readonly leases: Map<string, Lease>;
}

export const emptyShared = (): Shared => ({ generations: new Map(), served: new Map(), leases: new Map() });

const plain = (row: Thing): Thing => JSON.parse(JSON.stringify(row));

/** One generation in memory. Broken adapters override the step that they break. */
export class MemoryModel implements ReadModel<Thing> {
  readonly data: Data;
  readonly isClosed: () => boolean;

  constructor(data: Data, isClosed: () => boolean) {
    this.data = data;
    this.isClosed = isClosed;
  }

  usable(): Data {
    if (this.isClosed()) throw new Unavailable('the read models are closed');
    return this.data;
  }

  async checkpoint() {
    return this.usable().checkpoint;
  }

  async load(keys: readonly string[], atLeast?: number) {
    this.require(atLeast);
    const { rows } = this.usable();
    return new Map(keys.flatMap(key => (rows.has(key) ? [[key, rows.get(key)!] as const] : [])));
  }

  require(atLeast = 0): void {
    if ((this.usable().checkpoint?.position ?? 0) < atLeast)
      throw new Behind('the read model has not reached this position');
  }

  isAt(present: Checkpoint | undefined, from: Checkpoint | undefined): boolean {
    return present?.position === from?.position && present?.log === from?.log;
  }

  isStale(stored: Stored<Thing>, change: Change<Thing>): boolean {
    return stored.position >= change.position;
  }

  merged(_stored: Stored<Thing> | undefined, row: Thing): Thing {
    return row;
  }

  write(changes: readonly Change<Thing>[]): void {
    const { rows } = this.data;
    const written = changes.map(change => ({ ...change, row: change.row && plain(change.row) }));
    for (const change of written) {
      const stored = rows.get(change.key);
      if (stored && this.isStale(stored, change)) continue;
      const row = change.row && this.merged(stored, change.row);
      rows.set(change.key, { row, position: change.position });
    }
  }

  park(parked: readonly Parked[]): void {
    for (const entry of parked) this.data.parked.set(entry.key, entry);
  }

  fenced(_changes: readonly Change<Thing>[], _from: Checkpoint | undefined, _upTo: Checkpoint): 'committed' | 'fenced' {
    return 'fenced';
  }

  async commit(
    changes: readonly Change<Thing>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'> {
    const data = this.usable();
    if (!this.isAt(data.checkpoint, from)) return this.fenced(changes, from, upTo);
    this.write(changes);
    this.park(parked);
    data.checkpoint = upTo;
    return 'committed';
  }

  async parked() {
    return [...this.usable().parked.values()].sort((a, b) => compareValues(a.key, b.key));
  }

  compare(a: unknown, b: unknown): number {
    return compareValues(a, b);
  }

  compareKeys(a: string, b: string): number {
    return compareValues(a, b);
  }

  present(where: Where<Thing> = {}): [string, Thing][] {
    const all = [...this.usable().rows].flatMap(([key, { row }]) => (row ? [[key, row] as [string, Thing]] : []));
    return all.filter(([, row]) => matches(row, where));
  }

  isAfter(order: number, _cursorKey: string): boolean {
    return order > 0;
  }

  async find({ where, orderBy, direction, after, limit, atLeast }: Query<Thing> = {}) {
    this.require(atLeast);
    const sign = direction === 'desc' ? -1 : 1;
    const place = (value: unknown, key: string, other: unknown, otherKey: string) =>
      sign * ((orderBy ? this.compare(value, other) : 0) || this.compareKeys(key, otherKey));
    const sortedBy = (row: Thing) => orderBy && row[orderBy];
    const sorted = this.present(where).sort((a, b) => place(sortedBy(a[1]), a[0], sortedBy(b[1]), b[0]));
    const rest = after
      ? sorted.filter(([key, row]) => this.isAfter(place(sortedBy(row), key, after[0], after[1]), after[1]))
      : sorted;
    return rest.slice(0, limit ?? rest.length).map(([, row]) => row);
  }

  async count(where?: Where<Thing>, atLeast?: number) {
    this.require(atLeast);
    return this.present(where).length;
  }

  async changed(after: number, limit: number, atLeast?: number): Promise<readonly Change<Thing>[]> {
    this.require(atLeast);
    const all = [...this.usable().rows]
      .map(([key, stored]) => ({ key, ...stored }))
      .filter(({ position }) => position > after)
      .sort((a, b) => a.position - b.position || compareValues(a.key, b.key));
    const last = all[Math.min(limit, all.length) - 1];
    return all.filter(({ position }) => last !== undefined && position <= last.position);
  }
}

/** Sound read models in memory, built so that broken adapters can override single steps. */
export class MemoryReadModels implements ReadModels {
  readonly shared: Shared;
  readonly Model: typeof MemoryModel;
  #isClosed = false;

  constructor(shared: Shared, Model: typeof MemoryModel = MemoryModel) {
    this.shared = shared;
    this.Model = Model;
  }

  usable(): Shared {
    if (this.#isClosed) throw new Unavailable('the read models are closed');
    return this.shared;
  }

  pointerOf({ name, version }: Pick<Shape, 'name' | 'version'>): string {
    return JSON.stringify([name, version]);
  }

  keyOf({ name, version }: Pick<Shape, 'name' | 'version'>, generation: number): string {
    return JSON.stringify([name, version, generation]);
  }

  async build(projection: Shape, generation: number) {
    const { generations } = this.usable();
    const key = this.keyOf(projection, generation);
    const { name, version } = projection;
    if (generations.has(key)) return;
    generations.set(key, { name, version, generation, checkpoint: undefined, rows: new Map(), parked: new Map() });
  }

  async generation<Row>(projection: Projection<Row>, generation: number): Promise<ReadModel<Row>> {
    const data = this.usable().generations.get(this.keyOf(projection, generation));
    if (!data) throw new Unavailable('not built yet');
    return new this.Model(data, () => this.#isClosed) as unknown as ReadModel<Row>;
  }

  async served(projection: Shape) {
    return this.usable().served.get(this.pointerOf(projection));
  }

  async serve(projection: Shape, generation: number) {
    this.usable().served.set(this.pointerOf(projection), generation);
  }

  async drop(projection: Shape, generation: number) {
    const { generations, served } = this.usable();
    generations.delete(this.keyOf(projection, generation));
    const pointer = this.pointerOf(projection);
    if (served.get(pointer) === generation) served.delete(pointer);
  }

  async versions(name: string) {
    const all = [...this.usable().generations.values()].filter(data => data.name === name);
    return [...new Set(all.map(({ version }) => version))].sort((a, b) => a - b);
  }

  async retire(name: string, version: number) {
    const { generations, served } = this.usable();
    for (const [key, data] of generations) if (data.name === name && data.version === version) generations.delete(key);
    served.delete(this.pointerOf({ name, version }));
  }

  async checkpoints() {
    return [...this.usable().generations.values()].flatMap(({ checkpoint }) => checkpoint ?? []);
  }

  async lease(name: string) {
    return this.usable().leases.get(name);
  }

  isSameLease(present: Lease | undefined, from: Lease | undefined): boolean {
    return (
      present?.holder === from?.holder &&
      present?.renewals === from?.renewals &&
      present?.challenged === from?.challenged
    );
  }

  async swapLease(name: string, from: Lease | undefined, to: Lease) {
    const { leases } = this.usable();
    if (!this.isSameLease(leases.get(name), from)) return false;
    leases.set(name, to);
    return true;
  }

  async close() {
    this.#isClosed = true;
  }
}
