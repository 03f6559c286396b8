import type { Food } from './food.ts';

/** The foods that are known. Whatever reads names or weighs foods gets it passed in. */
export interface Catalogue {
  readonly foods: readonly Food[];
  readonly byId: ReadonlyMap<string, Food>;
}

export const catalogueOf = (foods: readonly Food[]): Catalogue => ({
  foods,
  byId: new Map(foods.map(food => [food.id, food])),
});

/** An index of a catalogue, which is built when it is first used, and gone with its catalogue. */
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
