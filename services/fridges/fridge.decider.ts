import type { Decider, Intent } from '../../core/decider.ts';
import { Refused } from '../../core/errors.ts';
import { createdId } from '../../core/ids.ts';
import { isMeasured } from '../../domain/bought.ts';
import type { Catalogue } from '../../domain/catalogue.ts';
import { convert } from '../../domain/convert.ts';
import { localDate } from '../../domain/dates.ts';
import type { Language } from '../../domain/language.ts';
import { fromBase, unitOf } from '../../domain/units.ts';
import type { Converted, DiscardReason, FridgeEvent, Given, PlaceKind } from '../../events/fridge.ts';
import { correction, type Patch } from './correction.ts';
import { emptyFridge, evolveFridge, type FridgeState, type Ingredient, ingredientOf, roleOf } from './fridge.state.ts';
import { withRoom } from './room.ts';
import { baseAmount, invalid, type Kitchen, type NewIngredient, stock, within } from './stock.ts';

interface OnIngredient {
  readonly ingredientId: string;
  /** the ingredient's own revision that the client saw */
  readonly ifMatch?: number | undefined;
}

interface Amount {
  readonly amount?: number | undefined;
  readonly unit?: string | undefined;
}

/** `language` of the actor: an item given only by its food gets the name in that language */
export type FridgeCommand = { readonly language?: Language } & (
  | { do: 'open'; fridgeId: string; name: string; timeZone: string; owner: string }
  /** `listed`: the client sent a list of items, not a single one */
  | { do: 'store'; items: readonly NewIngredient[]; listed?: boolean }
  | ({ do: 'consume' } & OnIngredient & Amount)
  | ({ do: 'discard'; reason: DiscardReason } & OnIngredient & Amount)
  | ({ do: 'correct'; patch: Patch } & OnIngredient)
  | ({ do: 'cook' } & Cooking)
  | { do: 'undo'; actionId: string }
);

export interface Cooking {
  readonly recipeId: string;
  readonly version: number;
  readonly servings: number;
  readonly deductions: readonly {
    readonly ingredientId: string;
    readonly amount: number;
    readonly unit?: string | undefined;
  }[];
  readonly leftovers: readonly NewIngredient[];
  readonly recommendationId?: string | undefined;
}

export const DUE_SOON_DAYS = 5;
/** one counted piece, in 1/1000 */
const ONE = 1000;
const PLACES: readonly { place: string; kind: PlaceKind }[] = [
  { place: 'fridge', kind: 'fridge' },
  { place: 'freezer', kind: 'freezer' },
  { place: 'pantry', kind: 'pantry' },
];

/** The intent of a command, with the known foods. */
type Known = Intent & { readonly catalogue: Catalogue };

export const fridgeDecider = (catalogue: Catalogue): Decider<FridgeCommand, FridgeEvent, FridgeState> => ({
  initial: emptyFridge,
  evolve: evolveFridge,

  authorize(command, state, { actor }) {
    if (command.do === 'open') return;
    const role = roleOf(state, actor);
    if (role === 'guest') throw new Refused('forbidden', 'guests-only-look', 'guests of a fridge cannot change it');
  },

  decide(command, state, intent) {
    const known: Known = { ...intent, catalogue };
    switch (command.do) {
      case 'open':
        return open(command, state);
      case 'store':
        return withRoom(storeAll(command, state, known), state);
      case 'consume':
        return [consume(command, state, known)];
      case 'discard':
        return [discard(command, state, known)];
      case 'correct':
        return withRoom([correct(command, state, known)], state);
      case 'cook':
        return withRoom(cook(command, state, known), state);
      case 'undo': // leaves as many as before the undone action
        return undo(command.actionId, state);
    }
  },

  /** An event on an ingredient is neither before its storing nor in the future. */
  occurredAt(command, state, { at, occurredAt }) {
    if (occurredAt === undefined) return undefined;
    const concerned = 'ingredientId' in command ? [command] : command.do === 'cook' ? command.deductions : [];
    const stored = concerned.map(({ ingredientId }) => state.ingredients.get(ingredientId)?.addedAt ?? '');
    const earliest = [occurredAt, ...stored].sort().at(-1)!;
    return earliest > at ? at : earliest;
  },
});

