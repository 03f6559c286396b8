import { setImmediate } from 'node:timers/promises';
import type { Catalogue } from '../../domain/catalogue.ts';
import { plain } from '../../domain/foods.ts';
import { needsOf } from '../../domain/line.ts';
import { fitting, type Wish } from '../../domain/ranking.ts';
import { kinOf, weightOf } from '../../domain/ranking-foods.ts';
import { type Since, since, type Views } from '../../platform/views.ts';
import recipesWith, { type RecipeRow } from '../../projections/recipes.ts';

export type { RecipeRow };

/** rows read at a time; requests are answered between pages */
const PAGE = 100;

/**
 * An in-memory index of all recipes, by food and by words, filled from the view. It reads the changes since its last
 * look, so a lost wake-up costs nothing.
 */
export class RecipeIndex {
  readonly #views: Views;
  readonly #catalogue: Catalogue;
  readonly #recipes: ReturnType<typeof recipesWith>;
  readonly #rows = new Map<string, RecipeRow>();
  /** weight of a food in a recipe, by food and recipe */
  readonly #byFood = new Map<string, Map<string, number>>();
  readonly #words = new Map<string, string>();
  #place = { generation: -1, position: 0 };
  /** the latest position requested by a caller, which a look must reach too */
  #asked = 0;
  #filling: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(views: Views, catalogue: Catalogue) {
    this.#views = views;
    this.#catalogue = catalogue;
    this.#recipes = recipesWith(catalogue);
  }

  /**
   * Updates the index to the view's present state, at least to the positions of `when`. Concurrent callers share one
   * look. @throws like `Views`
   */
  async fresh(when: Since = since(undefined)): Promise<this> {
    // A position that the view cannot reach is refused here, to this caller alone.
    await this.#views.waitFor(this.#recipes, when);
    this.#asked = Math.max(this.#asked, when.asked);
    // A caller that arrives during a look waits for the next one, which includes everything present at its call.
    this.#next ??= (this.#filling ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      const filling = this.#fill();
      this.#filling = filling.catch(() => {}); // a failure concerns only the callers of this look
      return filling;
    });
    await this.#next;
    return this;
  }

  async #fill(): Promise<void> {
    const when = since(this.#asked);
    for (;;) {
      const { generation, changes } = await this.#views.changed(this.#recipes, this.#place, PAGE, when);
      if (generation !== this.#place.generation) this.#clear(generation);
      for (const { key, row } of changes) this.#put(key, row);
      this.#place = { generation, position: changes.at(-1)?.position ?? this.#place.position };
      if (changes.length < PAGE) return;
      await setImmediate();
    }
  }

  #clear(generation: number): void {
    this.#rows.clear();
    this.#byFood.clear();
    this.#words.clear();
    this.#place = { generation, position: 0 };
  }

  #put(recipeId: string, row: RecipeRow | undefined): void {
    for (const food of sharesOf(this.#catalogue, this.#rows.get(recipeId)).keys())
      this.#byFood.get(food)?.delete(recipeId);
    this.#rows.delete(recipeId);
    this.#words.delete(recipeId);
    if (!row) return;
    this.#rows.set(recipeId, row);
    this.#words.set(recipeId, wordsOf(row).map(plain).join('\n'));
    for (const [food, share] of sharesOf(this.#catalogue, row)) {
      const holders = this.#byFood.get(food) ?? new Map<string, number>();
      this.#byFood.set(food, holders.set(recipeId, share));
    }
  }

  get(recipeId: string): RecipeRow | undefined {
    return this.#rows.get(recipeId);
  }

  /**
   * Recipes that a fridge may see, that meet the wish and need at least one of these foods or of their kind; those with
   * the greatest covered share first, regardless of amounts.
   */
  withFoods(
    foodIds: readonly string[],
    {
      fridgeId,
      wish,
      limit,
    }: { fridgeId: string; wish: Pick<Wish, 'maxMinutes' | 'include' | 'exclude'>; limit: number },
  ): RecipeRow[] {
    const fits = fitting(this.#catalogue, wish);
    const shares = new Map<string, number>();
    for (const food of new Set(foodIds.flatMap(id => [id, ...kinOf(this.#catalogue, id)]))) {
      for (const [recipeId, share] of this.#byFood.get(food) ?? [])
        shares.set(recipeId, (shares.get(recipeId) ?? 0) + share);
    }
    return [...shares]
      .map(([recipeId, share]) => ({ row: this.#rows.get(recipeId)!, share: Math.round(share * 10_000) }))
      .filter(({ row }) => visibleTo(row, [fridgeId]) && fits(row))
      .sort((a, b) => b.share - a.share || (a.row.recipeId < b.row.recipeId ? -1 : 1))
      .slice(0, limit)
      .map(({ row }) => row);
  }

  /** Recipes whose title, tags or lines contain the words, unordered. */
  search(words: string | undefined, accepts: (row: RecipeRow) => boolean): RecipeRow[] {
    const wanted = plain(words ?? '');
    // A search of marks only ("-") has no plain words, so it is used as typed.
    const literally = wanted === '' ? words : undefined;
    return [...this.#rows.values()].filter(
      row =>
        this.#words.get(row.recipeId)!.includes(wanted) &&
        (literally === undefined || wordsOf(row).some(text => text.includes(literally))) &&
        accepts(row),
    );
  }
}

const wordsOf = ({ title, tags, lines }: RecipeRow): string[] => [title, ...tags, ...lines.map(({ text }) => text)];

/** The weight of each food of a recipe, 0..1. */
function sharesOf(catalogue: Catalogue, row: RecipeRow | undefined): Map<string, number> {
  const parts = (row?.lines ?? []).flatMap(line =>
    needsOf(line).map(({ foodId }) => ({ foodId, weight: weightOf(catalogue, line, foodId) })),
  );
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
  const shares = new Map<string, number>();
  for (const { foodId, weight } of parts) {
    if (foodId === undefined || weight === 0) continue;
    shares.set(foodId, (shares.get(foodId) ?? 0) + weight / whole);
  }
  return shares;
}

export const visibleTo = ({ visibility }: RecipeRow, fridgeIds: readonly string[]): boolean =>
  visibility === 'public' || fridgeIds.some(fridgeId => visibility === `fridge:${fridgeId}`);
