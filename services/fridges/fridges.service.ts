import type { ServiceSchema } from 'moleculer';
import type { Answer, Handled } from '../../core/command-handler.ts';
import { Unavailable } from '../../core/errors.ts';
import type { Happened } from '../../core/fact.ts';
import { type Sealed, seal } from '../../core/sealed.ts';
import { localDate } from '../../domain/dates.ts';
import { type FridgeEvent, fridgeFamily } from '../../events/fridge.ts';
import { action, deadlineOf, internalAction, type Request } from '../../platform/action.ts';
import { memberKey, reveal } from '../../platform/member-key.ts';
import { PAGE_BYTES, paged } from '../../platform/message-size.ts';
import { pageOf } from '../../platform/paging.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';
import { type Since, since } from '../../platform/views.ts';
import { fridges as fridgesView } from '../../projections/fridges.ts';
import { ingredients as ingredientsView } from '../../projections/ingredients.ts';
import { memberships as membershipsView } from '../../projections/memberships.ts';
import { heldRecipes } from '../recipes/held-recipes.ts';
import { recommendations } from '../recommendations/recommendations.api.ts';
import { draft } from './cooking.ts';
import { type FridgeCommand, fridgeDecider } from './fridge.decider.ts';
import { type FridgeState, noFridge, noIngredient, roleOf } from './fridge.state.ts';
import { batchOf, fridgesApi, fridges as joints, type Stock } from './fridges.api.ts';
import { call } from './fridges.calls.ts';
import { page, type Rows } from './listing.ts';
import { shown } from './shown.ts';
import { type FridgeRow, type Visited, visitedBy } from './visited.ts';

const FIRST_NAME = { ko: '우리집 냉장고', en: 'Our fridge' } as const;

type Done = Handled<Happened<FridgeEvent>, FridgeState>;

/** The action id of a command. */
const actionOf = ({ events }: Done): string => events[0]!.meta.commandId;

function cooked(handled: Done) {
  const header = handled.events.find(event => event.type === 'CookingRecorded')!;
  return {
    body: { cookingId: header.data.cookingId, actionId: actionOf(handled) },
    position: handled.position,
    location: `/fridges/${fridgeFamily.idOf(header.stream)}/ingredients`,
  };
}

