import { cover } from '../../domain/covering.ts';
import { larderOf } from '../../domain/larder.ts';
import type { Line } from '../../domain/lines.ts';
import { fromBase, unitOf } from '../../domain/units.ts';
import type { Stock } from './stock-answer.ts';

/** As much of a recipe as cooking needs. */
export interface Recipe {
  readonly recipeId: string;
  readonly version: number;
  readonly servings?: number;
  readonly lines: readonly Line[];
}

const USUAL_SERVINGS = 2;

/**
 * What cooking a recipe would take from a fridge, each in its own unit, nothing that is past its use-by date; and how
 * much more it would need. What is there in amounts that cannot be compared is neither taken nor missing.
 */
export function draft(recipe: Recipe, stock: Stock, wanted: number | undefined) {
  const servings = wanted ?? recipe.servings ?? USUAL_SERVINGS;
  const { uses, missing, partial } = cover(recipe, larderOf(stock), { servings });
  const byId = new Map(stock.batches.map(batch => [batch.ingredientId, batch]));
  const total = new Map<string, number>();
  for (const { ingredientId, amount } of uses) total.set(ingredientId, (total.get(ingredientId) ?? 0) + amount);
  return {
    recipeId: recipe.recipeId,
    version: recipe.version,
    servings,
    deductions: [...total]
      .filter(([, amount]) => amount > 0)
      .map(([ingredientId, amount]) => {
        const { unit, perUnit } = byId.get(ingredientId)!;
        return { ingredientId, amount: fromBase(amount, perUnit), unit };
      }),
    missing: [
      ...missing.map(({ line, amount }) => ({ line, lacking: amount })),
      ...partial.map(({ line, need, have }) => ({ line, lacking: need - have })),
    ]
      .sort((a, b) => a.line - b.line)
      .map(({ line, lacking }) => {
        const { text, foodId, unit } = recipe.lines[line]!;
        return {
          text,
          ...(foodId !== undefined && { foodId }),
          ...(lacking !== undefined && { amount: fromBase(lacking, unitOf(unit!).perUnit), unit: unit! }),
        };
      }),
  };
}
