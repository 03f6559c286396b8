import { catalogue, type Food, foodById } from './foods.ts';
import type { Line } from './lines.ts';

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

/** How much of a recipe a line is: main ingredients weigh more than flavours; nothing for what need not be had. */
export function weightOf({ foodId, optional }: Line): number {
  if (optional || foodId === TAP_WATER) return 0;
  const food = foodId === undefined ? undefined : foodById(foodId);
  if (!food || !isFlavour(food)) return MAIN;
  return food.staple ? STAPLE : FLAVOUR;
}

const kin = new Map(
  catalogue.map(({ id, kindOf }) => [
    id,
    [...(kindOf === undefined ? [] : [kindOf]), ...catalogue.filter(food => food.kindOf === id).map(food => food.id)],
  ]),
);

/** What may stand in for a food: the one that it is a cut or sort of, and its own; never two cuts for each other. */
export const kinOf = (foodId: string): readonly string[] => kin.get(foodId) ?? [];

/** Whether a food is the one that is meant, or a cut or sort of it. */
export const isKindOf = (foodId: string | undefined, meant: string): boolean =>
  foodId !== undefined && (foodId === meant || foodById(foodId)?.kindOf === meant);
