import { fact } from '../core/fact.ts';

/** Facts of every family that opens work (core/work.ts), besides its own. */
export const workKinds = {
  /** a node has claimed the work until `until`, or has renewed its claim (the same `claimId` again) */
  WorkClaimed: fact<{ kind: string; claimId: string; by: string; until: string; attempt: number }>(),
  /**
   * an attempt failed and will be retried. `attempt`: number of attempts that count so far. `away`: number of
   * consecutive attempts, this one included, that do not count because a store or a service was unavailable; missing if
   * this one counts
   */
  WorkFailed: fact<{ kind: string; claimId: string; attempt: number; retryAt: string; away?: number }>(),
};
