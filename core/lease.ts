import { once } from 'node:events';
import { isAway } from './errors.ts';
import { pause } from './pause.ts';

/** Names the node that does a job for one node at a time. */
export interface Lease {
  /** undefined: it was released */
  readonly holder: string | undefined;
  /** incremented by the holder with each renewal, and by each new holder */
  readonly renewals: number;
  /** a stand-by asks the holder to renew it */
  readonly challenged: boolean;
}

/**
 * Leases in a store. A lease only avoids duplicate work: writes under it need a compare-and-swap of their own, because
 * a holder may be paused between checking its lease and writing.
 */
export interface Leases {
  /** @throws Unavailable */
  lease(name: string): Promise<Lease | undefined>;
  /**
   * Compare-and-swap of the whole row. `from` undefined: there is no row yet.
   * @returns whether it was written; false if the row is not `from`
   * @throws Unavailable, and then it may have been written
   */
  swapLease(name: string, from: Lease | undefined, to: Lease): Promise<boolean>;
}

/** How often the holder and the stand-bys read the row. */
const LOOK_MS = 500;
/** A challenge without an answer for this long, by the stand-by's clock, ends the lease. */
const EXPIRY_MS = 2500;

/** The time in which this node holds the lease. */
export interface Turn {
  /** aborted when the lease is lost, or this node stops */
  readonly signal: AbortSignal;
  /** Reads the row now, and ends the turn if the lease is lost. */
  check(): Promise<void>;
}

export interface TurnOptions {
  readonly leases: Leases;
  /** name of the lease */
  readonly name: string;
  /** name of this node; at the start, a lease left by a holder of the same name is taken at once */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** another node holds the lease; called again for another holder */
  onStandBy?(holder: string): void;
  /** the store of the leases is away; called again for another reason */
  onAway?(reason: Error): void;
}

/**
 * Runs `work` each time that this node gets the lease, until `signal` is aborted. `work` must end soon after its turn.
 * If it fails because a store is away, it runs again in another turn; other nodes may be quicker.
 *
 * The holder writes only when it is challenged, so a node without a stand-by writes nothing. Only this node's monotonic
 * clock decides when a challenge has expired.
 * @throws any other error of `work` or of the store, once the lease is released
 */
export async function takeTurns(options: TurnOptions, work: (turn: Turn) => Promise<void>): Promise<void> {
  const { signal } = options;
  let isFirst = true;
  while (!signal.aborted) {
    const lease = await taken(options, isFirst);
    if (!lease) return;
    isFirst = false;
    try {
      await turnWith(options, lease, work);
    } catch (error) {
      if (!isAway(error)) throw error;
      options.onAway?.(error as Error);
      await pause(LOOK_MS, signal);
    }
  }
}

/** Waits until this node has the lease. @returns the lease, or undefined if it is to stop */
async function taken(options: TurnOptions, isFirst: boolean): Promise<Lease | undefined> {
  const { leases, name, holder, signal } = options;
  let seen: { lease: Lease; since: number } | undefined;
  let away: string | undefined;
  let other: string | undefined;
  while (!signal.aborted) {
    try {
      const present = await leases.lease(name);
      const now = performance.now();
      if (seen?.lease.renewals !== present?.renewals) seen = undefined;
      const isExpired = seen !== undefined && present?.challenged && now - seen.since >= EXPIRY_MS;
      if (present?.holder === undefined || isExpired || (isFirst && present.holder === holder)) {
        const lease = { holder, renewals: (present?.renewals ?? 0) + 1, challenged: false };
        if (await leases.swapLease(name, present, lease)) return lease;
        continue;
      }
      if (!present.challenged && !(await leases.swapLease(name, present, { ...present, challenged: true }))) continue;
      seen ??= { lease: present, since: now };
      if (other !== present.holder) options.onStandBy?.(present.holder);
      other = present.holder;
      away = undefined;
    } catch (error) {
      if (!isAway(error)) throw error;
      if (away !== (error as Error).message) options.onAway?.(error as Error);
      away = (error as Error).message;
    }
    await pause(LOOK_MS, signal);
  }
  return undefined;
}

async function turnWith(options: TurnOptions, lease: Lease, work: (turn: Turn) => Promise<void>): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const kept = new Kept(options.leases, options.name, lease);
  const check = async () => {
    if (!(await kept.renewed())) over.abort();
  };
  const keeping = (async () => {
    while (!signal.aborted) {
      await pause(LOOK_MS, signal);
      if (!signal.aborted) await check();
    }
  })();
  keeping.catch(() => over.abort());
  try {
    await work({ signal, check });
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    over.abort();
    try {
      await keeping;
    } finally {
      await kept.release();
    }
  }
}

/**
 * A lease that this node holds. Its checks run one at a time, so that none mistakes another's renewal for a new holder.
 */
class Kept {
  readonly #leases: Leases;
  readonly #name: string;
  #lease: Lease;
  #looking: Promise<boolean> | undefined;

  constructor(leases: Leases, name: string, lease: Lease) {
    this.#leases = leases;
    this.#name = name;
    this.#lease = lease;
  }

  /**
   * Answers a challenge. While the store is away, the lease counts as held, because the work under it is guarded
   * anyway.
   */
  renewed(): Promise<boolean> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<boolean> {
    try {
      const present = await this.#leases.lease(this.#name);
      const { holder, renewals } = this.#lease;
      if (!present || present.holder !== holder || present.renewals !== renewals) return false;
      if (!present.challenged) return true;
      const renewed = { holder, renewals: renewals + 1, challenged: false };
      if (!(await this.#leases.swapLease(this.#name, present, renewed))) return false;
      this.#lease = renewed;
      return true;
    } catch (error) {
      if (isAway(error)) return true;
      throw error;
    }
  }

  /** Lets the next node begin at once. If the store does not answer, that node waits until the lease expires. */
  async release(): Promise<void> {
    const { renewals } = this.#lease;
    const released = { holder: undefined, renewals: renewals + 1, challenged: false };
    for (const challenged of [false, true]) {
      await this.#leases.swapLease(this.#name, { ...this.#lease, challenged }, released).catch(() => {});
    }
  }
}
