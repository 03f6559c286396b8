import { z } from 'zod';
import { MAX_BYTES } from '../../core/event-store/port.ts';
import type { Line } from '../../domain/line.ts';
import type { Ranked, Wish } from '../../domain/ranking.ts';
import { count, cursor, id, language, line, prose, servings } from '../../platform/fields.ts';
import { named } from '../../platform/joint.ts';
import { atMost } from '../../platform/message-size.ts';
import { route } from '../../platform/route.ts';

const MOST_AT_ONCE = 100;
const MOST_LINES = 200;
/** more than anyone writes */
const MOST_VERSIONS = 1_000_000;
const lang = z.string().regex(/^[a-z]{2,3}$/, 'is not a language code');

const asText = line(500);
const asParts = z.strictObject({ name: line(200), amount: line(200).optional() });
/** Reports the errors of the kind of line that was given. */
const written = z.union([asText, asParts], {
  error: ({ input }) => {
    const isText = typeof input === 'string';
    if (!isText && (typeof input !== 'object' || input === null)) return 'is neither a text nor { name, amount }';
    const issue = (isText ? asText : asParts).safeParse(input).error?.issues[0];
    return [...(issue?.path ?? []), issue?.message].join(': ');
  },
});

/** A recipe as submitted. */
export const newRecipe = z.strictObject({
  title: line(300),
  ingredients: z.array(written).max(MOST_LINES),
  steps: z.array(prose(5000)).max(MOST_LINES).default([]),
  servings: servings.optional(),
  minutes: z.int().min(1).max(100_000).optional(),
  tags: z.array(line(50)).max(50).default([]),
  lang: lang.optional(),
  source: line(300).optional(),
  url: z
    .url({ protocol: /^https?$/, error: 'is not a web address' })
    .max(2000)
    .optional(),
});

const recipeLine = z.object({
  text: z.string(),
  foodId: z.string().optional(),
  amount: z.number().optional(),
  unit: z.string().optional(),
  also: z.array(z.string()).optional().describe('further foods that the line needs: "salt and pepper"'),
  preparation: z.string().optional(),
  heading: z.boolean().optional().describe('names the lines that follow, and is no ingredient'),
  optional: z.boolean().optional(),
  sure: z.number().describe('0..1'),
});

const recipe = z.object({
  recipeId: z.string(),
  version: z.int(),
  revision: z.int(),
  title: z.string(),
  lang: z.string(),
  servings: z.int().optional(),
  minutes: z.int().optional(),
  tags: z.array(z.string()),
  lines: z.array(recipeLine),
  steps: z.array(z.object({ text: z.string() })),
  source: z.string().optional(),
  url: z.string().optional(),
});
export type RecipeOut = z.infer<typeof recipe>;

export const recipesApi = named('recipes', {
  search: route('GET /recipes', {
    summary: 'Held recipes, by words of title or ingredients',
    input: z.strictObject({
      search: line(100).optional(),
      tag: line(50).optional(),
      maxMinutes: count(100_000).optional(),
      lang: lang.optional(),
      limit: count(100).default(50),
      cursor: cursor.optional(),
    }),
    output: z.object({
      items: z.array(recipe.omit({ lines: true, steps: true })),
      total: z.int(),
      nextCursor: z.string().optional(),
    }),
  }),
  recipe: route('GET /recipes/{recipeId}', {
    summary: 'One recipe, with what was understood of its lines',
    input: z.strictObject({ recipeId: id, version: count(MOST_VERSIONS).optional() }),
    output: recipe,
  }),
  importMany: route('POST /ops/recipes', {
    summary: 'Take in up to 100 recipes, for everybody; each by itself is held or refused',
    access: 'operator',
    keyed: false, // a recipe's content is its key
    input: z.strictObject({ recipes: z.array(z.unknown()).min(1).max(MOST_AT_ONCE) }),
    output: z.object({
      results: z.array(
        z.union([
          z.object({ recipeId: z.string(), title: z.string(), held: z.enum(['new', 'before']) }),
          z.object({ refused: z.string() }),
        ]),
      ),
    }),
  }),
});

