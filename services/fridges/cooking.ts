import type { Line } from '../../domain/lines.ts';
import { consumptionOrder, cover } from '../../domain/ranking.ts';
import { statusOn } from '../../domain/status.ts';
import { fromBase } from '../../domain/units.ts';
import type { Stock } from './stock-answer.ts';

/** As much of a recipe as cooking needs. */
export interface Recipe {
  readonly recipeId: string;
  readonly version: number;
  readonly servings?: number;
  readonly lines: readonly Line[];
}

const USUAL_SERVINGS = 2;

/** What cooking a recipe would take from a fridge, each in its own unit; nothing that is past its use-by date. */
export function draft(recipe: Recipe, stock: Stock, wanted: number | undefined) {
  const servings = wanted ?? recipe.servings ?? USUAL_SERVINGS;
  const usable = stock.batches
    .filter(batch => statusOn(stock.today, batch, stock.dueSoonDays).status !== 'expired')
    .sort(consumptionOrder);
  const { uses, missing, partial } = cover(recipe, usable, stock, { servings });
  const byId = new Map(usable.map(batch => [batch.ingredientId, batch]));
  const total = new Map<string, number>();
  for (const { ingredientId, amount } of uses) total.set(ingredientId, (total.get(ingredientId) ?? 0) + amount);
  return {
    recipeId: recipe.recipeId,
    version: recipe.version,
    servings,
    deductions: [...total]
      .filter(([, amount]) => amount > 0)
      .map(([ingredientId, amount]) => {
        const { name, unit, perUnit } = byId.get(ingredientId)!;
        return { ingredientId, name, amount: fromBase(amount, perUnit), unit };
      }),
    missing: [...missing, ...partial]
      .sort((a, b) => a.line - b.line)
      .map(({ line }) => {
        const { text, foodId } = recipe.lines[line]!;
        return { text, ...(foodId !== undefined && { foodId }) };
      }),
  };
}
