import { type EventOf, fact, family } from '../core/fact.ts';

/** An ingredient line as its author wrote it: one text, or name and amount apart. */
export type WrittenIngredient = string | { readonly name: string; readonly amount?: string };

/** A recipe, as written. What its lines mean is derived where it is shown, so that a better reader can read it anew. */
export const recipeFamily = family('recipe', {
  RecipeImported: fact<{
    recipeId: string;
    title: string;
    ingredients: readonly WrittenIngredient[];
    steps: readonly string[];
    servings?: number;
    minutes?: number;
    tags: readonly string[];
    lang: string;
    source?: string;
    url?: string;
    /** `public`, or `fridge:<id>` */
    visibility: string;
  }>(),
});

export type RecipeEvent = EventOf<typeof recipeFamily>;
