import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { within } from './deadline.ts';
import { isAway, Refused, Unavailable } from './errors.ts';
import type { Change } from './read-model/port.ts';
import { LimitOver, underClaim } from './under-claim.ts';
import { Waiting, type WorkRow } from './waiting.ts';
import type { Failure } from './work.ts';

/** The position up to which the changes of a read model were read. */
export interface Place {
  readonly generation: number;
  readonly position: number;
}

export interface WorkerOptions<Row extends WorkRow> {
  /** Rows that can be claimed at once, oldest first; only some if there are many. */
  ready(): Promise<readonly Row[]>;
  /**
   * Rows that changed after a place, in order, at least `limit` if there are that many; from the start if another
   * generation is served. Their keys are those of `keyOf`.
   */
  changes(
    after: Place,
    limit: number,
  ): Promise<{ readonly generation: number; readonly changes: readonly Change<Row>[] }>;
  /** whether a row is this worker's to do */
  isOurs?(row: Row): boolean;
  /**
   * Claims a row for `leaseMs`. Resolves with false if the work was ended instead, because its last attempt never
   * ended.
   * @throws Refused if another worker was faster, or it is done
   */
  claim(row: Row, claimId: string): Promise<boolean>;
  /** Extends the claim by another `leaseMs`. @throws Refused if the claim is lost */
  renew(row: Row, claimId: string): Promise<unknown>;
  /** Does the work and appends the outcome with the claim, unless the signal has aborted. */
  perform(row: Row, claimId: string, signal: AbortSignal): Promise<unknown>;
  /** Records that an attempt failed. */
  fail(row: Row, claimId: string, failure: Failure): Promise<unknown>;
  /** Reports a failure that the worker recovers from: a store that is away, a mistake in one piece of work. */
  report(error: unknown): void;
  /** The worker has stopped because of a mistake. */
  gaveUp(error: unknown): void;
  concurrency: number;
  /** lifetime of a claim, in ms */
  leaseMs: number;
  /** time limit of one attempt, in ms */
  limitMs: number;
  /** how often it polls for due work, in case a wake-up was lost */
  lookEveryMs: number;
  /** how long `stop` lets running attempts continue, in ms */
  graceMs?: number;
  /** this process's monotonic clock, in ms */
  elapsed?(): number;
  /** the time of day, in ms since 1970 */
  now?(): number;
}

/** Changes read at a time. */
const PAGE = 500;
/** A store without an answer in this time counts as away. */
const ANSWER_MS = 10_000;
const GRACE_MS = 5000;

/** @throws Unavailable if there is no answer in time */
const answered = <T>(what: string, call: Promise<T>): Promise<T> =>
  within(ANSWER_MS, call, () => new Unavailable(`${what} took more than ${ANSWER_MS} ms`));

const keyOf = ({ stream, kind }: WorkRow) => `${stream} ${kind}`;

/** Performs open work, a limited number of pieces at once, until it is stopped. Other workers find the rest. */
export class Worker<Row extends WorkRow> {
  readonly #options: Required<WorkerOptions<Row>>;
  readonly #busy = new Map<string, Promise<void>>();
  /** rows that could not be claimed; not retried until there is news */
  readonly #refused = new Set<string>();
  /** rows whose claim fails because of a mistake; not retried by this process */
  readonly #broken = new Set<string>();
  #waiting = new Waiting<Row>();
  #place: Place = { generation: -1, position: 0 };
  /** true until all changes since its start are read */
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

  /** The mistake that stopped it, if one did. */
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

  /** Checks for work after news. */
  wake(): void {
    this.#refused.clear();
    this.#look();
  }

  #look(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#lookAround().finally(() => {
      this.#looking = undefined;
      if (this.#again) this.#look(); // requested at the very moment when the last look ended
    });
  }

  /** Starts nothing new. Resolves when the running attempts have ended. After `graceMs` their signals abort. */
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

  /** Reads one page; a full page is followed by another look. */
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
    await setImmediate(); // a store in a file answers at once; other requests get a turn between two pages
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
        this.#refused.add(key); // the view may still contain it
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
