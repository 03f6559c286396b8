import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { within } from './deadline.ts';
import { isAway, Refused, Unavailable } from './errors.ts';
import type { Change } from './read-model/port.ts';
import { LimitOver, underClaim } from './under-claim.ts';
import { Waiting, type WorkRow } from './waiting.ts';
import type { Failure } from './work.ts';

/** Up to where the changes of a read model were read. */
export interface Place {
  readonly generation: number;
  readonly position: number;
}

export interface WorkerOptions<Row extends WorkRow> {
  /** Rows that can be claimed at once, the oldest first; some of them, if there are many. */
  ready(): Promise<readonly Row[]>;
  /**
   * Rows that changed after a place, in order, at least `limit` of them if there are so many; from the start where
   * another generation is served. Their keys are those of `keyOf`.
   */
  changes(
    after: Place,
    limit: number,
  ): Promise<{ readonly generation: number; readonly changes: readonly Change<Row>[] }>;
  /** whether a row is this worker's to do */
  isOurs?(row: Row): boolean;
  /**
   * Claims a row for `leaseMs`. Resolves with false where the work was ended instead, because its last attempt never
   * came to an end.
   * @throws Refused where another worker was quicker, or it is done
   */
  claim(row: Row, claimId: string): Promise<boolean>;
  /** Makes the claim hold for another `leaseMs`. @throws Refused where the claim is lost */
  renew(row: Row, claimId: string): Promise<unknown>;
  /** Does the work and appends the outcome with the claim, unless the signal has aborted. */
  perform(row: Row, claimId: string, signal: AbortSignal): Promise<unknown>;
  /** Notes that an attempt failed. */
  fail(row: Row, claimId: string, failure: Failure): Promise<unknown>;
  /** Reports a failure that the worker recovers from: a store that is away, a mistake in one piece of work. */
  report(error: unknown): void;
  /** The worker has stopped because of a mistake. */
  gaveUp(error: unknown): void;
  concurrency: number;
  /** how long a claim holds, in ms */
  leaseMs: number;
  /** how long one attempt may take, in ms */
  limitMs: number;
  /** how often it looks for what falls due, and for news whose wake-up was lost */
  lookEveryMs: number;
  /** how long `stop` leaves attempts under way alone, in ms */
  graceMs?: number;
  /** this process's monotonic clock, in ms */
  elapsed?(): number;
  /** the time of day, in ms since 1970 */
  now?(): number;
}

/** Changes read at a time. */
const PAGE = 500;
/** A store that gives no answer in this time is away. */
const ANSWER_MS = 10_000;
const GRACE_MS = 5000;

/** @throws Unavailable where there is no answer in time */
const answered = <T>(what: string, call: Promise<T>): Promise<T> =>
  within(ANSWER_MS, call, () => new Unavailable(`${what} took more than ${ANSWER_MS} ms`));

const keyOf = ({ stream, kind }: WorkRow) => `${stream} ${kind}`;

/** Does open work, at most so many pieces at once, until it is stopped. Another worker finds what it leaves undone. */
export class Worker<Row extends WorkRow> {
  readonly #options: Required<WorkerOptions<Row>>;
  readonly #busy = new Map<string, Promise<void>>();
  /** could not be claimed: not tried again before there is news */
  readonly #refused = new Set<string>();
  /** a mistake keeps it from being claimed: not tried again by this process */
  readonly #broken = new Set<string>();
  #waiting = new Waiting<Row>();
  #place: Place = { generation: -1, position: 0 };
  /** it has not read all changes since its start */
  #fresh = true;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #ending = new AbortController();
  #failure: unknown;

  constructor(options: WorkerOptions<Row>) {
    this.#options = {
      isOurs: () => true,
      graceMs: GRACE_MS,
      elapsed: () => performance.now(),
      now: () => Date.now(),
      ...options,
    };
  }

  /** Why it has given up, if it has. */
  get failure(): unknown {
    return this.#failure;
  }

  start(): void {
    this.#stopped = false;
    this.#fresh = true;
    this.#waiting = new Waiting();
    this.#place = { generation: -1, position: 0 };
    this.#ending = new AbortController();
    this.#tick();
  }

  #tick(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), this.#options.lookEveryMs);
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

  /** Takes on nothing new; resolves when the attempts under way have ended. After `graceMs` their signals abort. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    const ending = this.#ending;
    const grace = setTimeout(() => ending.abort(new Unavailable('the worker stops')), this.#options.graceMs);
    await Promise.all(this.#busy.values());
    clearTimeout(grace);
  }

  async #lookAround(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#readChanges();
        this.#takeOn(this.#waiting.over(this.#options.elapsed()));
        this.#takeOn(await answered('the look for open work', this.#options.ready()));
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

  /** One page of them; a full page is followed by another look. */
  async #readChanges(): Promise<void> {
    const { changes: read, isOurs, elapsed, now } = this.#options;
    const call = read(this.#place, PAGE);
    const { generation, changes } = await answered('the look for changes of open work', call);
    const ours = changes.filter(({ row }) => !row || isOurs(row));
    this.#waiting.learn(ours, elapsed(), this.#fresh ? now() : undefined);
    const last = changes.at(-1)?.position;
    if (generation !== this.#place.generation || last !== undefined) {
      this.#place = { generation, position: last ?? 0 };
    }
    if (changes.length < PAGE) {
      this.#fresh = false;
      return;
    }
    this.#again = true;
    await setImmediate(); // a store in a file answers at once: other requests get their turn between two pages
  }

  #takeOn(rows: Iterable<Row>): void {
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
    const { claim, renew, perform, fail, report, leaseMs, limitMs } = this.#options;
    const claimId = randomUUID();
    try {
      if (!(await answered('the claim on the work', claim(row, claimId)))) {
        this.#refused.add(key); // the view may still show it
        return;
      }
    } catch (error) {
      const isRefused = error instanceof Refused;
      (isRefused || isAway(error) ? this.#refused : this.#broken).add(key);
      if (!isRefused) report(error);
      return;
    }
    try {
      const lease = { leaseMs, limitMs, renew: () => renew(row, claimId), report, signal: this.#ending.signal };
      await underClaim(signal => perform(row, claimId, signal), lease);
    } catch (error) {
      report(error);
      await answered('the note of a failed attempt', fail(row, claimId, failureOf(error))).catch((failure: unknown) => {
        if (!(failure instanceof Refused)) report(failure);
      });
    }
  }
}

function failureOf(error: unknown): Failure {
  if (isAway(error)) return 'away';
  return error instanceof Refused || error instanceof LimitOver ? 'failed' : 'mistake';
}
