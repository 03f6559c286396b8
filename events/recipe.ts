import { type EventOf, fact, family } from '../core/fact.ts';

/** An ingredient line as its author wrote it: one text, or name and amount separately. */
export type WrittenIngredient = string | { readonly name: string; readonly amount?: string };

/** A recipe as written. Its lines are parsed when it is shown, so a better parser also applies to old recipes. */
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
