import type { Catalogue } from './catalogue.ts';
import type { Food } from './food.ts';
import { type Match, meaningOf, SURE } from './foods.ts';
import { isFrozen } from './words.ts';

/** The place of an item, and its shelf life there in days. */
export type Keeping = Pick<Food, 'place' | 'shelfLife' | 'opened' | 'dueType'>;

/**
 * Cooked, soaked and left-over food. The Food Safety and Inspection Service of the USDA ("Leftovers and Food Safety")
 * gives cooked food 3 to 4 days in the fridge and 3 to 4 months in the freezer; these are the shorter ones.
 */
const PREPARED: Keeping = { place: 'fridge', shelfLife: { fridge: 3, freezer: 90 }, dueType: 'use_by' };
/**
 * The longest shelf life of an uncertain food, in days: a date that is too early makes people look, one that is too
 * late makes them ill.
 */
const LONGEST_UNSURE = 14;
/** Leftovers of these are still the food itself, as half an onion is. */
const STAYS_RAW = new Set(['fruit', 'vegetable', 'dairy']);

/**
 * Whether an item with this name still is the food that a recipe means: cooked pasta cannot be cooked again, but
 * homemade stock is stock, and leftover curry is curry.
 */
export function isStill({ food, prepared }: Match): boolean {
  if (prepared === undefined || prepared === 'homemade' || food.category === 'dish') return true;
  return prepared === 'leftover' && STAYS_RAW.has(food.category);
}

/** The place and shelf life of an item, by its food and the other words of its name. */
export function keepingOf(
  catalogue: Catalogue,
  foodId: string | undefined,
  name: string,
  { match, prepared } = meaningOf(catalogue, name),
): Keeping | undefined {
  const food = catalogue.byId.get(foodId ?? '');
  if (food && match?.food !== food) return food; // the food was given by its id
  if (prepared && !(prepared === 'homemade' && food?.place === 'fridge')) return asPrepared(food);
  if (!food || !match) return undefined;
  const keeping = match.sure < SURE ? shortened(food) : food;
  return isFrozen(name) ? { ...keeping, place: 'freezer' } : keeping;
}

const asPrepared = (food: Food | undefined): Keeping => ({
  ...PREPARED,
  shelfLife: { ...PREPARED.shelfLife, fridge: Math.min(PREPARED.shelfLife.fridge!, food?.shelfLife.fridge ?? 99) },
});

/** An uncertain food gets only a near date; one with a long shelf life gets none and goes into the fridge. */
function shortened({ place, shelfLife, opened, dueType }: Food): Keeping {
  const soon = (days: Food['shelfLife'] = {}): Food['shelfLife'] =>
    Object.fromEntries(Object.entries(days).filter(([, most]) => most <= LONGEST_UNSURE));
  const left = soon(shelfLife);
  return { place: left[place] === undefined ? 'fridge' : place, shelfLife: left, opened: soon(opened), dueType };
}
