import { convert } from './convert.ts';
import type { Food } from './food.ts';
import { SURE } from './foods.ts';
import { type Batch, consumptionOrder, type Larder, type Use } from './larder.ts';
import { type Line, needsOf } from './line.ts';
import { generalOf, isFlavour, isWhole, kindsOf, weightOf } from './ranking-foods.ts';

/** the coverage of a food whose amount cannot be compared with the need */
const HALF = 0.5;
/** a missing twentieth needs no shopping, and thirds of a cup do not add up exactly */
const ENOUGH = 0.95;
/** the coverage of a substitute */
const STAND_IN = 0.8;

/** Uses of a recipe, each with its line and how much of the line's need it covers, and what the recipe lacks. */
export interface Covered {
  readonly tier: 'ready' | 'staples' | 'shopping';
  /** 0..1: the covered share of the recipe; main ingredients weigh more than flavours */
  readonly coverage: number;
  readonly uses: readonly (Use & Share)[];
  /** lines without stock, by their number, with the missing amount, and the food if it is not the line's first */
  readonly missing: readonly { line: number; foodId?: string; amount?: number; base?: string }[];
  readonly partial: readonly { line: number; foodId: string; have: number; need: number; base: string }[];
  /** lines whose food is in stock in an amount that cannot be compared */
  readonly unmeasured: readonly number[];
  /** foods of the recipe that would be replaced by another of their kind */
  readonly substitutions: readonly { foodId: string; by: string }[];
  /** lines without a known food, and lines that may mean another food than the one in stock */
  readonly unknown: readonly number[];
  /** used batches whose name may mean another food */
  readonly unsure: readonly string[];
}

interface Share {
  readonly line: number;
  /** 1/1000 of the line's base unit */
  readonly covers: number;
}

/** Goes through a recipe line by line and takes its needs from the batches, each gram once. */
export function cover(
  { servings, lines }: { readonly servings?: number; readonly lines: readonly Line[] },
  larder: Larder,
  wish: { readonly servings?: number; readonly exclude?: readonly string[] },
): Covered {
  const { catalogue } = larder;
  const scale = wish.servings && servings ? wish.servings / servings : 1;
  const left = new Map(larder.usable.map(({ ingredientId, amount }) => [ingredientId, amount]));
  const uses: (Use & Share)[] = [];
  const missing: Covered['missing'][number][] = [];
  const partial: Covered['partial'][number][] = [];
  const unmeasured = new Set<number>();
  const unknown = new Set<number>();
  const unsure = new Set<string>();
  const substitutions = new Map<string, Covered['substitutions'][number]>();
  let weight = 0;
  let covered = 0;
  let mainMissing = false;
  let isStoodIn = false;

  for (const [number, line] of lines.entries()) {
    for (const { foodId, amount } of needsOf(line)) {
      const lineWeight = weightOf(catalogue, line, foodId);
      if (lineWeight === 0) continue;
      weight += lineWeight;
      const food = foodId === undefined ? undefined : catalogue.byId.get(foodId);
      if (!food) {
        unknown.add(number);
        mainMissing = true;
        continue;
      }
      const need = amount === undefined ? undefined : Math.round(amount * scale);
      const part = take({ food, need, base: line.base, line }, larder, left, (wish.exclude ?? []).length > 0);
      uses.push(...part.uses.map(({ covers, ...use }) => ({ ...use, line: number, covers })));
      covered += lineWeight * part.share;
      isStoodIn ||= part.isStoodIn;
      for (const { ingredientId, foodId: by } of part.uses) {
        if (by !== food.id) substitutions.set(`${food.id} ${by}`, { foodId: food.id, by });
        if (larder.isUnsure(ingredientId)) unsure.add(ingredientId);
      }
      if (line.sure < SURE && part.uses.length > 0) unknown.add(number);
      if (part.has === 1 && !part.isUnmeasured) continue;
      if (!food.staple) mainMissing = true;
      if (part.isUnmeasured) unmeasured.add(number);
      else if (part.uses.length === 0) {
        const other = food.id === line.foodId ? {} : { foodId: food.id };
        missing.push({ line: number, ...other, ...(need !== undefined && { amount: need, base: line.base! }) });
      } else {
        const have = Math.round(need! * part.has);
        partial.push({ line: number, foodId: food.id, have, need: need!, base: line.base! });
      }
    }
  }
  const isDoubtful = unknown.size + unsure.size > 0 || isStoodIn;
  const isComplete = missing.length + partial.length + unmeasured.size === 0;
  return {
    tier: mainMissing ? 'shopping' : isComplete && !isDoubtful ? 'ready' : 'staples',
    coverage: weight === 0 ? 0 : round(covered / weight),
    uses,
    missing,
    partial,
    unmeasured: [...unmeasured],
    substitutions: [...substitutions.values()],
    unknown: [...unknown],
    unsure: [...unsure],
  };
}

