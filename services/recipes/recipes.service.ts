import { createHash } from 'node:crypto';
import type { ServiceSchema } from 'moleculer';
import { Refused } from '../../core/errors.ts';
import { canonicalJson, createdId } from '../../core/ids.ts';
import { larderOf } from '../../domain/larder.ts';
import { rank } from '../../domain/ranking.ts';
import { recipeFamily } from '../../events/recipe.ts';
import { action, internalAction, invalidInput, type Request } from '../../platform/action.ts';
import { serviceOf } from '../../platform/joint.ts';
import { paged } from '../../platform/message-size.ts';
import { pageOf } from '../../platform/paging.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';
import { type Since, since } from '../../platform/views.ts';
import { memberships as membershipsView } from '../../projections/memberships.ts';
import { wholeStock } from '../fridges/whole-stock.ts';
import { recipeDecider } from './recipe.decider.ts';
import { RecipeIndex, type RecipeRow, visibleTo } from './recipe-index.ts';
import {
  HELD_BYTES,
  heldOf,
  recipes as joints,
  newRecipe,
  RANKED_BYTES,
  type RecipeOut,
  recipesApi,
} from './recipes.api.ts';
import { call, hears } from './recipes.calls.ts';

/** Most ranked recipes: those with the greatest covered share. */
const MOST_CANDIDATES = 2000;

/** Text with Hangul is Korean; anything else counts as English unless it says otherwise. */
const languageOf = (title: string): string => (/[가-힣]/.test(title) ? 'ko' : 'en');

/** The recipes. */
export default function recipesService({ handler, views, catalogue }: Parts): ServiceSchema {
  const recipes = handler(recipeFamily, recipeDecider);
  const index = new RecipeIndex(views, catalogue);

  /** Stores a recipe. Its id is derived from its content, so the same recipe is stored once. */
  async function hold(given: unknown, { meta: { traceparent }, deadline }: Request) {
    const parsed = newRecipe.safeParse(given);
    if (!parsed.success) return { refused: invalidInput(parsed.error).message, position: 0 };
    const recipe = { ...parsed.data, lang: parsed.data.lang ?? languageOf(parsed.data.title) };
    const commandId = createHash('sha256')
      .update(canonicalJson(['import', recipe]))
      .digest('hex');
    const recipeId = createdId(commandId, 0);
    const meta = { commandId, actor: 'operator', ...(traceparent !== undefined && { traceparent }), deadline };
    try {
      const command = { do: 'import', recipeId, recipe, visibility: 'public' } as const;
      return await recipes.handle(recipeId, command, meta, ({ repeated, position }) => ({
        ...{ recipeId, title: recipe.title, position },
        held: repeated ? ('before' as const) : ('new' as const),
      }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { refused: error.message, position: 0 };
    }
  }

  const fridgesOf = async (memberId: string, when: Since): Promise<string[]> =>
    (await views.find(membershipsView, { where: { memberId } }, when)).map(({ fridgeId }) => fridgeId);

  return {
    name: 'recipes',
    // The projector calls no service, so this one may wait for it.
    dependencies: hears.map(({ event }) => serviceOf(event)),

    /** Fills the index in advance for the first request. A failure here is retried by that request. */
    started: async () => void index.fresh().catch(() => {}),

    actions: {
      search: action(recipesApi.search, async (query, { actor, meta }) => {
        const when = since(meta.waitFor);
        const mine = await fridgesOf(actor, when);
        const { search, tag, maxMinutes, lang } = query;
        const found = (await index.fresh(when)).search(
          search,
          row =>
            visibleTo(row, mine) &&
            (tag === undefined || row.tags.includes(tag)) &&
            (maxMinutes === undefined || (row.minutes !== undefined && row.minutes <= maxMinutes)) &&
            (lang === undefined || row.lang === lang),
        );
        const { rows, ...rest } = pageOf(found, { list: 'recipes', ...query }, row => [row.recipeId, row.recipeId]);
        return { body: { items: rows.map(shown), ...rest } };
      }),

      recipe: action(recipesApi.recipe, async ({ recipeId, version }, { actor, meta }) => {
        const when = since(meta.waitFor);
        const row = (await index.fresh(when)).get(recipeId);
        const isHeld = row && visibleTo(row, await fridgesOf(actor, when)) && (version ?? row.version) === row.version;
        if (!isHeld) throw new Problem(404, 'recipe-not-found', 'there is no such recipe');
        return { body: shown(row), etag: row.revision };
      }),

      importMany: action(recipesApi.importMany, async (input, request) => {
        const outcomes = await Promise.all(input.recipes.map(given => hold(given, request)));
        const position = Math.max(...outcomes.map(one => one.position));
        const results = outcomes.map(({ position: _, ...result }) => result);
        return { body: { results }, ...(position > 0 && { position }) };
      }),

      rank: internalAction(joints.rank, async ({ fridgeId, atLeast, wish }, ctx) => {
        const stock = await wholeStock(call, ctx, { fridgeId, atLeast });
        const foodIds = [...larderOf(catalogue, stock).byFood.keys()].filter(foodId => foodId !== undefined);
        const candidates = (await index.fresh()).withFoods(foodIds, { fridgeId, wish, limit: MOST_CANDIDATES });
        // A recipe that takes from thousands of batches may be too large for any answer.
        const { page } = paged(rank(catalogue, candidates, stock, wish), RANKED_BYTES);
        return { fridgeRevision: stock.revision, recipes: page };
      }),

      some: internalAction(joints.some, async ({ fridgeId, recipeIds, position }) => {
        const present = await index.fresh(since(position));
        const found = recipeIds.flatMap(recipeId => {
          const row = present.get(recipeId);
          return row && visibleTo(row, [fridgeId]) ? [heldOf(row)] : [];
        });
        const { page, rest } = paged(found, HELD_BYTES);
        return { recipes: page, rest: rest.map(({ recipeId }) => recipeId) };
      }),
    },
  };
}

function shown({ named: _, ...row }: RecipeRow): RecipeOut {
  return {
    ...row,
    tags: [...row.tags],
    lines: row.lines.map(({ amount: _amount, base: _base, shown: given, also, ...line }) => ({
      ...line,
      ...(also && { also: [...also] }),
      ...(given !== undefined && { amount: given }),
    })),
    steps: row.steps.map(text => ({ text })),
  };
}
