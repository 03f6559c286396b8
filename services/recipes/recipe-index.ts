import { plain } from '../../domain/foods.ts';
import type { Views } from '../../platform/views.ts';
import { recipes } from '../../projections/recipes.ts';

export type RecipeRow = NonNullable<ReturnType<(typeof recipes)['fold']>>;

const PAGE = 1000;

/**
 * All held recipes in memory, by food and by words: a plain structure filled from the view. It asks for what changed
 * since it last looked, so a lost wake-up costs nothing.
 */
export class RecipeIndex {
  readonly #views: Views;
  readonly #rows = new Map<string, RecipeRow>();
  readonly #byFood = new Map<string, Set<string>>();
  readonly #words = new Map<string, string>();
  #place = { generation: -1, position: 0 };
  #filling: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(views: Views) {
    this.#views = views;
  }

  /** Everything that the view holds now. Callers at the same moment share one look. */
  async fresh(): Promise<this> {
    // Who comes while one is under way waits for the next: what was there when they asked must be in it.
    this.#next ??= (this.#filling ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      const filling = this.#fill();
      this.#filling = filling.catch(() => {}); // a failure is for those who wait for this one
      return filling;
    });
    await this.#next;
    return this;
  }

  async #fill(): Promise<void> {
    for (;;) {
      const { generation, changes } = await this.#views.changed(recipes, this.#place, PAGE);
      if (generation !== this.#place.generation) this.#clear(generation);
      for (const { key, row } of changes) this.#put(key, row);
      this.#place = { generation, position: changes.at(-1)?.position ?? this.#place.position };
      if (changes.length < PAGE) return;
    }
  }

  #clear(generation: number): void {
    this.#rows.clear();
    this.#byFood.clear();
    this.#words.clear();
    this.#place = { generation, position: 0 };
  }

  #put(recipeId: string, row: RecipeRow | undefined): void {
    for (const food of foodsOf(this.#rows.get(recipeId))) this.#byFood.get(food)?.delete(recipeId);
    this.#rows.delete(recipeId);
    this.#words.delete(recipeId);
    if (!row) return;
    this.#rows.set(recipeId, row);
    this.#words.set(recipeId, [row.title, ...row.tags, ...row.lines.map(({ text }) => text)].map(plain).join('\n'));
    for (const food of foodsOf(row)) {
      const holders = this.#byFood.get(food) ?? new Set();
      this.#byFood.set(food, holders.add(recipeId));
    }
  }

  get(recipeId: string): RecipeRow | undefined {
    return this.#rows.get(recipeId);
  }

  /** Recipes that a fridge may see with at least one of these foods, those with the most of them first. */
  withFoods(foodIds: readonly string[], fridgeId: string, limit: number): RecipeRow[] {
    const counts = new Map<string, number>();
    for (const food of foodIds) {
      for (const recipeId of this.#byFood.get(food) ?? []) counts.set(recipeId, (counts.get(recipeId) ?? 0) + 1);
    }
    return [...counts]
      .filter(([recipeId]) => visibleTo(this.#rows.get(recipeId)!, [fridgeId]))
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([recipeId]) => this.#rows.get(recipeId)!);
  }

  /** Recipes whose title, tags or lines hold the words, in order of their ids. */
  search(words: string | undefined, fits: (row: RecipeRow) => boolean): RecipeRow[] {
    const wanted = words === undefined ? '' : plain(words);
    return [...this.#rows.values()]
      .filter(row => this.#words.get(row.recipeId)!.includes(wanted) && fits(row))
      .sort((a, b) => (a.recipeId < b.recipeId ? -1 : 1));
  }
}

const foodsOf = (row: RecipeRow | undefined): Set<string> =>
  new Set(row?.lines.flatMap(({ foodId }) => (foodId === undefined ? [] : [foodId])));

export const visibleTo = ({ visibility }: RecipeRow, fridgeIds: readonly string[]): boolean =>
  visibility === 'public' || fridgeIds.some(fridgeId => visibility === `fridge:${fridgeId}`);
