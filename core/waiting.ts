import type { Change } from './read-model/port.ts';

/** A row of open work, as the read model has it. Each claim, renewal and failed attempt changes `until`. */
export interface WorkRow {
  readonly stream: string;
  readonly kind: string;
  readonly attempt: number;
  readonly claimId?: string;
  /**
   * How long the row is left alone in this state, from when a worker first sees it so: until a claim has run out, or a
   * next try or a deadline has come. 0: it can be claimed at once.
   */
  readonly waitMs: number;
  /** when that is over by the clock of the node that wrote it */
  readonly until: string;
}

interface Entry<Row> {
  readonly key: string;
  readonly row: Row;
  /** in ms of this process's monotonic clock */
  readonly due: number;
}

/** Whatever the clocks say, work that waits at a start is left alone for so long: its worker may still be at it. */
const LEAST_WAIT_MS = 10_000;
/** Entries that were replaced, kept in the order until they are more than half of it. */
const MOST_REPLACED = 100;

/**
 * Work that waits, in the order in which it falls due by this process's own clock: another node's clock must not end a
 * wait too early or too late. It is told of changes only, so no row is read twice.
 */
export class Waiting<Row extends WorkRow> {
  readonly #entries = new Map<string, Entry<Row>>();
  /** ascending by `due`; entries that are not in the map any more are passed over */
  #order: Entry<Row>[] = [];

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Takes in changed rows by their keys.
   * @param elapsed now, by the monotonic clock, in ms
   * @param timeOfDay for rows that were there at a start, of whose wait a part may be over: now in ms since 1970
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

  /** Rows whose wait is over, the one that fell due first before the others. */
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
