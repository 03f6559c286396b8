import type { Log, Proposed } from './log.ts';
import { type Expected, judge } from './rules.ts';

export interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly Proposed[];
}

/** The place of the last event; revision -1 for an empty append to a missing stream, no position for a hidden event. */
export interface Written {
  readonly revision: number;
  readonly position: number | undefined;
}

/** The reason for a refusal: the stream's newest revision, -1 without a stream. */
export interface Wrong {
  readonly current: number;
}

interface Waiting {
  readonly append: Append;
  resolve(outcome: Written | Wrong): void;
  reject(error: unknown): void;
}

/** Carries out appends one after the other; appends that wait at the same time share one write to disk. */
export class Writer {
  readonly #log: Log;
  /** First revision of each id, forgotten when the process ends, as on the real server (golden 5). */
  readonly #memory = new Map<string, { stream: string; revision: number }>();
  #waiting: Waiting[] = [];
  #listeners = new Set<() => void>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Resolves once the events are on disk, or with the refusal. */
  append(append: Append): Promise<Written | Wrong> {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    return new Promise((resolve, reject) => this.#waiting.push({ append, resolve, reject }));
  }

  /** Calls back after every write. @returns a function that stops the callbacks */
  onWritten(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      const outcomes = this.#log.transaction(() => group.map(({ append }) => this.#carryOut(append)));
      for (const [n, { resolve }] of group.entries()) resolve(outcomes[n]!);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    for (const listener of this.#listeners) listener();
  }

  #carryOut({ stream, expected, events }: Append): Written | Wrong {
    const log = this.#log;
    const current = log.lastRevision(stream);
    const verdict = judge({
      expected,
      ids: events.map(({ id }) => id),
      current,
      idAt: revision => log.at(stream, revision)?.id,
      remembered: id => {
        const memory = this.#memory.get(id);
        return memory?.stream === stream ? memory.revision : undefined;
      },
    });
    if (verdict === 'wrong') return { current };
    if (verdict !== 'store') return { revision: verdict.known, position: this.#visible(stream, verdict.known) };
    log.insert(stream, current + 1, events);
    for (const [n, { id }] of events.entries()) {
      if (!this.#memory.has(id)) this.#memory.set(id, { stream, revision: current + 1 + n });
    }
    return { revision: current + events.length, position: log.last };
  }

  /** A known event that readers no longer see has no position (golden 6). */
  #visible(stream: string, revision: number): number | undefined {
    const first = this.#log.firstLive(stream);
    return first === 'deleted' || revision < first ? undefined : this.#log.at(stream, revision)?.position;
  }
}
