import { type EventOf, fact, family } from '../core/fact.ts';
import type { Sealed } from '../core/sealed.ts';

export type Role = 'owner' | 'adult' | 'guest';
export type PlaceKind = 'fridge' | 'freezer' | 'pantry' | 'other';
export type DueType = 'best_before' | 'use_by';
export type DueDateSource = 'printed' | 'rule' | 'user';
export const discardReasons = ['spoiled', 'past_use_by', 'past_best_before', 'disliked', 'damaged', 'other'] as const;
export type DiscardReason = (typeof discardReasons)[number];

/** An amount exactly as the member gave it: a decimal number, and a unit in the member's own spelling. */
export interface Given {
  readonly amount?: number;
  readonly unit?: string;
}

/**
 * A requested amount in another kind of unit than the ingredient's, converted by the weight and density of its food:
 * `amount` of `base` equals `own` of the ingredient's base (all in 1/1000).
 */
export interface Converted {
  readonly amount: number;
  readonly base: string;
  readonly own: number;
}

/** How a due date was computed, stored so that the catalogue is not needed to explain it. */
export interface DueRule {
  readonly days: number;
  /** local date that the days count from */
  readonly from: string;
  readonly place: string;
}

/**
 * The values of an ingredient. `amount` counts 1/1000 of `base` (g, ml, or a counted unit itself). It is shown in `unit`;
 * one `unit` is `perUnit`/1000 base units.
 */
export interface IngredientValues {
  readonly name: string;
  readonly foodId?: string;
  readonly amount: number;
  readonly base: string;
  readonly unit: string;
  readonly perUnit: number;
  /** the original amount, which `price` was paid for */
  readonly bought: number;
  readonly place: string;
  readonly dueDate?: string;
  readonly dueType?: DueType;
  /** `rule` without a `dueDate`: no rule applies */
  readonly dueDateSource?: DueDateSource;
  readonly openedAt?: string;
  readonly note?: Sealed;
  readonly barcode?: string;
  readonly price?: number;
  /** storing it was undone: it counts as never stored */
  readonly voided?: boolean;
}

/** New values of exactly the changed fields; `null` removes a field. */
export type Changed = { readonly [K in keyof IngredientValues]?: IngredientValues[K] | null };

/** A consumption or discard that an undo removes from the reports (-1), or a redo adds again (1). */
export interface Effect {
  /** revision of the consumption or discard */
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
 * A fridge: the stock that a household shares. An action is one append; its facts share one commandId, the id of the
 * action. Dates are local to the fridge, amounts as in IngredientValues.
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
      /** confidence that `name` means this food, 0..1 */
      matched?: number;
      rule?: DueRule;
      /** the cooking that left it over */
      cookingId?: string;
    }
  >({ personal: { fields: ['note'] } }),
  /** a header; the other facts of the same action hold the ingredients used and left over */
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
    /** its cost, if known */
    value?: number;
    date: string;
  }>(),
  IngredientCorrected: fact<{
    ingredientId: string;
    given?: Given;
    /** for a new name or food: confidence that the name means this food, 0..1 */
    matched?: number;
    changed: Changed;
    /** if the due date was recomputed */
    rule?: DueRule;
  }>({
    personal: { fields: ['changed.note'] },
  }),
  /** a header; the IngredientRestored facts of the same action hold the changes */
  ActionUndone: fact<{ actionId: string }>(),
  IngredientRestored: fact<{ ingredientId: string; reverses: string; changed: Changed; effects: readonly Effect[] }>({
    personal: { fields: ['changed.note'] },
  }),
});

export type FridgeEvent = EventOf<typeof fridgeFamily>;
