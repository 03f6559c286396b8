import { convert } from './convert.ts';
import { type Food, foodById, matchFood } from './foods.ts';
import type { Language } from './language.ts';
import type { Line } from './lines.ts';
import { isFlavour, isKindOf, isSeasoning, kinOf, weightOf } from './ranking-foods.ts';
import { statusOn } from './status.ts';

/** A batch of food as the ranking sees it. `amount` counts 1/1000 of `base`. */
export interface Batch {
  readonly ingredientId: string;
  readonly foodId?: string;
  /** as it was typed */
  readonly name?: string;
  readonly amount: number;
  readonly base: string;
  readonly dueDate?: string;
  readonly dueType?: 'best_before' | 'use_by';
  readonly openedAt?: string;
  readonly addedAt: string;
}

export interface Candidate {
  readonly recipeId: string;
  readonly version: number;
  readonly servings?: number;
  readonly minutes?: number;
  /** that it is written in */
  readonly lang?: string;
  readonly lines: readonly Line[];
}

export interface Kitchen {
  readonly batches: readonly Batch[];
  /** the fridge's local date */
  readonly today: string;
  readonly dueSoonDays: number;
}

export interface Wish {
  readonly servings?: number;
  readonly maxMinutes?: number;
  /** food ids that must be in it, and that must not */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** of the member who asks */
  readonly language?: Language;
  readonly limit: number;
}

export interface Use {
  readonly ingredientId: string;
  readonly foodId: string;
  readonly amount: number;
  readonly base: string;
}

export interface Ranked {
  readonly recipeId: string;
  readonly version: number;
  readonly tier: 'ready' | 'staples' | 'shopping';
  /** 0..1: how much of it is there, main ingredients weighing more than flavours */
  readonly coverage: number;
  readonly score: number;
  readonly uses: readonly Use[];
  /** those of `uses` that are due soon or overdue, first due first */
  readonly usesFirst: readonly string[];
  /** lines of which there is nothing, by their number; with the amount that is needed */
  readonly missing: readonly { line: number; amount?: number; base?: string }[];
  readonly partial: readonly { line: number; foodId: string; have: number; need: number; base: string }[];
  /** lines whose food is there, but nobody can say whether it is enough */
  readonly unmeasured: readonly number[];
  /** foods of the recipe in whose place another of their kind would be used */
  readonly substitutions: readonly { foodId: string; by: string }[];
  /** lines that mean no food that we know, or nobody is sure that they or what is there for them mean it */
  readonly unknown: readonly number[];
  /** batches past their best-before date that it would use */
  readonly overdue: readonly string[];
}

/** What there is to cook from, in the order in which it is used, expired food left out. */
export interface Larder {
  readonly kitchen: Kitchen;
  readonly usable: readonly Batch[];
  readonly byFood: ReadonlyMap<string | undefined, readonly Batch[]>;
  /** batches whose name may mean another food than they are taken for */
  readonly unsure: ReadonlySet<string>;
}

const URGENCY_SHARE = 0.35;
/** of two recipes that are nearly as good, the one that can be read comes first */
const OWN_LANGUAGE = 0.02;
/** what is covered less is no answer to what can be cooked */
const LEAST_COVERAGE = 0.2;
/** what having a food counts for where nobody can say how much of the need it is */
const HALF = 0.5;
/** nobody weighs to a hundredth, and thirds of a cup do not come out even */
const ENOUGH = 0.99;
/** a name or alias, or its plural; less where words were left out */
const SURE = 0.95;

