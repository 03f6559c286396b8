import { randomUUID } from 'node:crypto';
import { Refused } from './errors.ts';

/** A row of open work, as the read model has it. */
export interface WorkRow {
  readonly stream: string;
  readonly kind: string;
  readonly claimId?: string;
  readonly traceparent?: string;
}

export interface WorkerOptions<Row extends WorkRow> {
  /** what is due by now, claimed or not */
  due(): Promise<readonly Row[]>;
  /** @throws Refused where somebody else was quicker, or it is done */
  claim(row: Row, claimId: string): Promise<unknown>;
  /** Does it and appends the outcome with the claim. */
  perform(row: Row, claimId: string): Promise<unknown>;
  /** Notes that an attempt came to nothing. */
  fail(row: Row, claimId: string, error: unknown): Promise<unknown>;
  /** what nobody expects: a store that is away, a bug */
  report(error: unknown): void;
  concurrency: number;
  /** how long a claim is respected, by this process's own monotonic clock */
  claimMs: number;
  /** the safety net for wake-ups that got lost, and the clock for what comes due */
  lookEveryMs: number;
}

const keyOf = ({ stream, kind }: WorkRow): string => `${stream} ${kind}`;

/** Does open work, at most so many at once, until it is stopped. What it leaves undone, somebody else finds. */
export class Worker<Row extends WorkRow> {
  readonly #options: WorkerOptions<Row>;
  readonly #busy = new Map<string, Promise<void>>();
  /** what could not be claimed: not tried again before there is news */
  readonly #refused = new Set<string>();
  readonly #seen = new Map<string, { claimId: string; since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = true;

  constructor(options: WorkerOptions<Row>) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
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
    clearTimeout(this.#timer);
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        const rows = await this.#options.due();
        this.#forgetAllBut(rows);
        this.#takeOn(rows);
      } catch (error) {
        this.#options.report(error);
      }
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), this.#options.lookEveryMs);
  }

  /** Claims on work that has ended. */
  #forgetAllBut(rows: readonly Row[]): void {
    const open = new Set(rows.map(keyOf));
    for (const key of this.#seen.keys()) if (!open.has(key)) this.#seen.delete(key);
  }

  #takeOn(rows: readonly Row[]): void {
    for (const row of rows) {
      const key = keyOf(row);
      if (this.#stopped || this.#busy.size >= this.#options.concurrency) return;
      if (this.#busy.has(key) || this.#refused.has(key) || !this.#free(key, row)) continue;
      const work = this.#work(key, row).finally(() => {
        this.#busy.delete(key);
        this.#look();
      });
      this.#busy.set(key, work);
    }
  }

  /** A claim counts from when this process first saw it: another node's clock must not end it too early. */
  #free(key: string, { claimId }: Row): boolean {
    if (claimId === undefined) return true;
    const seen = this.#seen.get(key);
    if (seen?.claimId === claimId) return performance.now() - seen.since >= this.#options.claimMs;
    this.#seen.set(key, { claimId, since: performance.now() });
    return false;
  }

  async #work(key: string, row: Row): Promise<void> {
    const claimId = randomUUID();
    try {
      await this.#options.claim(row, claimId);
    } catch (error) {
      this.#refused.add(key);
      if (!(error instanceof Refused)) this.#options.report(error);
      return;
    }
    this.#seen.delete(key);
    try {
      await this.#options.perform(row, claimId);
    } catch (error) {
      this.#options.report(error);
      await this.#options.fail(row, claimId, error).catch((failure: unknown) => {
        if (!(failure instanceof Refused)) this.#options.report(failure);
      });
    }
  }
}