/** Fridges and their ingredients. */
export default function fridgesService(parts: Parts): ServiceSchema {
  const { keys, views, clock, catalogue } = parts;
  const fridges = parts.handler(fridgeFamily, fridgeDecider(catalogue));

  const note = (sealed: Sealed | undefined) => reveal<string>(keys, 'note', sealed);
  const kitchen = ({ timeZone, dueSoonDays }: Pick<FridgeRow, 'timeZone' | 'dueSoonDays'>) => ({
    today: localDate(clock(), timeZone),
    dueSoonDays,
  });
  const show = (ingredient: Parameters<typeof shown>[0], at: ReturnType<typeof kitchen>, { meta }: Request) =>
    shown(ingredient, { ...at, language: meta.language, catalogue }, note);

  /** A fridge from its view, for one of its members. @throws Refused `fridge-not-found` */
  async function visited(fridgeId: string, { actor }: Request, when: Since): Promise<Visited> {
    const fridge = visitedBy(actor, await views.get(fridgesView, fridgeId, when));
    if (!fridge) throw noFridge();
    return fridge;
  }

  /** The positions that a read of one fridge waits for. */
  const sinceIn = (fridgeId: string, { meta }: Request) => since(meta.waitFor, fridges.known(fridgeId));

  /** The ingredients from their view. */
  const rowsSince = (when: Since): Rows => ({
    find: (query = {}) => views.find(ingredientsView, query, when),
    count: (where = {}) => views.count(ingredientsView, where, when),
  });

  /**
   * The stock of a fridge, for a member of it if one is named.
   * @throws Refused `fridge-not-found`; Unavailable before revision `atLeast`
   */
  const stockOf = (fridgeId: string, member: string | undefined, atLeast = 0): Promise<Stock> =>
    fridges.load(fridgeId, ({ state, revision }) => {
      if (member !== undefined) roleOf(state, member);
      if (revision < atLeast) throw new Unavailable(`the fridge is at ${revision}, not yet at ${atLeast}`);
      const batches = [...state.present].map(ingredientId => state.ingredients.get(ingredientId)!);
      return { revision, ...kitchen(state.fridge!), batches };
    });

  async function sealNote(text: string, actor: string): Promise<Sealed> {
    return seal(await memberKey(keys, actor), actor, 'note', text);
  }

  async function sealedItem<I extends { note?: string | undefined }>({ note, ...item }: I, actor: string) {
    return { ...item, ...(note !== undefined && { note: await sealNote(note, actor) }) };
  }

  /** The sealed note; undefined if the text has not changed, because two envelopes of one text differ. */
  async function changedNote(fridgeId: string, ingredientId: string, text: string, request: Request) {
    const present = await fridges.load(fridgeId, ({ state }) => {
      roleOf(state, request.actor);
      return state.ingredients.get(ingredientId)?.note;
    });
    return (await note(present)) === text ? undefined : sealNote(text, request.actor);
  }

  /** @throws Problem 404 if this fridge may not see it, or there is no such version */
  async function recipeOf(fridgeId: string, recipeId: string, version: number | undefined, { ctx }: Request) {
    const [recipe] = await heldRecipes(call, ctx, fridgeId, [recipeId]);
    if (!recipe || (version !== undefined && version !== recipe.version)) {
      throw new Problem(404, 'recipe-not-found', 'there is no such recipe');
    }
    return recipe;
  }

  /** @throws Problem 422 if this fridge has no such recommendation */
  async function recommendedTo(fridgeId: string, recommendationId: string | undefined, { ctx }: Request) {
    if (recommendationId === undefined) return;
    if (await call(ctx, recommendations.isOf, { recommendationId, fridgeId })) return;
    const message = 'there is no such recommendation for this fridge';
    throw new Problem(422, 'unknown-recommendation', message, { errors: [{ path: 'recommendationId', message }] });
  }

  /** `check` validates references outside the fridge; a repeat is answered without it. */
  async function run<T>(
    fridgeId: string,
    command: FridgeCommand,
    request: Request,
    answer: Answer<typeof fridgeFamily, FridgeState, T>,
    check?: () => Promise<void>,
  ): Promise<T> {
    const meta = request.command(await memberKey(keys, request.actor));
    const spoken = { ...command, language: request.meta.language };
    if (check) {
      const earlier = await fridges.repeated(fridgeId, spoken, meta, answer);
      if (earlier !== undefined) return earlier;
      await check();
    }
    return fridges.handle(fridgeId, spoken, meta, answer);
  }

  /** A command on one ingredient, with the common answer. */
  async function runOn(fridgeId: string, command: FridgeCommand & { ingredientId: string }, request: Request) {
    const { ingredient, at, actionId, ...answer } = await run(fridgeId, command, request, handled => ({
      ...{ actionId: actionOf(handled), etag: handled.revision, position: handled.position },
      ingredient: handled.state.ingredients.get(command.ingredientId)!,
      at: kitchen(handled.state.fridge!),
    }));
    return { body: { actionId, ingredient: await show(ingredient, at, request) }, ...answer };
  }

  return {
    name: 'fridges',
    actions: {
      open: internalAction(joints.open, async ({ fridgeId, timeZone, language, owner, command }, ctx) => {
        const meta = { ...command, deadline: deadlineOf(ctx) };
        const open = { do: 'open', fridgeId, name: FIRST_NAME[language], timeZone, owner } as const;
        return await fridges.handle(fridgeId, open, meta, () => undefined);
      }),

      stock: internalAction(joints.stock, async ({ fridgeId, atLeast, skip, for: member }) => {
        const { batches, ...stock } = await stockOf(fridgeId, member, atLeast);
        const { page, rest } = paged(batches.slice(skip).map(batchOf), PAGE_BYTES);
        return { ...stock, batches: page, more: rest.length > 0 };
      }),

      mine: action(fridgesApi.mine, async (query, { actor, meta }) => {
        const all = await views.find(membershipsView, { where: { memberId: actor } }, since(meta.waitFor));
        const { rows, ...rest } = pageOf(all, { list: 'fridges', ...query }, ({ openedAt, fridgeId }) => [
          openedAt,
          fridgeId,
        ]);
        const ids = rows.map(({ fridgeId }) => fridgeId);
        const found = await views.load(fridgesView, ids, since(meta.waitFor, ...ids.map(id => fridges.known(id))));
        const items = ids.flatMap(fridgeId => visitedBy(actor, found.get(fridgeId)?.row) ?? []);
        return { body: { items, ...rest } };
      }),

      fridge: action(fridgesApi.fridge, async ({ fridgeId }, request) => ({
        body: await visited(fridgeId, request, sinceIn(fridgeId, request)),
      })),

      list: action(fridgesApi.list, async (query, request) => {
        const when = sinceIn(query.fridgeId, request);
        const at = kitchen(await visited(query.fridgeId, request, when));
        const { rows, ...rest } = await page(catalogue, rowsSince(when), { ...query, ...at });
        return { body: { items: await Promise.all(rows.map(row => show(row, at, request))), ...rest } };
      }),

      ingredient: action(fridgesApi.ingredient, async ({ fridgeId, ingredientId }, request) => {
        const when = sinceIn(fridgeId, request);
        const at = kitchen(await visited(fridgeId, request, when));
        const row = await views.get(ingredientsView, ingredientId, when);
        if (row?.fridgeId !== fridgeId || row.voided) throw noIngredient();
        return { body: await show(row, at, request), etag: row.revision };
      }),

      store: action(fridgesApi.store, async ({ fridgeId, items, listed }, request) => {
        const sealed = await Promise.all(items.map(item => sealedItem(item, request.actor)));
        const command = { do: 'store', items: sealed, listed } as const;
        const { actionId, position, stored, at } = await run(fridgeId, command, request, handled => ({
          ...{ actionId: actionOf(handled), position: handled.position, at: kitchen(handled.state.fridge!) },
          stored: handled.events.flatMap(({ data }) =>
            'ingredientId' in data ? [handled.state.ingredients.get(data.ingredientId)!] : [],
          ),
        }));
        // A repeat returns their present state, without those whose storing was undone meanwhile.
        const present = stored.filter(({ voided }) => !voided);
        return {
          body: { actionId, items: await Promise.all(present.map(ingredient => show(ingredient, at, request))) },
          position,
          location: `/fridges/${fridgeId}/ingredients${stored.length === 1 ? `/${stored[0]!.ingredientId}` : ''}`,
        };
      }),

      correct: action(
        fridgesApi.correct,
        async ({ fridgeId, ingredientId, occurredAt: _, note, ...patch }, request) => {
          const sealed = typeof note === 'string' ? await changedNote(fridgeId, ingredientId, note, request) : note;
          const { ifMatch } = request.meta;
          return runOn(fridgeId, { do: 'correct', ingredientId, ifMatch, patch: { ...patch, note: sealed } }, request);
        },
      ),

      consume: action(fridgesApi.consume, async ({ fridgeId, ingredientId, amount, unit }, request) =>
        runOn(fridgeId, { do: 'consume', ingredientId, amount, unit, ifMatch: request.meta.ifMatch }, request),
      ),

      discard: action(fridgesApi.discard, async ({ fridgeId, ingredientId, reason, amount, unit }, request) =>
        runOn(fridgeId, { do: 'discard', ingredientId, reason, amount, unit, ifMatch: request.meta.ifMatch }, request),
      ),

      draft: action(fridgesApi.draft, async ({ fridgeId, recipeId, version, servings }, request) => {
        const stock = await stockOf(fridgeId, request.actor);
        const recipe = await recipeOf(fridgeId, recipeId, version, request);
        return { body: draft(catalogue, recipe, stock, servings) };
      }),

      cook: action(fridgesApi.cook, async ({ fridgeId, leftovers, occurredAt: _, ...cooking }, request) => {
        const left = await Promise.all(leftovers.map(item => sealedItem(item, request.actor)));
        const command = { do: 'cook', ...cooking, leftovers: left } as const;
        const check = async () => {
          await recipeOf(fridgeId, cooking.recipeId, cooking.version, request);
          await recommendedTo(fridgeId, cooking.recommendationId, request);
        };
        return run(fridgeId, command, request, cooked, check);
      }),

      undo: action(fridgesApi.undo, async ({ fridgeId, actionId }, request) => {
        const command = { do: 'undo', actionId } as const;
        return run(fridgeId, command, request, undone => ({
          body: { actionId: actionOf(undone) },
          position: undone.position,
        }));
      }),
    },
  };
}
