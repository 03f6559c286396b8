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

/** Only ids, figures and codes; sentences are made when it is shown. Amounts count 1/1000 of `base`. */
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

/** A question what to cook, and its answer. */
export const recommendationFamily = family('recommendation', {
  RecommendationRequested: fact<{
    recommendationId: string;
    fridgeId: string;
    /** revision of the fridge at the time of the question; everything stored by then is considered */
    fridgeRevision: number;
    wish: Wish;
    /** without an answer by then, the question expires */
    expiresAt: string;
  }>(),
  ...workKinds,
  RecipesRanked: fact<{
    claimId: string;
    /** revision of the fridge that was ranked */
    fridgeRevision: number;
    recipes: readonly RankedRecipe[];
    composing: boolean;
  }>(),
  RecommendationFailed: fact<{ claimId: string; reason: FailureReason }>(),
  RecommendationExpired: fact<{ claimId: string }>(),
});

const ends = ['RecipesRanked', 'RecommendationFailed', 'RecommendationExpired'] as const;

export const recommendationWork = familyWork(recommendationFamily, {
  /** ranks recipes to answer the question */
  rank: { openedBy: { RecommendationRequested: 'at-once' }, closedBy: ends },
  /** lets the question expire */
  expire: { openedBy: { RecommendationRequested: ({ data }) => data.expiresAt }, closedBy: ends },
});

export type RecommendationEvent = EventOf<typeof recommendationFamily>;
