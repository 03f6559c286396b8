import { type Catalogue, indexOf } from './catalogue.ts';
import type { Food } from './food.ts';
import type { Line } from './line.ts';

/** every kitchen has it, and nobody keeps it in a fridge */
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

/** What is in a dish for its taste only, and alone no reason to cook anything. */
export const isSeasoning = (food: Food): boolean => food.staple === true || SEASONING_CATEGORIES.has(food.category);

/** What is measured by taste: of it there is enough where there is some of which nobody knows how much. */
export const isFlavour = (food: Food): boolean => isSeasoning(food) || AROMATICS.has(food.id);

/** How much of a recipe a food of a line is: main ingredients weigh more than flavours; nothing for what need not be had. */
export function weightOf(catalogue: Catalogue, { optional, heading, foodId: first }: Line, foodId = first): number {
  if (optional || heading || foodId === TAP_WATER) return 0;
  const food = foodId === undefined ? undefined : catalogue.byId.get(foodId);
  if (!food || !isFlavour(food)) return MAIN;
  return food.staple ? STAPLE : FLAVOUR;
}

/** what is many things at once stands in for none of them: mixed nuts are no walnuts */
const MIXES = new Set(['mixed-nuts']);

const kinds = indexOf(({ foods }) => Map.groupBy(foods, ({ kindOf }) => kindOf));

/** The cuts or sorts of a food. */
export const kindsOf = (catalogue: Catalogue, food: Food): readonly Food[] => kinds(catalogue).get(food.id) ?? [];

/** The food of which another is a cut or sort, where it may stand in for that. */
export const generalOf = (catalogue: Catalogue, { kindOf }: Food): Food | undefined =>
  kindOf === undefined || MIXES.has(kindOf) ? undefined : catalogue.byId.get(kindOf);

/** What may stand in for a food: the one that it is a cut or sort of, and its own; never two cuts for each other. */
export function kinOf(catalogue: Catalogue, foodId: string): readonly string[] {
  const food = catalogue.byId.get(foodId);
  return food
    ? [...kindsOf(catalogue, food), ...[generalOf(catalogue, food)].filter(found => found !== undefined)].map(
        ({ id }) => id,
      )
    : [];
}

const WHOLE = /\bwhole\b|통(?:째|닭|오리)|한\s*마리|\d\s*마리/i;

/** Whether a line needs a whole animal, of which a cut is only a part. */
export const isWhole = ({ text, unit }: Pick<Line, 'text' | 'unit'>, food: Food): boolean =>
  food.category === 'meat' && (unit === 'piece' || WHOLE.test(text));

/** Whether a food is the one that is meant, or a cut or sort of it. */
export const isKindOf = (catalogue: Catalogue, foodId: string | undefined, meant: string): boolean =>
  foodId !== undefined && (foodId === meant || catalogue.byId.get(foodId)?.kindOf === meant);
