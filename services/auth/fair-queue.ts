/** The share of a queue that a job takes: groups from the widest to the narrowest, always the same number. */
export type Share = readonly string[];

interface Job {
  readonly start: () => void;
  readonly drop: () => void;
}

/** Waiting jobs by one level of their shares; the group whose turn is next comes first. */
interface Group {
  size: number;
  readonly groups: Map<string, Group>;
  readonly jobs: Job[];
}

const newGroup = (): Group => ({ size: 0, groups: new Map(), jobs: [] });

/**
 * Runs a limited number of jobs at a time and lets a limited number wait. Groups take turns, and so do the groups
 * inside them. If the queue is full, a newcomer replaces the newest job of the largest group, unless its own group is
 * as large, so nobody can fill the queue for others.
 */
export class FairQueue {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #overloaded: () => Error;
  readonly #waiting = newGroup();
  #running = 0;

  /** @param overloaded the error of jobs that find no place or lose it */
  constructor(atOnce: number, mostWaiting: number, overloaded: () => Error) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
    this.#overloaded = overloaded;
  }

  /** Runs the job in its turn. @throws the error of `overloaded` */
  async run<T>(share: Share, work: () => Promise<T>): Promise<T> {
    await this.#turn(share);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #turn(share: Share): Promise<void> {
    return new Promise((resolve, reject) => {
      const drop = () => reject(this.#overloaded());
      if (this.#waiting.size >= this.#mostWaiting && !makeRoom(this.#waiting, share)) {
        drop();
        return;
      }
      add(this.#waiting, share, { start: resolve, drop });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running >= this.#atOnce || this.#waiting.size === 0) return;
    this.#running++;
    takeFirst(this.#waiting).start();
  }
}

function add(group: Group, [step, ...rest]: Share, job: Job): void {
  group.size++;
  if (step === undefined) {
    group.jobs.push(job);
    return;
  }
  const inner = group.groups.get(step) ?? newGroup();
  group.groups.set(step, inner);
  add(inner, rest, job);
}

function takeFirst(group: Group): Job {
  group.size--;
  const first = group.groups.entries().next().value;
  if (!first) return group.jobs.shift()!;
  const [step, inner] = first;
  group.groups.delete(step);
  const job = takeFirst(inner);
  if (inner.size > 0) group.groups.set(step, inner); // to the end
  return job;
}

/** Drops a job of a group that is larger than the newcomer's would become. @returns false if there is none */
function makeRoom(group: Group, [step, ...rest]: Share): boolean {
  if (step === undefined) return false;
  const own = group.groups.get(step);
  const largest = [...group.groups.values()].reduce((a, b) => (b.size > a.size ? b : a));
  if (largest.size > (own?.size ?? 0) + 1) dropNewest(largest);
  else if (!own || !makeRoom(own, rest)) return false;
  group.size--;
  return true;
}

/** Drops the newest job of its largest group. */
function dropNewest(group: Group): void {
  group.size--;
  if (group.groups.size === 0) {
    group.jobs.pop()!.drop();
    return;
  }
  const [step, inner] = [...group.groups].reduce((a, b) => (b[1].size >= a[1].size ? b : a));
  dropNewest(inner);
  if (inner.size === 0) group.groups.delete(step);
}
