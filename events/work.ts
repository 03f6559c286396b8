import { fact } from '../core/fact.ts';

/** What every family that opens work has besides its own facts (core/work.ts). */
export const workKinds = {
  /** somebody has taken it on, until then at the longest */
  WorkClaimed: fact<{ kind: string; claimId: string; by: string; until: string; attempt: number }>(),
  /** an attempt came to nothing; there will be another */
  WorkFailed: fact<{ kind: string; claimId: string; attempt: number; retryAt: string }>(),
};