/** Most recipes that a service requests at a time, or has ranked. */
const MOST_RECIPES = 50;
/** A ranking is stored as one fact. */
export const RANKED_BYTES = MAX_BYTES - 16 * 1024;

const list = <S extends z.ZodType>(item: S, most = Number.MAX_SAFE_INTEGER) => z.array(item).max(most).readonly();

const parsedLine = z.object({
  text: z.string(),
  foodId: z.string().exactOptional(),
  also: list(z.string()).exactOptional(),
  optional: z.literal(true).exactOptional(),
  heading: z.literal(true).exactOptional(),
  sure: z.number(),
  amount: z.number().exactOptional(),
  base: z.string().exactOptional(),
  shown: z.number().exactOptional(),
  unit: z.string().exactOptional(),
}) satisfies z.ZodType<Line>;

const heldRecipe = z.object({
  recipeId: z.string(),
  version: z.int(),
  title: z.string(),
  servings: z.int().exactOptional(),
  minutes: z.int().exactOptional(),
  lines: list(parsedLine),
});
/** A recipe for other services. */
export type HeldRecipe = z.infer<typeof heldRecipe>;
export const heldOf = (recipe: z.input<typeof heldRecipe>): HeldRecipe => heldRecipe.parse(recipe);

const foods = list(id, 50).exactOptional();
const wish = z.object({
  servings: servings.exactOptional(),
  maxMinutes: z.int().exactOptional(),
  include: foods,
  exclude: foods,
  language: language.exactOptional(),
  limit: z.int().max(MOST_RECIPES),
}) satisfies z.ZodType<Wish>;

/** The largest recipe fits: its lines have at most `MAX_BYTES`, and their parsed form is less than 400 kB. */
export const HELD_BYTES = MAX_BYTES + 400 * 1024;

const lineOf = { line: z.int() };
const ranked = z.object({
  recipeId: z.string(),
  version: z.int(),
  tier: z.enum(['ready', 'staples', 'shopping']),
  coverage: z.number(),
  score: z.number(),
  uses: list(z.object({ ingredientId: z.string(), foodId: z.string(), amount: z.number(), base: z.string() })),
  usesFirst: list(z.string()),
  missing: list(
    z.object({
      ...lineOf,
      foodId: z.string().exactOptional(),
      amount: z.number().exactOptional(),
      base: z.string().exactOptional(),
    }),
  ),
  partial: list(z.object({ ...lineOf, foodId: z.string(), have: z.number(), need: z.number(), base: z.string() })),
  unmeasured: list(z.int()),
  substitutions: list(z.object({ foodId: z.string(), by: z.string() })),
  unknown: list(z.int()),
  unsure: list(z.string()),
  overdue: list(z.string()),
}) satisfies z.ZodType<Ranked>;

/** Joints for other services. */
export const recipes = named('recipes', {
  /**
   * The recipes that a fridge can cook, best first, ranked for its stock at revision `atLeast` or later: at most
   * `wish.limit`, and only as many as fit.
   */
  rank: {
    input: z.object({ fridgeId: id, atLeast: z.int(), wish }),
    output: z.object({ fridgeRevision: z.int(), recipes: atMost(list(ranked, MOST_RECIPES), RANKED_BYTES) }),
  },
  /**
   * Recipes by id, as of a position in the log or later; those that the fridge may not see are left out. `rest`: ids of
   * those that did not fit.
   * `held-recipes.ts` asks for all of them.
   */
  some: {
    input: z.object({ fridgeId: id, recipeIds: list(id, MOST_RECIPES), position: z.int().min(0).default(0) }),
    output: z.object({ recipes: atMost(list(heldRecipe), HELD_BYTES), rest: list(id, MOST_RECIPES) }),
  },
});
