import { Refused } from '../../core/errors.ts';
import type { Happened } from '../../core/fact.ts';
import type { Changed, Effect, FridgeEvent, IngredientValues, PlaceKind, Role } from '../../events/fridge.ts';

export interface Ingredient extends IngredientValues {
  readonly ingredientId: string;
  /** of the last fact that touched it */
  readonly revision: number;
  readonly addedAt: string;
  readonly addedBy: string;
}

/** The newest action: what would take it back. */
export interface LastAction {
  readonly actionId: string;
  readonly before: Map<string, Changed>;
  readonly effects: Map<string, Effect[]>;
}

export interface FridgeState {
  fridge: { fridgeId: string; name: string; timeZone: string; dueSoonDays: number } | undefined;
  places: Map<string, PlaceKind>;
  members: Map<string, Role>;
  ingredients: Map<string, Ingredient>;
  /** ids of the ingredients of which some is left */
  present: Set<string>;
  last: LastAction | undefined;
}

export const emptyFridge = (): FridgeState => ({
  fridge: undefined,
  places: new Map(),
  members: new Map(),
  ingredients: new Map(),
  present: new Set(),
  last: undefined,
});

/** Facts carry outcomes: this only assigns. */
export function evolveFridge(state: FridgeState, event: Happened<FridgeEvent>): FridgeState {
  const { type, data } = event;
  switch (type) {
    case 'FridgeOpened': {
      const { fridgeId, name, timeZone, dueSoonDays, places, owner } = data;
      state.fridge = { fridgeId, name, timeZone, dueSoonDays };
      state.places = new Map(places.map(({ place, kind }) => [place, kind]));
      state.members.set(owner, 'owner');
      return state;
    }
    case 'IngredientStored': {
      const { given: _given, matched: _matched, rule: _rule, cookingId: _cooking, ...values } = data;
      put(state, {
        ...values,
        revision: event.revision,
        addedAt: event.meta.occurredAt ?? event.meta.at,
        addedBy: event.meta.actor ?? '',
      });
      remember(state, event, data.ingredientId, { voided: true });
      return state;
    }
    case 'IngredientConsumed':
    case 'IngredientDiscarded': {
      const { ingredientId, taken, amount, date } = data;
      const { foodId, base, amount: before } = state.ingredients.get(ingredientId)!;
      assign(state, event, ingredientId, { amount });
      remember(state, event, ingredientId, { amount: before }, [
        {
          of: event.revision,
          kind: type === 'IngredientConsumed' ? 'consumed' : 'discarded',
          ...(foodId !== undefined && { foodId }),
          amount: taken,
          base,
          ...(type === 'IngredientDiscarded' && data.value !== undefined && { value: data.value }),
          date,
          ...(event.meta.actor !== undefined && { member: event.meta.actor }),
          sign: -1,
        },
      ]);
      return state;
    }
    case 'IngredientCorrected': {
      const before = valuesBefore(state.ingredients.get(data.ingredientId)!, data.changed);
      assign(state, event, data.ingredientId, data.changed);
      remember(state, event, data.ingredientId, before);
      return state;
    }
    case 'CookingRecorded':
    case 'ActionUndone':
      remember(state, event);
      return state;
    case 'IngredientRestored': {
      const before = valuesBefore(state.ingredients.get(data.ingredientId)!, data.changed);
      assign(state, event, data.ingredientId, data.changed);
      const effects = data.effects.map(effect => ({ ...effect, sign: effect.sign === 1 ? -1 : 1 }) as const);
      remember(state, event, data.ingredientId, before, effects);
      return state;
    }
  }
}

function assign(state: FridgeState, { revision }: Happened<FridgeEvent>, ingredientId: string, changed: Changed): void {
  const next: Record<string, unknown> = { ...state.ingredients.get(ingredientId)!, revision };
  for (const [field, value] of Object.entries(changed)) {
    if (value === null) delete next[field];
    else next[field] = value;
  }
  put(state, next as unknown as Ingredient);
}

function put(state: FridgeState, ingredient: Ingredient): void {
  const { ingredientId } = ingredient;
  state.ingredients.set(ingredientId, ingredient);
  if (isPresent(ingredient)) state.present.add(ingredientId);
  else state.present.delete(ingredientId);
}

/** Whether there is some of it, and its storing was not undone. */
export const isPresent = ({ amount, voided }: Pick<Ingredient, 'amount' | 'voided'>): boolean => amount > 0 && !voided;

/** What the fields that are about to change hold now. */
export function valuesBefore(ingredient: Ingredient, changed: Changed): Changed {
  return Object.fromEntries(
    Object.keys(changed).map(field => [field, ingredient[field as keyof IngredientValues] ?? null]),
  );
}

/** Notes how to take the present action back; the first value that a field had before it is the one to go back to. */
function remember(
  state: FridgeState,
  { meta }: Happened<FridgeEvent>,
  ingredientId?: string,
  before: Changed = {},
  effects: readonly Effect[] = [],
): void {
  if (state.last?.actionId !== meta.commandId) {
    state.last = { actionId: meta.commandId, before: new Map(), effects: new Map() };
  }
  if (ingredientId === undefined) return;
  state.last.before.set(ingredientId, { ...before, ...state.last.before.get(ingredientId) });
  state.last.effects.set(ingredientId, [...(state.last.effects.get(ingredientId) ?? []), ...effects]);
}

/** The ingredient, unless there is none by that id (any more). @throws Refused `ingredient-not-found` */
export function ingredientOf(state: FridgeState, ingredientId: string): Ingredient {
  const ingredient = state.ingredients.get(ingredientId);
  if (!ingredient || ingredient.voided) {
    throw new Refused('not-found', 'ingredient-not-found', 'there is no such ingredient in this fridge');
  }
  return ingredient;
}

/** What a member may do in a fridge; a fridge that one is no member of is not known of. @throws Refused */
export function roleOf(state: FridgeState, memberId: string | undefined): Role {
  const role = memberId === undefined ? undefined : state.members.get(memberId);
  if (!role) throw new Refused('not-found', 'fridge-not-found', 'there is no such fridge');
  return role;
}
