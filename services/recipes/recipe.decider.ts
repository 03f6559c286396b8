import type { Decider } from '../../core/decider.ts';
import { Refused } from '../../core/errors.ts';
import type { RecipeEvent } from '../../events/recipe.ts';

export interface NewRecipe {
  readonly title: string;
  readonly ingredients: readonly (string | { readonly name: string; readonly amount?: string | undefined })[];
  readonly steps: readonly string[];
  readonly servings?: number | undefined;
  readonly minutes?: number | undefined;
  readonly tags: readonly string[];
  readonly lang: string;
  readonly source?: string | undefined;
  readonly url?: string | undefined;
}

export interface RecipeCommand {
  readonly do: 'import';
  readonly recipeId: string;
  readonly recipe: NewRecipe;
  readonly visibility: string;
}

export interface RecipeState {
  exists: boolean;
}

export const recipeDecider: Decider<RecipeCommand, RecipeEvent, RecipeState> = {
  initial: () => ({ exists: false }),

  evolve(_state, { type }) {
    switch (type) {
      case 'RecipeImported':
        return { exists: true };
    }
  },

  decide({ recipeId, recipe, visibility }, { exists }) {
    if (exists) throw new Refused('rule', 'recipe-held', 'this recipe is held already');
    const { servings, minutes, source, url, ingredients, ...others } = recipe;
    return [
      {
        type: 'RecipeImported',
        data: {
          recipeId,
          ...others,
          ingredients: ingredients.map(line =>
            typeof line === 'string'
              ? line
              : { name: line.name, ...(line.amount !== undefined && { amount: line.amount }) },
          ),
          ...(servings !== undefined && { servings }),
          ...(minutes !== undefined && { minutes }),
          ...(source !== undefined && { source }),
          ...(url !== undefined && { url }),
          visibility,
        },
      },
    ];
  },
};