/** Opened first, then first due, then first in; what has no date comes after what has one. */
export function consumptionOrder(a: Batch, b: Batch): number {
  if ((a.openedAt === undefined) !== (b.openedAt === undefined)) return a.openedAt === undefined ? 1 : -1;
  const due = compare(a.dueDate ?? '9999', b.dueDate ?? '9999');
  return due || compare(a.addedAt, b.addedAt) || compare(a.ingredientId, b.ingredientId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** What a kitchen's batches are to a cook. */
export function larderOf(kitchen: Kitchen): Larder {
  const usable = kitchen.batches
    .filter(batch => batch.amount > 0 && statusOf(batch, kitchen) !== 'expired')
    .sort(consumptionOrder);
  const unsure = usable.filter(({ name, foodId }) => {
    const match = name === undefined ? undefined : matchFood(name);
    return match?.food.id === foodId && match !== undefined && match.sure < SURE;
  });
  return {
    kitchen,
    usable,
    byFood: Map.groupBy(usable, ({ foodId }) => foodId),
    unsure: new Set(unsure.map(({ ingredientId }) => ingredientId)),
  };
}

const statusOf = (batch: Batch, { today, dueSoonDays }: Kitchen) => statusOn(today, batch, dueSoonDays).status;

/**
 * What can be cooked from what is there, best first. Food past its use-by date never counts; ties are broken by id, so
 * that the same question always has the same answer.
 */
export function rank(candidates: readonly Candidate[], kitchen: Kitchen, wish: Wish): Ranked[] {
  const larder = larderOf(kitchen);
  return candidates
    .filter(candidate => fits(candidate, wish))
    .map(candidate => cover(candidate, larder, wish))
    .filter(({ coverage, uses }) => coverage >= LEAST_COVERAGE && uses.some(use => !isSeasoning(foodById(use.foodId)!)))
    .sort((a, b) => b.score - a.score || compare(a.recipeId, b.recipeId))
    .slice(0, wish.limit);
}

/** Whether a recipe is what was wished for, whatever is there. */
export function fits(
  { minutes, lines }: Pick<Candidate, 'minutes' | 'lines'>,
  { maxMinutes, include = [], exclude = [] }: Pick<Wish, 'maxMinutes' | 'include' | 'exclude'>,
): boolean {
  if (maxMinutes !== undefined && (minutes === undefined || minutes > maxMinutes)) return false;
  const has = (food: string) => lines.some(({ foodId }) => isKindOf(foodId, food));
  return include.every(has) && !exclude.some(has);
}

/** Goes through a recipe line by line and takes what it needs from the batches, each gram once. */
export function cover(candidate: Candidate, larder: Larder, wish: Pick<Wish, 'servings' | 'language'>): Ranked {
  const scale = wish.servings && candidate.servings ? wish.servings / candidate.servings : 1;
  const left = new Map(larder.usable.map(({ ingredientId, amount }) => [ingredientId, amount]));
  const uses: Use[] = [];
  const missing: Ranked['missing'][number][] = [];
  const partial: Ranked['partial'][number][] = [];
  const unmeasured: number[] = [];
  const unknown: number[] = [];
  const substitutions = new Map<string, Ranked['substitutions'][number]>();
  let weight = 0;
  let covered = 0;
  let mainMissing = false;

  candidate.lines.forEach((line, number) => {
    const lineWeight = weightOf(line);
    if (lineWeight === 0) return;
    weight += lineWeight;
    const food = line.foodId === undefined ? undefined : foodById(line.foodId);
    const need = line.amount === undefined ? undefined : Math.round(line.amount * scale);
    const part = food ? take(food, need, line.base, larder, left) : { share: 0, uses: [] };
    uses.push(...part.uses);
    covered += lineWeight * part.share;
    for (const { foodId: by } of part.uses)
      if (food && by !== food.id) substitutions.set(`${food.id} ${by}`, { foodId: food.id, by });
    const isSure = food && line.sure >= SURE && !part.uses.some(use => larder.unsure.has(use.ingredientId));
    if (!isSure) unknown.push(number);
    if (isSure && part.share === 1) return;
    if (!food?.staple) mainMissing = true;
    if (part.isUnmeasured) unmeasured.push(number);
    else if (part.share === 0)
      missing.push({ line: number, ...(need !== undefined && { amount: need, base: line.base! }) });
    else if (part.share < 1) {
      const have = Math.round(need! * part.share);
      partial.push({ line: number, foodId: food!.id, have, need: need!, base: line.base! });
    }
  });

  const coverage = weight === 0 ? 0 : round(covered / weight);
  const used = larder.usable.filter(({ ingredientId }) => uses.some(use => use.ingredientId === ingredientId));
  const standing = (batch: Batch) => statusOf(batch, larder.kitchen);
  const urgent = used.filter(batch => ['due_soon', 'overdue'].includes(standing(batch)));
  const byDate = urgent.sort((a, b) => compare(a.dueDate!, b.dueDate!) || compare(a.ingredientId, b.ingredientId));
  const complete = [missing, partial, unmeasured, unknown].every(list => list.length === 0);
  const bonus = candidate.lang !== undefined && candidate.lang === wish.language ? OWN_LANGUAGE : 0;
  return {
    recipeId: candidate.recipeId,
    version: candidate.version,
    tier: complete ? 'ready' : mainMissing ? 'shopping' : 'staples',
    coverage,
    score: round(coverage + URGENCY_SHARE * (1 - 1 / (1 + urgent.length)) + bonus),
    uses,
    usesFirst: byDate.map(({ ingredientId }) => ingredientId),
    missing,
    partial,
    unmeasured,
    substitutions: [...substitutions.values()],
    unknown,
    overdue: used.filter(batch => standing(batch) === 'overdue').map(({ ingredientId }) => ingredientId),
  };
}

const round = (value: number): number => Number(value.toFixed(4));

/** What one line gets: 0..1 of its need. */
interface Part {
  readonly share: number;
  readonly uses: readonly Use[];
  /** the food is there, but nobody can say how much of the need it is */
  readonly isUnmeasured?: boolean;
}

/**
 * Takes what one line needs, of the food itself first, then of its kind. A line without an amount ("a little") is
 * content with any. Where amounts cannot be compared, a flavour is enough, and any other food counts as half.
 */
function take(
  food: Food,
  need: number | undefined,
  base: string | undefined,
  { byFood }: Larder,
  left: Map<string, number>,
): Part {
  const akin = kinOf(food.id).flatMap(id => byFood.get(id) ?? []);
  const there = [...(byFood.get(food.id) ?? []), ...akin.sort(consumptionOrder)].filter(
    ({ ingredientId }) => left.get(ingredientId)! > 0,
  );
  if (there.length === 0) return { share: 0, uses: [] };
  const use = ({ ingredientId, foodId, base: own }: Batch, amount: number): Use => ({
    ...{ ingredientId, foodId: foodId!, amount, base: own },
  });
  if (!need || base === undefined) return { share: 1, uses: [use(there[0]!, 0)] };
  const uses: Use[] = [];
  let open = need;
  let incomparable: Use | undefined;
  for (const batch of there) {
    const own = foodById(batch.foodId!)!;
    const wanted = exchange(open, food, base, own, batch.base);
    if (wanted === undefined) incomparable ??= use(batch, 0);
    if (wanted === undefined || open <= 0) continue;
    const amount = Math.min(wanted, left.get(batch.ingredientId)!);
    left.set(batch.ingredientId, left.get(batch.ingredientId)! - amount);
    uses.push(use(batch, amount));
    open = amount === wanted ? 0 : open - exchange(amount, own, batch.base, food, base)!;
  }
  const exact = Math.max(0, (need - open) / need);
  if (exact >= ENOUGH) return { share: 1, uses };
  if (!incomparable) return { share: exact, uses };
  uses.push(incomparable);
  return isFlavour(food) ? { share: 1, uses } : { share: Math.max(exact, HALF), uses, isUnmeasured: true };
}

/** An amount of one food as that of another of its kind, by weight: a piece of chicken breast is no whole chicken. */
function exchange(amount: number, from: Food, base: string, to: Food, own: string): number | undefined {
  if (from === to) return convert(from, amount, base, own);
  const grams = convert(from, amount, base, 'g');
  return grams === undefined ? undefined : convert(to, grams, 'g', own);
}
