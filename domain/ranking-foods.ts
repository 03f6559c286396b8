import { type Catalogue, indexOf } from './catalogue.ts';
import type { Food } from './food.ts';
import type { Line } from './line.ts';

/** every kitchen has it, outside the fridge */
const TAP_WATER = 'water';
const MAIN = 1;
const FLAVOUR = 0.3;
const STAPLE = 0.2;

const SEASONING_CATEGORIES = new Set(['sauce', 'seasoning', 'oil']);
/** vegetables that mostly give flavour: a soup of bean sprouts is about the bean sprouts */
const AROMATICS = new Set([
  ...['garlic', 'ginger', 'green-onion', 'large-green-onion'],
  ...['cheongyang-chili', 'green-chili', 'red-chili'],
]);

/** Foods that only give taste, and are no reason to cook a dish. */
export const isSeasoning = (food: Food): boolean => food.staple === true || SEASONING_CATEGORIES.has(food.category);

/** Foods used to taste: any amount that cannot be compared is enough. */
export const isFlavour = (food: Food): boolean => isSeasoning(food) || AROMATICS.has(food.id);

/** The weight of a line's food in its recipe: main ingredients weigh more than flavours, optional ones nothing. */
export function weightOf(catalogue: Catalogue, { optional, heading, foodId: first }: Line, foodId = first): number {
  if (optional || heading || foodId === TAP_WATER) return 0;
  const food = foodId === undefined ? undefined : catalogue.byId.get(foodId);
  if (!food || !isFlavour(food)) return MAIN;
  return food.staple ? STAPLE : FLAVOUR;
}

/** a mixture replaces none of its parts: mixed nuts are not walnuts */
const MIXES = new Set(['mixed-nuts']);

const kinds = indexOf(({ foods }) => Map.groupBy(foods, ({ kindOf }) => kindOf));

/** The cuts or sorts of a food. */
export const kindsOf = (catalogue: Catalogue, food: Food): readonly Food[] => kinds(catalogue).get(food.id) ?? [];

/** The generic food of a cut or sort, if it may replace it. */
export const generalOf = (catalogue: Catalogue, { kindOf }: Food): Food | undefined =>
  kindOf === undefined || MIXES.has(kindOf) ? undefined : catalogue.byId.get(kindOf);

/** Possible substitutes of a food: its generic food, and its own cuts or sorts; two cuts never replace each other. */
export function kinOf(catalogue: Catalogue, foodId: string): readonly string[] {
  const food = catalogue.byId.get(foodId);
  return food
    ? [...kindsOf(catalogue, food), ...[generalOf(catalogue, food)].filter(found => found !== undefined)].map(
        ({ id }) => id,
      )
    : [];
}

const WHOLE = /\bwhole\b|통(?:째|닭|오리)|한\s*마리|\d\s*마리/i;

/** Whether a line needs a whole animal, for which a cut is too little. */
export const isWhole = ({ text, unit }: Pick<Line, 'text' | 'unit'>, food: Food): boolean =>
  food.category === 'meat' && (unit === 'piece' || WHOLE.test(text));

/** Whether a food is the given one, or a cut or sort of it. */
export const isKindOf = (catalogue: Catalogue, foodId: string | undefined, meant: string): boolean =>
  foodId !== undefined && (foodId === meant || catalogue.byId.get(foodId)?.kindOf === meant);
