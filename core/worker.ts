import { randomUUID } from 'node:crypto';
import { isAway, Refused } from './errors.ts';

/** A row of open work, as the read model has it. Each claim and each failed attempt changes `claimId` or `attempt`. */
export interface WorkRow {
  readonly stream: string;
  readonly kind: string;
  readonly attempt: number;
  readonly claimId?: string;
  /**
   * How long it is left alone as it is, from when it is seen so: until a claim has run out, a next try or a deadline
   * has come. 0: it can be taken on at once.
   */
  readonly waitMs: number;
  /** when that is over by the clock of the node that wrote it */
  readonly until: string;
}

export interface WorkerOptions<Row extends WorkRow> {
  /** what can be taken on at once; some of it, if there is much */
  ready(): Promise<readonly Row[]>;
  /** all that waits */
  waiting(): Promise<readonly Row[]>;
  /**
   * Resolves with false where it was ended instead, because its last attempt never came to an end.
   * @throws Refused where another worker was quicker, or it is done
   */
  claim(row: Row, claimId: string): Promise<boolean>;
  /** Does it and appends the outcome with the claim. */
  perform(row: Row, claimId: string): Promise<unknown>;
  /** Notes that an attempt failed. `isFinal`: the error is a mistake, which another attempt would meet again. */
  fail(row: Row, claimId: string, isFinal: boolean): Promise<unknown>;
  /** A failure that the worker gets over: a store that is away, a mistake in one piece of work. */
  report(error: unknown): void;
  /** The worker cannot look for work any more: it has stopped, and `failure` says why. */
  gaveUp(error: unknown): void;
  concurrency: number;
  /** how often it looks at what waits, and for what a lost wake-up would have told */
  lookEveryMs: number;
  /** this process's monotonic clock, in ms */
  elapsed?(): number;
  /** the time of day, in ms since 1970 */
  now?(): number;
}

/** Whatever the clocks say, work that waits at a start is left alone for so long: its worker may still be at it. */
const LEAST_WAIT_MS = 10_000;

const keyOf = ({ stream, kind }: WorkRow) => `${stream} ${kind}`;

/** Does open work, at most so many at once, until it is stopped. What it leaves undone, somebody else finds. */
export class Worker<Row extends WorkRow> {
  readonly #options: Required<WorkerOptions<Row>>;
  readonly #busy = new Map<string, Promise<void>>();
  /** what could not be claimed: not tried again before there is news */
  readonly #refused = new Set<string>();
  /** what a mistake keeps from being claimed: not tried again by this process */
  readonly #broken = new Set<string>();
  /** what waits, and since when by our own clock: that of another node must not end it too early or too late */
  #seen = new Map<string, { row: Row; since: number }>();
  #stale = true;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  /** it has not looked at what waits since its start */
  #fresh = true;
  #failure: unknown;

  constructor(options: WorkerOptions<Row>) {
    this.#options = { elapsed: () => performance.now(), now: () => Date.now(), ...options };
  }

  /** Why it has given up, if it has. */
  get failure(): unknown {
    return this.#failure;
  }

  start(): void {
    this.#stopped = false;
    this.#stale = true;
    this.#fresh = true;
    this.wake();
  }

  /** There is news: there may be something to do. */
  wake(): void {
    this.#refused.clear();
    this.#look();
  }

  #look(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#lookAround().finally(() => {
      this.#looking = undefined;
      if (this.#again) this.#look(); // asked for in the very moment that the last look ended
    });
  }

  /** Takes on nothing new; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#busy.values());
  }

  async #lookAround(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        if (this.#stale) await this.#lookAtWaiting();
        this.#takeOn(this.#over());
        this.#takeOn(await this.#options.ready());
      } catch (error) {
        if (!isAway(error)) return this.#giveUp(error);
        this.#options.report(error);
      }
    }
  }

  #giveUp(error: unknown): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#failure = error;
    this.#options.gaveUp(error);
  }

  /** There may be much of it: it is not looked at with every wake-up. What has ended meanwhile is forgotten. */
  async #lookAtWaiting(): Promise<void> {
    this.#stale = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#stale = true;
      this.wake();
    }, this.#options.lookEveryMs);
    const rows = await this.#options.waiting();
    const now = this.#options.elapsed();
    const seen = rows.map(row => {
      const before = this.#seen.get(keyOf(row));
      const isSame = before && before.row.claimId === row.claimId && before.row.attempt === row.attempt;
      return [keyOf(row), { row, since: isSame ? before.since : now - this.#waited(row) }] as const;
    });
    this.#seen = new Map(seen);
    this.#fresh = false;
  }

  /** How much of its wait a piece of work has behind it that was there at our start. Later ones begin when they are seen. */
  #waited({ waitMs, until }: Row): number {
    if (!this.#fresh) return 0;
    const left = Math.max(LEAST_WAIT_MS, Date.parse(until) - this.#options.now());
    return Math.max(0, waitMs - left);
  }

  /** What has waited long enough. */
  #over(): readonly Row[] {
    const now = this.#options.elapsed();
    return [...this.#seen.values()].flatMap(({ row, since }) => (now - since >= row.waitMs ? [row] : []));
  }

  #takeOn(rows: readonly Row[]): void {
    for (const row of rows) {
      const key = keyOf(row);
      if (this.#stopped || this.#busy.size >= this.#options.concurrency) return;
      if (this.#busy.has(key) || this.#refused.has(key) || this.#broken.has(key)) continue;
      const work = this.#work(key, row).finally(() => {
        this.#busy.delete(key);
        this.#look();
      });
      this.#busy.set(key, work);
    }
  }

  async #work(key: string, row: Row): Promise<void> {
    const claimId = randomUUID();
    try {
      if (!(await this.#options.claim(row, claimId))) return;
    } catch (error) {
      const isRefused = error instanceof Refused;
      (isRefused || isAway(error) ? this.#refused : this.#broken).add(key);
      if (!isRefused) this.#options.report(error);
      return;
    }
    this.#seen.delete(key);
    try {
      await this.#options.perform(row, claimId);
    } catch (error) {
      this.#options.report(error);
      const isFinal = !isAway(error) && !(error instanceof Refused);
      await this.#options.fail(row, claimId, isFinal).catch((failure: unknown) => {
        if (!(failure instanceof Refused)) this.#options.report(failure);
      });
    }
  }
}
