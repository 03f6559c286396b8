import type { Change } from './read-model/port.ts';

/** A row of open work in the read model. Each claim, renewal and failed attempt changes `until`. */
export interface WorkRow {
  readonly stream: string;
  readonly kind: string;
  readonly attempt: number;
  readonly claimId?: string;
  /**
   * How long workers wait with the row in this state, from when they first see it: until a claim expires, or until a
   * next try or a deadline. 0: it can be claimed at once.
   */
  readonly waitMs: number;
  /** the end of that wait by the writer's clock */
  readonly until: string;
}

interface Entry<Row> {
  readonly key: string;
  readonly row: Row;
  /** ms of this process's monotonic clock */
  readonly due: number;
}

/** Minimum wait of work that is pending at a start, whatever the clocks say: its worker may still be running. */
const LEAST_WAIT_MS = 10_000;
/** Replaced entries stay in the order until they are more than half of it. */
const MOST_REPLACED = 100;

/**
 * Pending work, ordered by due time of this process's own clock: another node's clock must not end a wait too early or
 * too late. It receives only changes, so no row is read twice.
 */
export class Waiting<Row extends WorkRow> {
  readonly #entries = new Map<string, Entry<Row>>();
  /** ascending by `due`; entries no longer in the map are skipped */
  #order: Entry<Row>[] = [];

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Applies changed rows by their keys.
   * @param elapsed now, by the monotonic clock, in ms
   * @param timeOfDay for rows that existed at a start, whose wait may be partly over: now in ms since 1970
   */
  learn(changes: readonly Pick<Change<Row>, 'key' | 'row'>[], elapsed: number, timeOfDay?: number): void {
    for (const { key, row } of changes) {
      if (!row || row.waitMs <= 0) {
        this.#entries.delete(key);
        continue;
      }
      const before = this.#entries.get(key);
      if (before && isSame(before.row, row)) continue;
      const left = timeOfDay === undefined ? row.waitMs : leftOf(row, timeOfDay);
      this.#put({ key, row, due: elapsed + left });
    }
    if (this.#order.length > 2 * this.#entries.size + MOST_REPLACED) {
      const present = new Set(this.#entries.values());
      this.#order = this.#order.filter(entry => present.has(entry));
    }
  }

  /** Rows whose wait is over, in order of their due times. */
  *over(elapsed: number): Generator<Row> {
    const first = this.#order.findIndex(entry => this.#isPresent(entry));
    this.#order.splice(0, first < 0 ? this.#order.length : first);
    for (const entry of this.#order) {
      if (entry.due > elapsed) return;
      if (this.#isPresent(entry)) yield entry.row;
    }
  }

  #isPresent(entry: Entry<Row>): boolean {
    return this.#entries.get(entry.key) === entry;
  }

  #put(entry: Entry<Row>): void {
    this.#entries.set(entry.key, entry);
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order[middle]!.due <= entry.due) low = middle + 1;
      else high = middle;
    }
    this.#order.splice(low, 0, entry);
  }
}

const isSame = (one: WorkRow, other: WorkRow): boolean =>
  one.claimId === other.claimId &&
  one.attempt === other.attempt &&
  one.until === other.until &&
  one.waitMs === other.waitMs;

const leftOf = ({ waitMs, until }: WorkRow, timeOfDay: number): number =>
  Math.min(waitMs, Math.max(LEAST_WAIT_MS, Date.parse(until) - timeOfDay));