function open(command: Extract<FridgeCommand, { do: 'open' }>, state: FridgeState): FridgeEvent[] {
  if (state.fridge) return [];
  const { fridgeId, name, timeZone, owner } = command;
  return [
    { type: 'FridgeOpened', data: { fridgeId, name, timeZone, dueSoonDays: DUE_SOON_DAYS, places: PLACES, owner } },
  ];
}

/** The date of the event in the fridge's time zone. */
const dateOf = ({ fridge }: FridgeState, { occurredAt, at }: Intent): string =>
  localDate(occurredAt ?? at, fridge!.timeZone);

const kitchenOf = ({ places, fridge }: FridgeState, { at, catalogue }: Known): Kitchen => ({
  catalogue,
  places,
  timeZone: fridge!.timeZone,
  at,
});

function storeAll(
  { items, listed, language }: Extract<FridgeCommand, { do: 'store' }>,
  state: FridgeState,
  intent: Known,
): FridgeEvent[] {
  return items.map((item, i) => {
    const stored = () => store(item, state, intent, createdId(intent.commandId, i), language);
    return listed ? within(`items[${i}]`, stored) : stored();
  });
}

function store(
  item: NewIngredient,
  state: FridgeState,
  intent: Known,
  ingredientId: string,
  language: Language | undefined,
): Extract<FridgeEvent, { type: 'IngredientStored' }> {
  const { values, matched, rule } = stock(item, {
    ...kitchenOf(state, intent),
    today: dateOf(state, intent),
    ...(language && { language }),
  });
  return {
    type: 'IngredientStored',
    data: {
      ingredientId,
      ...values,
      ...givenOf(item),
      ...(matched !== undefined && { matched }),
      ...(rule && { rule }),
    },
  };
}

/** The input as given, without filled-in values. */
function givenOf({ amount, unit }: Amount): { given?: Given } {
  if (amount === undefined && unit === undefined) return {};
  return { given: { ...(amount !== undefined && { amount }), ...(unit !== undefined && { unit }) } };
}

/** The ingredient of a command, which must be present and at the client's revision. */
function target(command: OnIngredient, state: FridgeState): Ingredient {
  const ingredient = ingredientOf(state, command.ingredientId);
  if (command.ifMatch !== undefined && command.ifMatch !== ingredient.revision) {
    throw new Refused('precondition', 'revision-mismatch', 'this ingredient was changed since you saw it', {
      revision: ingredient.revision,
    });
  }
  return ingredient;
}

/** nobody weighs to a hundredth, and thirds do not add up exactly */
const DUST = 0.01;

/**
 * Whether the remainder is so small that everything was meant: a hundredth of the requested amount, but for counted
 * food at most a hundredth of one piece, or the hundred-and-first egg would go with the hundred.
 */
function isDust(left: number, quantity: number, { base }: Ingredient): boolean {
  return left <= DUST * (isMeasured(base) ? quantity : Math.min(quantity, ONE));
}

interface Taken {
  readonly taken: number;
  readonly given?: Given;
  readonly converted?: Converted;
}

/** The amount taken, in 1/1000 base units; everything without an amount, or if the remainder would be negligible. */
function taken(command: Amount & OnIngredient, ingredient: Ingredient, { catalogue }: Known): Taken {
  const there = ingredient.amount;
  if (there === 0) throw new Refused('rule', 'nothing-to-do', 'there is nothing left of this ingredient');
  if (command.amount === undefined) return { taken: there, ...givenOf(command) };
  const unit = command.unit === undefined ? ingredient : unitOf(command.unit);
  const food = ingredient.foodId === undefined ? undefined : catalogue.byId.get(ingredient.foodId);
  const quantity = baseAmount(command.amount, unit.perUnit);
  const amount = unit.base === ingredient.base ? quantity : food && convert(food, quantity, unit.base, ingredient.base);
  if (amount === undefined) {
    throw new Refused(
      'rule',
      'unit-not-comparable',
      `an amount in ${command.unit} cannot be taken from ${ingredient.unit}`,
    );
  }
  if (amount <= 0) throw invalid('amount-too-small', 'amount', 'the amount is too small to be kept');
  // An amount converted from another kind of unit is not exact enough to be refused.
  const isRounded = unit.base !== ingredient.base && isDust(amount - there, amount, ingredient);
  if (amount > there && !isRounded) {
    const available = { amount: fromBase(there, ingredient.perUnit), unit: ingredient.unit };
    throw new Refused('rule', 'not-enough', `there is only ${available.amount} ${available.unit}`, { available });
  }
  const all = isDust(there - amount, amount, ingredient);
  return {
    ...{ taken: all ? there : amount, ...givenOf(command) },
    ...(unit.base !== ingredient.base && { converted: { amount: quantity, base: unit.base, own: amount } }),
  };
}