export const round = (value: number): number => Number(value.toFixed(4));

/** The coverage of one food of a line. */
interface Part {
  /** 0..1 of its need, weighted for substitutes */
  readonly share: number;
  /** 0..1 of its need, by amount alone */
  readonly has: number;
  readonly uses: readonly (Use & Pick<Share, 'covers'>)[];
  /** a substitute covers at least part of it */
  readonly isStoodIn: boolean;
  /** the food is in stock, but its amount cannot be compared with the need */
  readonly isUnmeasured?: boolean;
}

interface Need {
  readonly food: Food;
  readonly need: number | undefined;
  readonly base: string | undefined;
  readonly line: Line;
}

/** The batches for a line, best first, each with its coverage. */
function thereFor(
  { food, line }: Need,
  { catalogue, byFood }: Larder,
  strict: boolean,
): [worth: number, batch: Batch][] {
  // With exclusions, a substitute must not bring in an allergen that the food itself does not have.
  const isSafe = ({ allergens }: Food) => !strict || allergens.every(one => food.allergens.includes(one));
  const of = (foods: readonly Food[], worth: number) =>
    foods
      .filter(isSafe)
      .flatMap(({ id }) => byFood.get(id) ?? [])
      .sort(consumptionOrder)
      .map((batch): [number, Batch] => [worth, batch]);
  const general = generalOf(catalogue, food);
  return [
    ...of([food], 1),
    ...of(kindsOf(catalogue, food), isWhole(line, food) ? STAND_IN : 1),
    ...of(general ? [general] : [], STAND_IN),
  ];
}

/**
 * Takes the need of a line for a food: first from the food itself, then from its kinds, then from the food of which it
 * is a kind. Any amount covers a line without one ("a little"). If amounts cannot be compared, a flavour counts as
 * covered and any other food as half.
 */
function take(wanted: Need, larder: Larder, left: Map<string, number>, strict: boolean): Part {
  const { food, need, base } = wanted;
  const there = thereFor(wanted, larder, strict).filter(([, { ingredientId }]) => left.get(ingredientId)! > 0);
  const [first] = there;
  if (!first) return { share: 0, has: 0, uses: [], isStoodIn: false };
  const use = ({ ingredientId, foodId, base: own }: Batch, amount: number, covers: number) => ({
    ...{ ingredientId, foodId: foodId!, amount, base: own, covers },
  });
  if (!need || base === undefined)
    return { share: first[0], has: 1, uses: [use(first[1], 0, 0)], isStoodIn: first[0] < 1 };
  const uses: Part['uses'][number][] = [];
  let open = need;
  let share = 0;
  let worth = 1;
  let incomparable: (typeof there)[number] | undefined;
  for (const [batchWorth, batch] of there) {
    if (1 - open / need >= ENOUGH) break;
    const own = larder.catalogue.byId.get(batch.foodId!)!;
    const wantedOfIt = exchange(open, food, base, own, batch.base);
    if (wantedOfIt === undefined) incomparable ??= [batchWorth, batch];
    if (wantedOfIt === undefined) continue;
    const amount = Math.min(wantedOfIt, left.get(batch.ingredientId)!);
    left.set(batch.ingredientId, left.get(batch.ingredientId)! - amount);
    const covers =
      amount === wantedOfIt ? open : Math.max(0, Math.min(open, exchange(amount, own, batch.base, food, base)!));
    uses.push(use(batch, amount, covers));
    open -= covers;
    share += (batchWorth * covers) / need;
    worth = batchWorth;
  }
  const has = 1 - open / need;
  if (has >= ENOUGH) return { share: share + (worth * open) / need, has: 1, uses, isStoodIn: worth < 1 };
  if (!incomparable) return { share, has, uses, isStoodIn: worth < 1 };
  const [otherWorth, other] = incomparable;
  uses.push(use(other, 0, 0));
  const isStoodIn = worth < 1 || otherWorth < 1;
  if (isFlavour(food)) return { share: Math.max(share, otherWorth), has: 1, uses, isStoodIn };
  return { share: Math.max(share, HALF * otherWorth), has: Math.max(has, HALF), uses, isStoodIn, isUnmeasured: true };
}

/** Converts an amount of a food to another of its kind, by weight: a piece of chicken breast is not a whole chicken. */
function exchange(amount: number, from: Food, base: string, to: Food, own: string): number | undefined {
  if (from === to) return convert(from, amount, base, own);
  const grams = convert(from, amount, base, 'g');
  return grams === undefined ? undefined : convert(to, grams, 'g', own);
}
