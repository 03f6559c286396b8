import type { Catalogue } from './catalogue.ts';
import type { Food } from './food.ts';
import { type Match, meaningOf, SURE } from './foods.ts';
import { isFrozen } from './words.ts';

/** Where something is put, and how many days it keeps there. */
export type Keeping = Pick<Food, 'place' | 'shelfLife' | 'opened' | 'dueType'>;

/**
 * What was cooked, soaked, or is left over. The Food Safety and Inspection Service of the USDA ("Leftovers and Food
 * Safety") gives cooked food 3 to 4 days in the fridge and 3 to 4 months in the freezer: the shorter of both.
 */
const PREPARED: Keeping = { place: 'fridge', shelfLife: { fridge: 3, freezer: 90 }, dueType: 'use_by' };
/** What a food that may be another keeps at most: too early a date makes somebody look, too late a one makes them ill. */
const LONGEST_UNSURE = 14;
/** What is left of these is what it was, as half an onion is. */
const STAYS_RAW = new Set(['fruit', 'vegetable', 'dairy']);

/**
 * Whether what has this name still is the food that a recipe means by it: cooked pasta is no pasta to cook with, but
 * homemade stock is stock, and leftover curry is curry.
 */
export function isStill({ food, prepared }: Match): boolean {
  if (prepared === undefined || prepared === 'homemade' || food.category === 'dish') return true;
  return prepared === 'leftover' && STAYS_RAW.has(food.category);
}

/** Where something goes and how long it keeps, by its food and what its name says besides. */
export function keepingOf(
  catalogue: Catalogue,
  foodId: string | undefined,
  name: string,
  { match, prepared } = meaningOf(catalogue, name),
): Keeping | undefined {
  const food = catalogue.byId.get(foodId ?? '');
  if (food && match?.food !== food) return food; // it was named by its id
  if (prepared && !(prepared === 'homemade' && food?.place === 'fridge')) return asPrepared(food);
  if (!food || !match) return undefined;
  const keeping = match.sure < SURE ? shortened(food) : food;
  return isFrozen(name) ? { ...keeping, place: 'freezer' } : keeping;
}

const asPrepared = (food: Food | undefined): Keeping => ({
  ...PREPARED,
  shelfLife: { ...PREPARED.shelfLife, fridge: Math.min(PREPARED.shelfLife.fridge!, food?.shelfLife.fridge ?? 99) },
});

/** Of what may be another food only dates that come soon; what would keep for long has none, and is put in the fridge. */
function shortened({ place, shelfLife, opened, dueType }: Food): Keeping {
  const soon = (days: Food['shelfLife'] = {}): Food['shelfLife'] =>
    Object.fromEntries(Object.entries(days).filter(([, most]) => most <= LONGEST_UNSURE));
  const left = soon(shelfLife);
  return { place: left[place] === undefined ? 'fridge' : place, shelfLife: left, opened: soon(opened), dueType };
}
