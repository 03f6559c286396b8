import type { Call, Caller } from '../../platform/joint.ts';
import { type HeldRecipe, recipes } from './recipes.api.ts';

/**
 * Recipes by id, in as many messages as needed, without those that the fridge may not see.
 * @param position that the recipes view must have reached
 */
export async function heldRecipes(
  call: Call<typeof recipes.some>,
  from: Caller,
  fridgeId: string,
  recipeIds: readonly string[],
  position = 0,
): Promise<HeldRecipe[]> {
  const found: HeldRecipe[] = [];
  for (let left = recipeIds; left.length > 0; ) {
    const { recipes: page, rest } = await call(from, recipes.some, { fridgeId, recipeIds: left, position });
    found.push(...page);
    left = rest;
  }
  return found;
}
