import { type Catalogue, indexOf } from './catalogue.ts';
import type { Food } from './food.ts';
import { isKindOf } from './ranking-foods.ts';

/** foods that are allergens themselves, besides nuts and foods whose allergen has their name */
const STANDS_FOR: Readonly<Record<string, string>> = {
  ...{ shrimp: 'crustacean', crab: 'crustacean', lobster: 'crustacean' },
  ...{ flour: 'wheat', soybean: 'soy', 'sesame-seed': 'sesame' },
};

/**
 * The foods excluded with these: their kinds; every food with the allergen that one of them stands for (no milk also
 * excludes cheese, no shrimp kimchi); and foods made of them by name, as oyster sauce is of oysters. Excluding tofu or
 * mackerel does not exclude soy sauce or tuna.
 */
export const excludedWith = (catalogue: Catalogue, foodIds: readonly string[]): ReadonlySet<string> =>
  new Set([...foodIds, ...[...new Set(foodIds)].flatMap(id => goneWith(catalogue, id))]);

/** filled on first lookup, because a lookup walks through the catalogue */
const foundIn = indexOf(() => new Map<string, readonly string[]>());

function goneWith(catalogue: Catalogue, foodId: string): readonly string[] {
  const found = foundIn(catalogue);
  const not = catalogue.byId.get(foodId);
  if (!not) return [];
  const known = found.get(foodId);
  if (known) return known;
  const isGone = (food: Food) =>
    isKindOf(catalogue, food.id, foodId) || hasItsAllergen(food, not) || isMadeOf(food, not);
  const gone = catalogue.foods.filter(isGone).map(({ id }) => id);
  found.set(foodId, gone);
  return gone;
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
