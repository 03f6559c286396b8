import type { TestContext } from 'node:test';
import { Refused } from '../errors.ts';
import type { Change } from '../read-model/port.ts';
import type { WorkRow } from '../waiting.ts';
import type { Failure } from '../work.ts';
import { type Place, Worker, type WorkerOptions } from '../worker.ts';

/** A worker that would never rest finds nothing any more after so many looks in one turn of the event loop. */
const MOST_LOOKS = 100;
const HOUR = 3_600_000;

/** What is waiting to happen goes first. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
}

/** for how long a claim is respected */
export const CLAIM_MS = 15_000;

export const row = (stream: string, claimId?: string): WorkRow => ({
  ...{ stream, kind: 'mail', attempt: 0, waitMs: 0, until: new Date(HOUR).toISOString() },
  ...(claimId !== undefined && { claimId, attempt: 1, waitMs: CLAIM_MS }),
});

/** not yet to be done */
export const later = (stream: string, waitMs: number, attempt = 0): WorkRow => ({ ...row(stream), waitMs, attempt });

/**
 * Open work in a list, as a store would hold it: a claim is refused where the list has another or none any more. What
 * is performed takes until its `finish` is called, or no time where nobody holds it up.
 */
export class Board {
  /** what a look finds, at once or when it has waited */
  readonly rows = new Map<string, WorkRow>();
  readonly claims: { stream: string; claimId: string }[] = [];
  /** claims that were tried, granted or not */
  attempts = 0;
  readonly performed: { stream: string; claimId: string }[] = [];
  readonly failures: { stream: string; claimId: string; failure: Failure }[] = [];
  readonly reports: unknown[] = [];
  /** why the worker has given up */
  readonly stops: unknown[] = [];
  looks = 0;
  /** rows that the worker has read as changed, each time that it read one */
  rowsRead = 0;
  /** of each held piece of work, by its stream */
  readonly signals = new Map<string, AbortSignal>();
  readonly renewals: string[] = [];
  /** the worker's clock */
  now = 0;
  running = 0;
  mostRunning = 0;
  #inThisTurn = 0;
  readonly #known = new Map<string, WorkRow>();
  readonly #log: Change<WorkRow>[] = [];
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  put(...rows: readonly WorkRow[]): void {
    for (const one of rows) this.rows.set(one.stream, one);
  }

  /** What is performed on these takes until it is finished. */
  hold(...streams: readonly string[]): void {
    for (const stream of streams) this.#gates.set(stream, Promise.withResolvers());
  }

  finish(stream: string, error?: Error): void {
    const { resolve, reject } = this.#gates.get(stream)!;
    error ? reject(error) : resolve();
  }

  worker(t: TestContext, options: Partial<WorkerOptions<WorkRow>> = {}): Worker<WorkRow> {
    const worker = new Worker<WorkRow>({
      ready: () => this.#ready(),
      changes: (after, limit) => this.#changes(after, limit),
      claim: (row, claimId) => this.#claim(row, claimId),
      renew: async ({ stream }) => this.renewals.push(stream),
      perform: (row, claimId, signal) => this.#perform(row, claimId, signal),
      fail: (row, claimId, failure) => this.#fail(row, claimId, failure),
      report: error => this.reports.push(error),
      gaveUp: error => this.stops.push(error),
      concurrency: 4,
      ...{ leaseMs: CLAIM_MS, limitMs: HOUR, lookEveryMs: HOUR },
      elapsed: () => this.now,
      now: () => 0,
      ...options,
      ...(options.ready && { ready: () => this.#counted(options.ready!) }),
    });
    t.after(() => worker.stop());
    return worker;
  }

  #ready(): Promise<readonly WorkRow[]> {
    return this.#counted(async () => [...this.rows.values()].filter(({ waitMs }) => waitMs === 0));
  }

  /** As a store would: what has become different since the last call is a change of its own. */
  async #changes({ position }: Place, limit: number) {
    for (const key of new Set([...this.#known.keys(), ...this.rows.keys()])) {
      const row = this.rows.get(key);
      if (row === this.#known.get(key)) continue;
      if (row) this.#known.set(key, row);
      else this.#known.delete(key);
      this.#log.push({ key: `${key} mail`, row, position: this.#log.length + 1 });
    }
    const changes = this.#log.slice(position, position + limit);
    this.rowsRead += changes.length;
    return { generation: 1, changes };
  }

  async #counted(ready: () => Promise<readonly WorkRow[]>): Promise<readonly WorkRow[]> {
    this.looks++;
    if (this.#inThisTurn++ === 0) setImmediate(() => (this.#inThisTurn = 0));
    return this.#inThisTurn > MOST_LOOKS ? [] : ready();
  }

  async #claim({ stream, claimId: seen }: WorkRow, claimId: string): Promise<boolean> {
    this.attempts++;
    const there = this.rows.get(stream);
    if (!there) throw new Refused('rule', 'work-closed', 'this was done or given up');
    if (there.claimId !== seen) throw new Refused('rule', 'work-claimed', 'somebody else is at it');
    this.claims.push({ stream, claimId });
    this.put(row(stream, claimId));
    return true;
  }

  async #perform({ stream }: WorkRow, claimId: string, signal: AbortSignal): Promise<void> {
    this.signals.set(stream, signal);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      await this.#gates.get(stream)?.promise;
      this.performed.push({ stream, claimId });
      this.rows.delete(stream);
    } finally {
      this.running--;
    }
  }

  async #fail({ stream }: WorkRow, claimId: string, failure: Failure): Promise<void> {
    this.failures.push({ stream, claimId, failure });
    this.rows.delete(stream);
  }
}
