import { backOffMs } from './back-off.ts';
import type { Intent } from './decider.ts';
import { Refused } from './errors.ts';
import type { EventOf, Fact, Family, Kind, Kinds } from './fact.ts';

/** When work is due: at once, or at an ISO 8601 time of its opening fact. */
export type Due<E extends Fact = Fact> = 'at-once' | ((event: E) => string);

/** A kind of work: the facts that open it, each with its due time, and the facts that close it. */
export interface WorkKind<E extends Fact = Fact> {
  readonly openedBy: { readonly [T in E['type']]?: Due<Extract<E, { type: T }>> };
  readonly closedBy: readonly E['type'][];
}

/** The work that the facts of one family open and close, by its kind. */
export interface FamilyWork<K extends string = string> {
  readonly family: Family;
  readonly kinds: Readonly<Record<K, WorkKind>>;
}

// biome-ignore lint/suspicious/noExplicitAny: only that these kinds are there counts here
type WithWork = Kinds & Record<WorkFact['type'], Kind<any>>;

/** Declares the kinds of work of a family, which must have the facts `WorkClaimed` and `WorkFailed`. */
export const familyWork = <F extends WithWork, const K extends string>(
  family: Family<F>,
  kinds: Readonly<Record<K, WorkKind<EventOf<Family<F>>>>>,
): FamilyWork<K> => ({ family, kinds: kinds as Readonly<Record<K, WorkKind>> });

/** Open work of a stream. A worker finishes it with the claim under which it was done. */
export interface OpenWork {
  /** counted attempts */
  readonly attempt: number;
  readonly claimId?: string;
  /** attempts in a row that ended because a store or service was away; they do not count */
  readonly away?: number;
}
export type WorkState = Map<string, OpenWork>;

export interface ClaimCommand {
  readonly do: 'claim';
  readonly kind: string;
  readonly claimId: string;
  /** the node, for people */
  readonly by: string;
  readonly seconds: number;
  /** the expired claim, if there was one */
  readonly replacing?: string;
}
export interface RenewCommand {
  readonly do: 'renew';
  readonly kind: string;
  readonly claimId: string;
  readonly by: string;
  readonly seconds: number;
}
/**
 * The reason of a failed attempt. `away`: a store or service was away, so it does not count. `mistake`: another attempt
 * would fail the same way, so there is none. `failed`: anything else; it counts.
 */
export type Failure = 'away' | 'mistake' | 'failed';
export interface FailCommand {
  readonly do: 'fail';
  readonly kind: string;
  readonly claimId: string;
  readonly failure: Failure;
}
export type WorkCommand = ClaimCommand | RenewCommand | FailCommand;

export type WorkFact =
  | {
      readonly type: 'WorkClaimed';
      readonly data: { kind: string; claimId: string; by: string; until: string; attempt: number };
    }
  | {
      readonly type: 'WorkFailed';
      readonly data: { kind: string; claimId: string; attempt: number; retryAt: string; away?: number };
    };

export const MOST_ATTEMPTS = 5;
const RETRIES = { firstMs: 1000, longestMs: 30_000 };

export const isWorkFact = (event: Fact): event is WorkFact =>
  event.type === 'WorkClaimed' || event.type === 'WorkFailed';

/** Applies any fact of the family to its open work, in place. */
export function evolveWork({ kinds }: FamilyWork, work: WorkState, event: Fact): void {
  if (isWorkFact(event)) {
    const open = work.get(event.data.kind);
    if (open) work.set(event.data.kind, tried(open, event));
    return;
  }
  for (const [kind, { openedBy, closedBy }] of Object.entries(kinds)) {
    if (closedBy.includes(event.type)) work.delete(kind);
    if (Object.hasOwn(openedBy, event.type)) work.set(kind, { attempt: 0 });
  }
}

function tried({ away: before }: OpenWork, { type, data }: WorkFact): OpenWork {
  const away = type === 'WorkFailed' ? data.away : before;
  return {
    attempt: data.attempt,
    ...(type === 'WorkClaimed' && { claimId: data.claimId }),
    ...(away !== undefined && { away }),
  };
}

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();
const retryMs = (failures: number): number => backOffMs(failures, RETRIES);

/**
 * The claim; undefined if the last allowed attempt was claimed and never ended, for instance because it kills its
 * process.
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

/** The same claim and attempt with a later end. @throws Refused `claim-lost` */
export function renewed(work: WorkState, { kind, claimId, by, seconds }: RenewCommand, { at }: Intent): WorkFact {
  const { attempt } = requireClaim(work, kind, claimId);
  return { type: 'WorkClaimed', data: { kind, claimId, by, until: later(at, seconds * 1000), attempt } };
}

/**
 * The next try, with exponential back-off; undefined if there is none. An attempt that ended because something was away
 * is taken back, so there is always a next one.
 * @throws Refused `claim-lost`
 */
export function failed(work: WorkState, { kind, claimId, failure }: FailCommand, { at }: Intent): WorkFact | undefined {
  const { attempt, away: before = 0 } = requireClaim(work, kind, claimId);
  if (failure === 'away') {
    const away = before + 1;
    return {
      type: 'WorkFailed',
      data: { kind, claimId, attempt: attempt - 1, retryAt: later(at, retryMs(away)), away },
    };
  }
  if (failure === 'mistake' || attempt >= MOST_ATTEMPTS) return undefined;
  return { type: 'WorkFailed', data: { kind, claimId, attempt, retryAt: later(at, retryMs(attempt)) } };
}

/** @throws Refused `claim-lost` if the work is no longer open under this claim */
export function requireClaim(work: WorkState, kind: string, claimId: string): OpenWork {
  const open = work.get(kind);
  if (open?.claimId !== claimId) throw new Refused('rule', 'claim-lost', 'somebody else has done this or is at it');
  return open;
}
