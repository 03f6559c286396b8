import { Refused } from '../../core/errors.ts';
import type { Happened } from '../../core/fact.ts';
import type { Changed, Effect, FridgeEvent, IngredientValues, PlaceKind, Role } from '../../events/fridge.ts';

export interface Ingredient extends IngredientValues {
  readonly ingredientId: string;
  /** revision of the last fact that touched it */
  readonly revision: number;
  readonly addedAt: string;
  readonly addedBy: string;
}

/** The newest action, with the values and effects that its undo restores. */
export interface LastAction {
  readonly actionId: string;
  /** it cannot be undone */
  isFinal: boolean;
  readonly before: Map<string, Changed>;
  readonly effects: Map<string, Effect[]>;
}

export interface FridgeState {
  fridge: { fridgeId: string; name: string; timeZone: string; dueSoonDays: number } | undefined;
  places: Map<string, PlaceKind>;
  members: Map<string, Role>;
  ingredients: Map<string, Ingredient>;
  /** ids of the ingredients with something left */
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

/** An ingredient after a fact, and the fact's contribution to reports. */
interface Touched {
  readonly ingredient: Ingredient;
  readonly effects?: readonly Effect[];
}

/**
 * The ingredients that a fact touches; none for a header. `'final'`: the action of this fact cannot be undone. Each
 * fact must return one of them and cannot change an ingredient otherwise, so an undo misses nothing.
 */
type Outcome = readonly Touched[] | 'final';

/** The part of the state that an undo does not restore, changed only by `evolveFridge`. */
type Rest = Omit<FridgeState, 'ingredients' | 'present' | 'last'> & {
  readonly ingredients: ReadonlyMap<string, Ingredient>;
};

/** Facts carry outcomes, so this only assigns. */
export function evolveFridge(state: FridgeState, event: Happened<FridgeEvent>): FridgeState {
  const outcome = outcomeOf(state, event);
  const last = lastAction(state, event.meta.commandId);
  if (outcome === 'final') {
    last.isFinal = true;
    return state;
  }
  for (const { ingredient, effects = [] } of outcome) {
    remember(last, state.ingredients.get(ingredient.ingredientId), ingredient, effects);
    put(state, ingredient);
  }
  return state;
}

/** Applies the part of a fact that an undo does not restore, and returns its effect on ingredients. */
export function outcomeOf(state: Rest, event: Happened<FridgeEvent>): Outcome {
  const { type, data, meta, revision } = event;
  switch (type) {
    case 'FridgeOpened': {
      const { fridgeId, name, timeZone, dueSoonDays, places, owner } = data;
      state.fridge = { fridgeId, name, timeZone, dueSoonDays };
      state.places = new Map(places.map(({ place, kind }) => [place, kind]));
      state.members.set(owner, 'owner');
      return 'final';
    }
    case 'IngredientStored': {
      const { given: _given, matched: _matched, rule: _rule, cookingId: _cooking, ...values } = data;
      const added = { addedAt: meta.occurredAt ?? meta.at, addedBy: meta.actor ?? '' };
      return [{ ingredient: { ...values, revision, ...added } }];
    }
    case 'IngredientConsumed':
    case 'IngredientDiscarded': {
      const { amount, taken, date } = data;
      const before = state.ingredients.get(data.ingredientId)!;
      const { foodId, base } = before;
      const effect: Effect = {
        of: revision,
        kind: type === 'IngredientConsumed' ? 'consumed' : 'discarded',
        ...(foodId !== undefined && { foodId }),
        amount: taken,
        base,
        ...(type === 'IngredientDiscarded' && data.value !== undefined && { value: data.value }),
        date,
        ...(meta.actor !== undefined && { member: meta.actor }),
        sign: -1,
      };
      return [{ ingredient: assigned(before, { amount }, revision), effects: [effect] }];
    }
    case 'IngredientCorrected':
      return [{ ingredient: assigned(state.ingredients.get(data.ingredientId)!, data.changed, revision) }];
    case 'IngredientRestored': {
      const ingredient = assigned(state.ingredients.get(data.ingredientId)!, data.changed, revision);
      const effects = data.effects.map(effect => ({ ...effect, sign: effect.sign === 1 ? -1 : 1 }) as const);
      return [{ ingredient, effects }];
    }
    case 'CookingRecorded':
    case 'ActionUndone':
      return [];
  }
}

function assigned(before: Ingredient, changed: Changed, revision: number): Ingredient {
  const next: Record<string, unknown> = { ...before, revision };
  for (const [field, value] of Object.entries(changed)) {
    if (value === null) delete next[field];
    else next[field] = value;
  }
  return next as unknown as Ingredient;
}

function put(state: FridgeState, ingredient: Ingredient): void {
  const { ingredientId } = ingredient;
  state.ingredients.set(ingredientId, ingredient);
  if (isPresent(ingredient)) state.present.add(ingredientId);
  else state.present.delete(ingredientId);
}

/** Whether something is left of it and its storing was not undone. */
export const isPresent = ({ amount, voided }: Pick<Ingredient, 'amount' | 'voided'>): boolean => amount > 0 && !voided;

/** The action of the present fact; a new one if the previous fact belongs to another. */
function lastAction(state: FridgeState, actionId: string): LastAction {
  if (state.last?.actionId !== actionId) {
    state.last = { actionId, isFinal: false, before: new Map(), effects: new Map() };
  }
  return state.last;
}

/** Keeps the values to restore: for each field the first one before this action. */
function remember(
  last: LastAction,
  before: Ingredient | undefined,
  after: Ingredient,
  effects: readonly Effect[],
): void {
  const { ingredientId } = after;
  last.before.set(ingredientId, { ...valuesBefore(before, after), ...last.before.get(ingredientId) });
  last.effects.set(ingredientId, [...(last.effects.get(ingredientId) ?? []), ...effects]);
}

/** The old values of the changed fields; `null` for a field that was absent. A new ingredient is voided. */
function valuesBefore(before: Ingredient | undefined, after: Ingredient): Changed {
  if (!before) return { voided: true };
  const { ingredientId: _id, revision: _revision, addedAt: _at, addedBy: _by, ...fields } = { ...before, ...after };
  const changed = Object.keys(fields).filter(field => before[field as keyof Changed] !== after[field as keyof Changed]);
  return Object.fromEntries(changed.map(field => [field, before[field as keyof Changed] ?? null]));
}

/** The ingredient with that id. @throws Refused `ingredient-not-found` if it does not exist or was voided */
export function ingredientOf(state: FridgeState, ingredientId: string): Ingredient {
  const ingredient = state.ingredients.get(ingredientId);
  if (!ingredient || ingredient.voided) throw noIngredient();
  return ingredient;
}

export const noIngredient = () =>
  new Refused('not-found', 'ingredient-not-found', 'there is no such ingredient in this fridge');

/** Checks a member's right in a fridge; to others the fridge does not exist. @throws Refused */
export function roleOf(state: FridgeState, memberId: string | undefined): Role {
  const role = memberId === undefined ? undefined : state.members.get(memberId);
  if (!role) throw noFridge();
  return role;
}

export const noFridge = () => new Refused('not-found', 'fridge-not-found', 'there is no such fridge');
