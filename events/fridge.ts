import { type EventOf, fact, family } from '../core/fact.ts';
import type { Sealed } from '../core/sealed.ts';

export type Role = 'owner' | 'adult' | 'guest';
export type PlaceKind = 'fridge' | 'freezer' | 'pantry' | 'other';
export type DueType = 'best_before' | 'use_by';
export type DueDateSource = 'printed' | 'rule' | 'user';
export const discardReasons = ['spoiled', 'past_use_by', 'past_best_before', 'disliked', 'damaged', 'other'] as const;
export type DiscardReason = (typeof discardReasons)[number];

/** What the member said of an amount, and nothing else: a decimal number, a unit in the member's own spelling. */
export interface Given {
  readonly amount?: number;
  readonly unit?: string;
}

/**
 * What was asked for in another kind of unit than the ingredient's, by the weights and density of its food: `amount` of
 * `base` is `own` of the ingredient's base (all in 1/1000).
 */
export interface Converted {
  readonly amount: number;
  readonly base: string;
  readonly own: number;
}

/** How a due date was worked out, so that nobody has to ask the catalogue again. */
export interface DueRule {
  readonly days: number;
  /** the date that they count from */
  readonly from: string;
  readonly place: string;
}

/**
 * What an ingredient is. `amount` counts 1/1000 of `base` (g, ml, or a counted unit itself); `unit` is the one that
 * it is shown in, of which one is `perUnit`/1000 base units.
 */
export interface IngredientValues {
  readonly name: string;
  readonly foodId?: string;
  readonly amount: number;
  readonly base: string;
  readonly unit: string;
  readonly perUnit: number;
  /** how much of it there was in the beginning: what `price` was paid for */
  readonly bought: number;
  readonly place: string;
  readonly dueDate?: string;
  readonly dueType?: DueType;
  /** `rule` where there is no date: no rule knows one */
  readonly dueDateSource?: DueDateSource;
  readonly openedAt?: string;
  readonly note?: Sealed;
  readonly barcode?: string;
  readonly price?: number;
  /** its storing was undone: it was never there */
  readonly voided?: boolean;
}

/** New values of exactly the fields that changed; `null`: the field is gone. */
export type Changed = { readonly [K in keyof IngredientValues]?: IngredientValues[K] | null };

/** A consumption or discard that an undo takes out of the reports (-1), or a redo puts back (1). */
export interface Effect {
  /** revision of the fact that it is about */
  readonly of: number;
  readonly kind: 'consumed' | 'discarded';
  readonly foodId?: string;
  readonly amount: number;
  readonly base: string;
  readonly value?: number;
  readonly date: string;
  readonly member?: string;
  readonly sign: 1 | -1;
}

/**
 * What a household shares. An action is one append: its facts have one commandId, which is the action's id.
 * Dates are local to the fridge, amounts as in IngredientValues.
 */
export const fridgeFamily = family('fridge', {
  FridgeOpened: fact<{
    fridgeId: string;
    name: string;
    timeZone: string;
    dueSoonDays: number;
    places: readonly { place: string; kind: PlaceKind }[];
    owner: string;
  }>(),
  IngredientStored: fact<
    IngredientValues & {
      ingredientId: string;
      given?: Given;
      /** how sure the matcher was that `name` means the food, 0..1 */
      matched?: number;
      rule?: DueRule;
      /** it is what was left over from this cooking */
      cookingId?: string;
    }
  >({ personal: { fields: ['note'] } }),
  /** a header; what it took and what it left over are the other facts of the same action */
  CookingRecorded: fact<{
    cookingId: string;
    recipeId: string;
    version: number;
    servings: number;
    recommendationId?: string;
  }>(),
  IngredientConsumed: fact<{
    ingredientId: string;
    given?: Given;
    converted?: Converted;
    taken: number;
    amount: number;
    date: string;
    cookingId?: string;
  }>(),
  IngredientDiscarded: fact<{
    ingredientId: string;
    reason: DiscardReason;
    given?: Given;
    converted?: Converted;
    taken: number;
    amount: number;
    /** what it had cost, where that is known */
    value?: number;
    date: string;
  }>(),
  IngredientCorrected: fact<{
    ingredientId: string;
    given?: Given;
    /** of a new name or food: how sure the matcher was that the one means the other, 0..1 */
    matched?: number;
    changed: Changed;
    /** by which a date was worked out again */
    rule?: DueRule;
  }>({
    personal: { fields: ['changed.note'] },
  }),
  /** a header; the IngredientRestored facts of the same action say what it changed back */
  ActionUndone: fact<{ actionId: string }>(),
  IngredientRestored: fact<{ ingredientId: string; reverses: string; changed: Changed; effects: readonly Effect[] }>({
    personal: { fields: ['changed.note'] },
  }),
});

export type FridgeEvent = EventOf<typeof fridgeFamily>;
