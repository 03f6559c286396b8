import type { Intent } from './decider.ts';
import { Refused } from './errors.ts';

/**
 * Work is what has to be done after a fact. A stream says what is open, who has taken it on and how often it was
 * tried; whoever finishes it shows the claim under which it was done.
 */
export interface OpenWork {
  readonly attempt: number;
  readonly claimId?: string;
}
export type WorkState = Map<string, OpenWork>;

export interface ClaimCommand {
  readonly do: 'claim';
  readonly kind: string;
  readonly claimId: string;
  /** the node, for people */
  readonly by: string;
  readonly seconds: number;
  /** the claim that is seen to have run out, if there was one */
  readonly replacing?: string;
}
export interface FailCommand {
  readonly do: 'fail';
  readonly kind: string;
  readonly claimId: string;
  /** another attempt would fail alike */
  readonly isFinal?: boolean;
}

export type WorkFact =
  | {
      readonly type: 'WorkClaimed';
      readonly data: { kind: string; claimId: string; by: string; until: string; attempt: number };
    }
  | {
      readonly type: 'WorkFailed';
      readonly data: { kind: string; claimId: string; attempt: number; retryAt: string };
    };

export const MOST_ATTEMPTS = 5;
const FIRST_RETRY_MS = 1000;

export function evolveWork(work: WorkState, { type, data }: WorkFact): void {
  const { kind, claimId, attempt } = data;
  work.set(kind, type === 'WorkClaimed' ? { attempt, claimId } : { attempt });
}

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/**
 * The claim; nothing where the last attempt that is allowed was claimed and never ended, as when it kills its process.
 * @throws Refused `work-closed`, `work-claimed`
 */
export function claim(work: WorkState, command: ClaimCommand, { at }: Intent): WorkFact | undefined {
  const { kind, claimId, by, seconds, replacing } = command;
  const open = work.get(kind);
  if (!open) throw new Refused('rule', 'work-closed', 'this was done or given up');
  if (open.claimId !== replacing) throw new Refused('rule', 'work-claimed', 'somebody else is at it');
  if (open.attempt >= MOST_ATTEMPTS) return undefined;
  const data = { kind, claimId, by, until: later(at, seconds * 1000), attempt: open.attempt + 1 };
  return { type: 'WorkClaimed', data };
}

/** The next try, later each time; nothing where there is to be none. @throws Refused `claim-lost` */
export function failed(work: WorkState, { kind, claimId, isFinal }: FailCommand, { at }: Intent): WorkFact | undefined {
  const { attempt } = requireClaim(work, kind, claimId);
  if (isFinal || attempt >= MOST_ATTEMPTS) return undefined;
  const retryAt = later(at, FIRST_RETRY_MS * 2 ** (attempt - 1));
  return { type: 'WorkFailed', data: { kind, claimId, attempt, retryAt } };
}

/** @throws Refused `claim-lost` where the work is not open under this claim any more */
export function requireClaim(work: WorkState, kind: string, claimId: string): OpenWork {
  const open = work.get(kind);
  if (open?.claimId !== claimId) throw new Refused('rule', 'claim-lost', 'somebody else has done this or is at it');
  return open;
}
