import { once } from 'node:events';
import { isAway } from './errors.ts';
import { pause } from './pause.ts';

/** Says which node does a thing that one node does at a time. */
export interface Lease {
  /** undefined: it was released */
  readonly holder: string | undefined;
  /** raised by the holder with each renewal, and by each new holder */
  readonly renewals: number;
  /** a node that stands by asks the holder to renew it */
  readonly challenged: boolean;
}

/**
 * Rows of leases in a store. A lease only avoids work that is done twice: what is done under it must be guarded by a
 * compare-and-swap of its own, because a holder may be paused between looking at its lease and writing.
 */
export interface Leases {
  /** @throws Unavailable */
  lease(name: string): Promise<Lease | undefined>;
  /**
   * Compare-and-swap of the whole row. `from` undefined: there is no row yet.
   * @returns whether it was written; false when the row is not `from`
   * @throws Unavailable, and then it may have been written
   */
  swapLease(name: string, from: Lease | undefined, to: Lease): Promise<boolean>;
}

/** How often the holder and those who stand by read the row. */
const LOOK_MS = 500;
/** A challenge that stays unanswered for this long, by the clock of the node that stands by, ends the lease. */
const EXPIRY_MS = 2500;

/** The time in which this node holds the lease. */
export interface Turn {
  /** aborted when the lease is lost, or this node is to stop */
  readonly signal: AbortSignal;
  /** Reads the row now, and ends the turn if the lease is lost. */
  check(): Promise<void>;
}

export interface TurnOptions {
  readonly leases: Leases;
  /** of the lease */
  readonly name: string;
  /** of this node; a lease that a holder of this name left behind is taken at once, at the start only */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** another node holds the lease; called again for another holder */
  onStandBy?(holder: string): void;
  /** the store of the leases is away; called again for another reason */
  onAway?(reason: Error): void;
}

/**
 * Does `work` each time that this node gets the lease, until `signal` is aborted. `work` must end soon after its turn.
 * While it fails because a store is away, it is begun again in another turn; other nodes may be quicker.
 *
 * The holder writes only when it is challenged, so a node without a stand-by leaves the disk alone. Only this node's
 * monotonic clock decides when a challenge has expired; the clocks of other nodes do not matter.
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

/** Waits until this node has the lease. @returns the lease, or undefined when it is to stop */
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

/** A lease that this node has taken. One look at a time, so that none is confused by a renewal of another. */
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
   * Answers a challenge. While the store is away it is not known whether the lease is lost: then it counts as held,
   * because what is done under it is guarded anyway.
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

  /** Lets the next node begin at once. Without an answer of the store that one waits until the lease expires. */
  async release(): Promise<void> {
    const { renewals } = this.#lease;
    const released = { holder: undefined, renewals: renewals + 1, challenged: false };
    for (const challenged of [false, true]) {
      await this.#leases.swapLease(this.#name, { ...this.#lease, challenged }, released).catch(() => {});
    }
  }
}
