import type { Catalogue } from '../../domain/catalogue.ts';
import { byFood, inUnitOf, lackingOf } from '../../domain/lacking.ts';
import type { Language } from '../../domain/language.ts';
import { statusOn } from '../../domain/status.ts';
import type { RankedRecipe } from '../../events/recommendation.ts';
import type { Stock } from '../fridges/fridges.api.ts';
import type { HeldRecipe } from '../recipes/recipes.api.ts';
import type { RecommendedOut } from './recommendations.api.ts';
import { sentences } from './sentences.ts';

/** A ranked recipe for the answer: figures of the ranking, present names and dates. */
export function recommended(
  catalogue: Catalogue,
  ranked: RankedRecipe,
  recipe: HeldRecipe,
  stock: Stock,
  language: Language,
): RecommendedOut {
  const nameOf = ({ foodId, text }: { foodId?: string; text: string }): string =>
    (foodId === undefined ? undefined : catalogue.byId.get(foodId)?.name[language]) ?? text;
  const batches = new Map(stock.batches.map(batch => [batch.ingredientId, batch]));
  // Batches used up since then have no name here any more.
  const named = (ingredientId: string) => batches.get(ingredientId)?.name ?? [];
  const { unmeasured = [], substitutions = [], unsure = [] } = ranked;
  const missing = byFood(
    ranked.missing.map(({ line, foodId, amount }) => lackingOf(recipe.lines[line]!, foodId, amount)),
  ).map(one => ({ ...one, name: nameOf(one) }));
  return {
    recipeId: ranked.recipeId,
    version: ranked.version,
    title: recipe.title,
    tier: ranked.tier,
    coverage: ranked.coverage,
    score: ranked.score,
    ...(recipe.minutes !== undefined && { minutes: recipe.minutes }),
    uses: merged(ranked.uses).map(({ ingredientId, foodId, amount, base }) => {
      const batch = batches.get(ingredientId);
      return {
        ingredientId,
        foodId,
        amount: amount / 1000,
        unit: base,
        ...(batch?.dueDate !== undefined && { dueDate: batch.dueDate }),
        ...(batch && { status: statusOn(stock.today, batch, stock.dueSoonDays).status }),
      };
    }),
    usesFirst: [...ranked.usesFirst],
    missing,
    partial: ranked.partial.map(({ line, foodId, have, need, base }) => {
      const { text, amount, unit } = recipe.lines[line]!;
      const figures =
        amount === undefined
          ? { have: have / 1000, need: need / 1000, unit: base }
          : { have: inUnitOf(recipe.lines[line]!, have), need: inUnitOf(recipe.lines[line]!, need), unit: unit! };
      return { foodId, name: nameOf({ foodId, text }), ...figures };
    }),
    substitutions: substitutions.map(({ foodId, by }) => ({ foodId, by })),
    ...sentences(ranked, {
      language,
      used: ranked.usesFirst.flatMap(named),
      overdue: ranked.overdue.flatMap(named),
      unknown: [...ranked.unknown.map(line => recipe.lines[line]!.text), ...unsure.flatMap(named)],
      unmeasured: unmeasured.map(line => recipe.lines[line]!.text),
      substitutions: substitutions.map(({ foodId, by }) => ({
        food: nameOf({ foodId, text: foodId }),
        by: nameOf({ foodId: by, text: by }),
      })),
      missing: missing.map(({ name }) => name),
    }),
  };
}

type Use = RankedRecipe['uses'][number];

/** Two lines may take from one ingredient, which is listed once with the sum. */
function merged(uses: readonly Use[]): Use[] {
  const byIngredient = new Map<string, Use>();
  for (const use of uses) {
    const amount = use.amount + (byIngredient.get(use.ingredientId)?.amount ?? 0);
    byIngredient.set(use.ingredientId, { ...use, amount });
  }
  return [...byIngredient.values()];
}