function consume(
  command: Extract<FridgeCommand, { do: 'consume' }>,
  state: FridgeState,
  intent: Known,
): Extract<FridgeEvent, { type: 'IngredientConsumed' }> {
  const ingredient = target(command, state);
  const part = taken(command, ingredient, intent);
  const { ingredientId } = command;
  const amount = ingredient.amount - part.taken;
  return { type: 'IngredientConsumed', data: { ingredientId, ...part, amount, date: dateOf(state, intent) } };
}

/** One action: a header, the deductions and the leftovers. */
function cook(command: Extract<FridgeCommand, { do: 'cook' }>, state: FridgeState, intent: Known): FridgeEvent[] {
  const { recipeId, version, servings, recommendationId, deductions, leftovers, language } = command;
  if (new Set(deductions.map(({ ingredientId }) => ingredientId)).size < deductions.length) {
    throw invalid('named-twice', 'deductions', 'names an ingredient twice');
  }
  const cookingId = createdId(intent.commandId, 0);
  const taken = deductions.map((deduction, i) => {
    const fact = within(`deductions[${i}]`, () => consume({ do: 'consume', ...deduction }, state, intent));
    return { ...fact, data: { ...fact.data, cookingId } };
  });
  const left = leftovers.map((item, i) => {
    const fact = within(`leftovers[${i}]`, () =>
      store(item, state, intent, createdId(intent.commandId, i + 1), language),
    );
    return { ...fact, data: { ...fact.data, cookingId } };
  });
  const header = {
    cookingId,
    recipeId,
    version,
    servings,
    ...(recommendationId !== undefined && { recommendationId }),
  };
  return [{ type: 'CookingRecorded', data: header }, ...taken, ...left];
}

function discard(command: Extract<FridgeCommand, { do: 'discard' }>, state: FridgeState, intent: Known): FridgeEvent {
  const ingredient = target(command, state);
  const part = taken(command, ingredient, intent);
  const { ingredientId, reason } = command;
  const { price, bought } = ingredient;
  return {
    type: 'IngredientDiscarded',
    data: {
      ingredientId,
      reason,
      ...part,
      amount: ingredient.amount - part.taken,
      ...(price !== undefined && bought > 0 && { value: Number((price * (part.taken / bought)).toFixed(2)) }),
      date: dateOf(state, intent),
    },
  };
}

function correct(command: Extract<FridgeCommand, { do: 'correct' }>, state: FridgeState, intent: Known): FridgeEvent {
  const ingredient = target(command, state);
  const { changed, matched, rule } = correction(ingredient, command.patch, kitchenOf(state, intent));
  if (Object.keys(changed).length === 0) throw new Refused('rule', 'nothing-to-do', 'everything is like that already');
  const { ingredientId, patch } = command;
  return {
    type: 'IngredientCorrected',
    data: {
      ingredientId,
      ...givenOf(patch),
      ...(matched !== undefined && { matched }),
      changed,
      ...(rule && { rule }),
    },
  };
}

function undo(actionId: string, state: FridgeState): FridgeEvent[] {
  if (state.last?.actionId !== actionId || state.last.isFinal) {
    throw new Refused('rule', 'not-last-action', 'only the last action can be undone');
  }
  const { before, effects } = state.last;
  const restored = [...before].map(
    ([ingredientId, changed]): FridgeEvent => ({
      type: 'IngredientRestored',
      data: { ingredientId, reverses: actionId, changed, effects: effects.get(ingredientId) ?? [] },
    }),
  );
  return [{ type: 'ActionUndone', data: { actionId } }, ...restored];
}
