import type { Catalogue } from '../../domain/catalogue.ts';
import { convert } from '../../domain/convert.ts';
import { type Covered, cover } from '../../domain/covering.ts';
import type { Food } from '../../domain/food.ts';
import { byFood, lackingOf } from '../../domain/lacking.ts';
import { larderOf } from '../../domain/larder.ts';
import type { Line } from '../../domain/line.ts';
import { fromBase, toBase, type Unit, unitOf } from '../../domain/units.ts';
import type { HeldRecipe } from '../recipes/recipes.api.ts';
import type { Stock } from './fridges.api.ts';

/** The part of a recipe that cooking needs. */
export type Recipe = Pick<HeldRecipe, 'recipeId' | 'version' | 'servings' | 'lines'>;

const USUAL_SERVINGS = 2;

type Batch = Stock['batches'][number];
type Use = Covered['uses'][number];

/**
 * The draft of a cooking: its deductions from a fridge, in the recipe's units and without expired food, and the amounts
 * that are or may be missing. Stock in amounts that cannot be compared is neither taken nor missing.
 */
export function draft(catalogue: Catalogue, recipe: Recipe, stock: Stock, wanted: number | undefined) {
  const servings = wanted ?? recipe.servings ?? USUAL_SERVINGS;
  const { uses, missing, partial, unknown } = cover(recipe, larderOf(catalogue, stock), { servings });
  const byId = new Map(stock.batches.map(batch => [batch.ingredientId, batch]));
  const taken = Map.groupBy(
    uses.filter(({ amount }) => amount > 0),
    ({ ingredientId }) => ingredientId,
  );
  const scale = recipe.servings ? servings / recipe.servings : 1;
  const unheard = unknown
    .filter(line => !catalogue.byId.get(recipe.lines[line]!.foodId ?? ''))
    .map(line => ({ line, foodId: undefined, lacking: recipe.lines[line]!.amount }))
    .map(one => ({ ...one, lacking: one.lacking && one.lacking * scale }));
  return {
    recipeId: recipe.recipeId,
    version: recipe.version,
    servings,
    deductions: [...taken].map(([ingredientId, of]) => ({
      ingredientId,
      ...deduction(catalogue, of, byId.get(ingredientId)!, recipe.lines),
    })),
    missing: byFood(
      [
        ...missing.map(({ line, foodId, amount }) => ({ line, foodId, lacking: amount })),
        ...partial.map(({ line, foodId, need, have }) => ({ line, foodId, lacking: need - have })),
        ...unheard,
      ]
        .sort((a, b) => a.line - b.line)
        .map(({ line, foodId, lacking }) => lackingOf(recipe.lines[line]!, foodId, lacking)),
    ),
  };
}

/**
 * The amount taken of an ingredient, in a unit that a cook can measure: that of its lines, else grams or millilitres,
 * and its own unit (a pack) only if neither is possible.
 */
function deduction(
  catalogue: Catalogue,
  uses: readonly Use[],
  batch: Batch,
  lines: readonly Line[],
): { amount: number; unit: string } {
  const total = uses.reduce((sum, { amount }) => sum + amount, 0);
  const food = catalogue.byId.get(batch.foodId!)!;
  const own = { amount: fromBase(total, batch.perUnit), unit: batch.unit };
  const units = new Set(uses.map(use => measureOf(lines[use.line]!, batch)));
  const [code] = units;
  if (units.size === 1 && code !== undefined) {
    const covers = uses.reduce((sum, use) => sum + use.covers, 0);
    return measured(food, covers, unitOf(code), total, batch) ?? own;
  }
  const base = batch.base === 'ml' ? 'ml' : 'g';
  const amount = convert(food, total, batch.base, base);
  return (amount === undefined ? undefined : measured(food, amount, unitOf(base), total, batch)) ?? own;
}

/** The unit of a line, if it is for this food and of the usual size: a cup of 240 ml is given in millilitres. */
function measureOf({ foodId, also = [], amount, shown, unit, base }: Line, batch: Batch): string | undefined {
  if (unit === undefined || ![foodId, ...also].includes(batch.foodId)) return undefined;
  const isUsual = Math.abs(toBase(shown!, unitOf(unit)) / amount! - 1) < 0.01;
  return isUsual ? unit : base;
}

/** Rounds to three places, never up; undefined if the result would be zero. */
function measured(
  food: Food,
  amount: number,
  unit: Unit,
  total: number,
  batch: Batch,
): { amount: number; unit: string } | undefined {
  const shown = Math.floor((amount / unit.perUnit) * 1000 + 1e-6) / 1000;
  const back = convert(food, toBase(shown, unit), unit.base, batch.base);
  return back !== undefined && back > 0 && back <= total * 1.01 ? { amount: shown, unit: unit.code } : undefined;
}
