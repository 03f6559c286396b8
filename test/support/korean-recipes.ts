import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OURS = join(import.meta.dirname, '../../data/recipes.jsonl');
/** Folder of the 432 public recipes, which are not part of the project; empty without them. */
const FOLDER = process.env.KOREAN_RECIPES ?? '';

export interface WrittenRecipe {
  title: string;
  ingredients: (string | { name: string; amount?: string })[];
  steps: string[];
  servings?: number;
}

export const havePublicRecipes = existsSync(FOLDER);

export const ownRecipes = (): WrittenRecipe[] =>
  readFileSync(OURS, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as WrittenRecipe);

interface Raw {
  recipe_code: number;
  recipe: string;
  name: string;
  amount: string | null;
  order_num: number;
  detail: string;
  serving: string;
  time: string;
}

/** The public recipes as import lines. Eight amounts are a bare NaN: those lines keep only their names. */
export function publicRecipes(): WrittenRecipe[] {
  const read = (file: string) =>
    JSON.parse(readFileSync(join(FOLDER, file), 'utf8').replaceAll(/\bNaN\b/g, 'null')) as Raw[];
  const ingredients = Map.groupBy(read('recipe_ingredients.json'), ({ recipe_code }) => recipe_code);
  const steps = Map.groupBy(read('recipe_process.json'), ({ recipe_code }) => recipe_code);
  return read('recipes.json').map(({ recipe_code, recipe, serving, time }) => ({
    title: recipe,
    ingredients: (ingredients.get(recipe_code) ?? []).map(({ name, amount }) => ({ name, ...(amount && { amount }) })),
    steps: (steps.get(recipe_code) ?? []).sort((a, b) => a.order_num - b.order_num).map(({ detail }) => detail),
    servings: Number.parseInt(serving, 10),
    minutes: Number.parseInt(time, 10),
    lang: 'ko',
    source: `public ${recipe_code}`,
  }));
}
