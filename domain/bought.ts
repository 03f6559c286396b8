import type { Catalogue } from './catalogue.ts';
import { convert } from './convert.ts';
import type { Food } from './food.ts';
import { matchFood, SURE } from './foods.ts';
import { typed } from './typed.ts';
import { fromBase, toBase, unitOf } from './units.ts';

/** A decimal number of a unit. */
export interface Amount {
  readonly amount: number;
  readonly unit: string;
}

/** Weighed or poured units; all others are counted. */
export const isMeasured = (base: string): boolean => base === 'g' || base === 'ml';

const FALLBACK_UNIT = 'piece';
const BOUGHT_IN = ['pack', 'bottle', 'bag', 'can', 'block', 'piece', 'bunch', 'head'];
/** Selling units, converted at home: a tray of eggs is thirty, 근 of pork is 600 g. */
const OF_THE_MARKET = new Set(['tray', 'dozen', 'geun']);

/**
 * The amount of a stored item. A missing amount is taken from the name ("12 eggs"), else it is the usual purchase:
 * "strawberries" does not mean one. A unit alone means one of it; a number alone counts the food's usual unit.
 */
export function amountOf(
  catalogue: Catalogue,
  { amount, unit }: { readonly amount?: number | undefined; readonly unit?: string | undefined },
  food: Food | undefined,
  name: string,
): Amount {
  if (amount !== undefined) return { amount, unit: unit ?? food?.unit ?? FALLBACK_UNIT };
  if (unit !== undefined) return { amount: 1, unit };
  return amountIn(catalogue, name, food) ?? food?.bought ?? { amount: 1, unit: boughtIn(food) };
}

/** The amount in a name, unless it may be part of the name. */
function amountIn(catalogue: Catalogue, text: string, food: Food | undefined): Amount | undefined {
  const { quantity, name, isBare } = typed(text);
  if (!quantity || (isBare && (matchFood(catalogue, name)?.sure ?? 0) < SURE)) return undefined;
  const { shown: amount, unit } = quantity;
  if (!food || !OF_THE_MARKET.has(unit)) return { amount, unit };
  const [from, to] = [unitOf(unit), unitOf(food.unit)];
  const own = convert(food, toBase(amount, from), from.base, to.base);
  return own === undefined ? { amount, unit } : { amount: fromBase(own, to.perUnit), unit: food.unit };
}

/** A weighed or poured food alone does not mean one gram, but a pack, or its usual purchase. */
function boughtIn(food: Food | undefined): string {
  if (!food) return FALLBACK_UNIT;
  if (!isMeasured(food.unit)) return food.unit;
  return BOUGHT_IN.find(unit => food.weights?.[unit] !== undefined) ?? 'pack';
}
