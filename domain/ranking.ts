import type { Catalogue } from './catalogue.ts';
import { type Covered, cover, round } from './covering.ts';
import { excludedWith } from './exclusion.ts';
import type { Language } from './language.ts';
import { type Batch, compare, type Kitchen, type Larder, larderOf, statusOf, type Use } from './larder.ts';
import type { Line } from './line.ts';
import { isKindOf, isSeasoning } from './ranking-foods.ts';

export interface Candidate {
  readonly recipeId: string;
  readonly version: number;
  readonly servings?: number;
  readonly minutes?: number;
  /** the language of its text */
  readonly lang?: string;
  readonly lines: readonly Line[];
  /** the foods named in title, lines and steps */
  readonly named?: readonly string[];
}

export interface Wish {
  readonly servings?: number;
  readonly maxMinutes?: number;
  /** ids of required foods, and of excluded foods with everything excluded with them */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** the asking member's language */
  readonly language?: Language;
  readonly limit: number;
}

export interface Ranked extends Omit<Covered, 'uses'> {
  readonly recipeId: string;
  readonly version: number;
  readonly score: number;
  readonly uses: readonly Use[];
  /** the entries of `uses` that are due soon or overdue, first due first */
  readonly usesFirst: readonly string[];
  /** used batches past their best-before date */
  readonly overdue: readonly string[];
}

const URGENCY_SHARE = 0.35;
/** of two nearly equal recipes, the one in the reader's language comes first */
const OWN_LANGUAGE = 0.15;
/** recipes with less coverage are not recommended */
const LEAST_COVERAGE = 0.2;
/**
 * Ranks the recipes that can be cooked from the stock, best first. Food past its use-by date never counts. Ties are
 * broken by id, so the same request always has the same answer.
 */
export function rank(catalogue: Catalogue, candidates: readonly Candidate[], kitchen: Kitchen, wish: Wish): Ranked[] {
  const larder = larderOf(catalogue, kitchen, excludedWith(catalogue, wish.exclude ?? []));
  return candidates
    .filter(fitting(catalogue, wish))
    .map(candidate => ranked(candidate, cover(candidate, larder, wish), larder, wish))
    .filter(
      ({ coverage, uses }) =>
        coverage >= LEAST_COVERAGE && uses.some(use => !isSeasoning(catalogue.byId.get(use.foodId)!)),
    )
    .sort((a, b) => b.score - a.score || compare(a.recipeId, b.recipeId))
    .slice(0, wish.limit);
}

/** Whether a recipe meets the wish, regardless of the stock. */
export function fitting(
  catalogue: Catalogue,
  { maxMinutes, include = [], exclude = [] }: Pick<Wish, 'maxMinutes' | 'include' | 'exclude'>,
): (recipe: Pick<Candidate, 'minutes' | 'lines' | 'named'>) => boolean {
  const excluded = excludedWith(catalogue, exclude);
  return ({ minutes, lines, named = [] }) => {
    if (maxMinutes !== undefined && (minutes === undefined || minutes > maxMinutes)) return false;
    const foods = lines.flatMap(({ foodId, also = [] }) => (foodId === undefined ? [] : [foodId, ...also]));
    const has = (wanted: string) => foods.some(food => isKindOf(catalogue, food, wanted));
    return include.every(has) && ![...foods, ...named].some(food => excluded.has(food));
  };
}

function ranked(candidate: Candidate, covered: Covered, larder: Larder, wish: Pick<Wish, 'language'>): Ranked {
  const { uses, tier, coverage, ...rest } = covered;
  const used = larder.usable.filter(({ ingredientId }) => uses.some(use => use.ingredientId === ingredientId));
  const standing = (batch: Batch) => statusOf(batch, larder.kitchen);
  const urgent = used.filter(batch => ['due_soon', 'overdue'].includes(standing(batch)));
  const byDate = urgent.sort((a, b) => compare(a.dueDate!, b.dueDate!) || compare(a.ingredientId, b.ingredientId));
  const bonus = candidate.lang !== undefined && candidate.lang === wish.language ? OWN_LANGUAGE : 0;
  return {
    recipeId: candidate.recipeId,
    version: candidate.version,
    tier,
    coverage,
    score: round(coverage + URGENCY_SHARE * (1 - 1 / (1 + urgent.length)) + bonus),
    uses: uses.map(({ ingredientId, foodId, amount, base }) => ({ ingredientId, foodId, amount, base })),
    usesFirst: byDate.map(({ ingredientId }) => ingredientId),
    ...rest,
    overdue: used.filter(batch => standing(batch) === 'overdue').map(({ ingredientId }) => ingredientId),
  };
}
