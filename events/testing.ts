import type { DiscardReason, FridgeEvent, IngredientValues } from './fridge.ts';

/** Facts for tests: a fridge in Seoul with milk in it. */

type DataOf<T extends FridgeEvent['type']> = Extract<FridgeEvent, { type: T }>['data'];

/** The local date of the first minutes in every test. */
export const TODAY = '2026-03-10';

export const opened = (data: Partial<DataOf<'FridgeOpened'>> = {}): FridgeEvent => ({
  type: 'FridgeOpened',
  data: {
    fridgeId: 'f1',
    name: '우리집 냉장고',
    timeZone: 'Asia/Seoul',
    dueSoonDays: 5,
    places: [
      { place: 'fridge', kind: 'fridge' },
      { place: 'freezer', kind: 'freezer' },
      { place: 'pantry', kind: 'pantry' },
    ],
    owner: 'mina',
    ...data,
  },
});

/** A litre of milk, with a due date by rule. */
export const milk: IngredientValues = {
  name: '우유',
  foodId: 'milk',
  amount: 1_000_000,
  base: 'ml',
  unit: 'ml',
  perUnit: 1000,
  bought: 1_000_000,
  place: 'fridge',
  dueDate: '2026-03-17',
  dueType: 'use_by',
  dueDateSource: 'rule',
};

/** A homemade dish that is not in the catalogue, without a due date. */
export const pickles: IngredientValues = {
  name: '할머니표 비밀반찬',
  amount: 2000,
  base: 'piece',
  unit: 'piece',
  perUnit: 1000,
  bought: 2000,
  place: 'fridge',
};

/** `bought` defaults to the stored amount. */
export const stored = (ingredientId: string, values: Partial<DataOf<'IngredientStored'>> = {}): FridgeEvent => ({
  type: 'IngredientStored',
  data: { ingredientId, ...milk, bought: values.amount ?? milk.amount, ...values },
});

export const storedPickles = (ingredientId: string, values: Partial<IngredientValues> = {}): FridgeEvent => ({
  type: 'IngredientStored',
  data: { ingredientId, ...pickles, bought: values.amount ?? pickles.amount, ...values },
});

export const consumed = (ingredientId: string, taken: number, amount: number, date = TODAY): FridgeEvent => ({
  type: 'IngredientConsumed',
  data: { ingredientId, taken, amount, date },
});

export const discarded = (
  ingredientId: string,
  taken: number,
  amount: number,
  { reason = 'spoiled' as DiscardReason, ...rest }: { reason?: DiscardReason; value?: number; date?: string } = {},
): FridgeEvent => ({
  type: 'IngredientDiscarded',
  data: { ingredientId, reason, taken, amount, date: TODAY, ...rest },
});

export const corrected = (ingredientId: string, changed: DataOf<'IngredientCorrected'>['changed']): FridgeEvent => ({
  type: 'IngredientCorrected',
  data: { ingredientId, changed },
});

export const undone = (actionId: string): FridgeEvent => ({ type: 'ActionUndone', data: { actionId } });

export const restored = (
  ingredientId: string,
  reverses: string,
  changed: DataOf<'IngredientRestored'>['changed'],
  effects: DataOf<'IngredientRestored'>['effects'] = [],
): FridgeEvent => ({ type: 'IngredientRestored', data: { ingredientId, reverses, changed, effects } });
