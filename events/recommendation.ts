import { type EventOf, fact, family } from '../core/fact.ts';
import { familyWork } from '../core/work.ts';
import { workKinds } from './work.ts';

export interface Wish {
  readonly servings?: number;
  readonly maxMinutes?: number;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly language?: 'ko' | 'en';
  readonly limit: number;
}

/** Ids, figures and codes only; sentences are made when it is shown. Amounts count 1/1000 of `base`. */
export interface RankedRecipe {
  readonly recipeId: string;
  readonly version: number;
  readonly tier: 'ready' | 'staples' | 'shopping';
  readonly coverage: number;
  readonly score: number;
  readonly uses: readonly { ingredientId: string; foodId: string; amount: number; base: string }[];
  readonly usesFirst: readonly string[];
  readonly missing: readonly { line: number; foodId?: string; amount?: number; base?: string }[];
  readonly partial: readonly { line: number; foodId: string; have: number; need: number; base: string }[];
  readonly unmeasured?: readonly number[];
  readonly substitutions?: readonly { foodId: string; by: string }[];
  readonly unknown: readonly number[];
  readonly unsure?: readonly string[];
  readonly overdue: readonly string[];
}

export type FailureReason = 'internal';

/** One question of what to cook, and its answer. */
export const recommendationFamily = family('recommendation', {
  RecommendationRequested: fact<{
    recommendationId: string;
    fridgeId: string;
    /** of the fridge when it was asked: what was stored by then counts */
    fridgeRevision: number;
    wish: Wish;
    /** unanswered by then, it is given up */
    expiresAt: string;
  }>(),
  ...workKinds,
  RecipesRanked: fact<{
    claimId: string;
    /** of the fridge that was ranked */
    fridgeRevision: number;
    recipes: readonly RankedRecipe[];
    composing: boolean;
  }>(),
  RecommendationFailed: fact<{ claimId: string; reason: FailureReason }>(),
  RecommendationExpired: fact<{ claimId: string }>(),
});

const ends = ['RecipesRanked', 'RecommendationFailed', 'RecommendationExpired'] as const;

export const recommendationWork = familyWork(recommendationFamily, {
  /** finds the answer */
  rank: { openedBy: { RecommendationRequested: 'at-once' }, closedBy: ends },
  /** gives the question up */
  expire: { openedBy: { RecommendationRequested: ({ data }) => data.expiresAt }, closedBy: ends },
});

export type RecommendationEvent = EventOf<typeof recommendationFamily>;
