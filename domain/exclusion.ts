import { catalogue, type Food, foodById } from './foods.ts';
import { isKindOf } from './ranking-foods.ts';

/** foods that are what an allergy is against, beside nuts and those that their allergen is called after */
const STANDS_FOR: Readonly<Record<string, string>> = {
  ...{ shrimp: 'crustacean', crab: 'crustacean', lobster: 'crustacean' },
  ...{ flour: 'wheat', soybean: 'soy', 'sesame-seed': 'sesame' },
};

/**
 * The foods that are not wanted with one that is not: its kinds; all that has the allergen that it stands for (no milk
 * is no cheese either, no shrimp no kimchi); and what is made of it by its name, as oyster sauce is of oysters. Whoever
 * wants no tofu or no mackerel still eats soy sauce and tuna.
 */
export function excludedWith(foodIds: readonly string[]): ReadonlySet<string> {
  const foods = foodIds.flatMap(id => foodById(id) ?? []);
  const without = (food: Food) =>
    foods.some(not => isKindOf(food.id, not.id) || hasItsAllergen(food, not) || isMadeOf(food, not));
  return new Set([...foodIds, ...catalogue.filter(without).map(({ id }) => id)]);
}

function hasItsAllergen(food: Food, { id, category, allergens }: Food): boolean {
  const own = category === 'nut' ? allergens : allergens.filter(one => one === (STANDS_FOR[id] ?? id));
  return own.some(one => food.allergens.includes(one));
}

function isMadeOf({ name, allergens }: Food, not: Food): boolean {
  if (!not.allergens.some(one => allergens.includes(one))) return false;
  const { ko, en } = not.name;
  return ` ${name.en} `.includes(` ${en} `) || (ko.length > 1 ? name.ko.includes(ko) : name.ko.startsWith(ko));
}
