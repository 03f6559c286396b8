import type { Food } from './food.ts';

/** All known foods. Functions that match names or weigh foods take it as a parameter. */
export interface Catalogue {
  readonly foods: readonly Food[];
  readonly byId: ReadonlyMap<string, Food>;
}

export const catalogueOf = (foods: readonly Food[]): Catalogue => ({
  foods,
  byId: new Map(foods.map(food => [food.id, food])),
});

/** An index of a catalogue, built on first use and garbage-collected with its catalogue. */
export function indexOf<T>(build: (catalogue: Catalogue) => T): (catalogue: Catalogue) => T {
  const built = new WeakMap<Catalogue, { readonly index: T }>();
  return catalogue => {
    const known = built.get(catalogue);
    if (known) return known.index;
    const index = build(catalogue);
    built.set(catalogue, { index });
    return index;
  };
}
