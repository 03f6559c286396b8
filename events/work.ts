import { fact } from '../core/fact.ts';

/** What every family that opens work has besides its own facts (core/work.ts). */
export const workKinds = {
  /** a node has claimed it, or renewed its claim (the same `claimId` again), until then at the longest */
  WorkClaimed: fact<{ kind: string; claimId: string; by: string; until: string; attempt: number }>(),
  /**
   * an attempt came to nothing; there will be another. `attempt`: how many count so far. `away`: how many in a row, this
   * one included, did not count because a store or a service was away; missing where this one counts
   */
  WorkFailed: fact<{ kind: string; claimId: string; attempt: number; retryAt: string; away?: number }>(),
};
