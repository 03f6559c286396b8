import { convert } from './convert.ts';
import { foodById } from './foods.ts';
import type { Line } from './lines.ts';
import { statusOn } from './status.ts';

/** A batch of food as the ranking sees it. `amount` counts 1/1000 of `base`. */
export interface Batch {
  readonly ingredientId: string;
  readonly foodId?: string;
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
  /** 0..1: how much of it is there, main ingredients weighing more than staples */
  readonly coverage: number;
  readonly score: number;
  readonly uses: readonly Use[];
  /** those of `uses` that are due soon or overdue, first due first */
  readonly usesFirst: readonly string[];
  /** lines of which there is nothing, by their number; with the amount that is needed */
  readonly missing: readonly { line: number; amount?: number; base?: string }[];
  readonly partial: readonly { line: number; foodId: string; have: number; need: number; base: string }[];
  /** lines that mean no food that we know: nobody checked them */
  readonly unknown: readonly number[];
  /** batches past their best-before date that it would use */
  readonly overdue: readonly string[];
}

/** every kitchen has it, and nobody keeps it in a fridge */
const TAP_WATER = 'water';
const MAIN = 1;
const STAPLE = 0.2;
const URGENCY_SHARE = 0.35;
/** what having a food counts for where nobody can say how much of the need it is */
const HALF = 0.5;
/** nobody weighs to a hundredth, and thirds of a cup do not come out even */
const ENOUGH = 0.99;

/** Opened first, then first due, then first in; what has no date comes after what has one. */
export function consumptionOrder(a: Batch, b: Batch): number {
  if ((a.openedAt === undefined) !== (b.openedAt === undefined)) return a.openedAt === undefined ? 1 : -1;
  const due = compare(a.dueDate ?? '9999', b.dueDate ?? '9999');
  return due || compare(a.addedAt, b.addedAt) || compare(a.ingredientId, b.ingredientId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * What can be cooked from what is there, best first. Food past its use-by date never counts; ties are broken by id, so
 * that the same question always has the same answer.
 */
export function rank(candidates: readonly Candidate[], kitchen: Kitchen, wish: Wish): Ranked[] {
  const usable = kitchen.batches
    .filter(batch => batch.amount > 0 && statusOf(batch, kitchen) !== 'expired')
    .sort(consumptionOrder);
  return candidates
    .filter(candidate => fits(candidate, wish))
    .map(candidate => cover(candidate, usable, kitchen, wish))
    .filter(({ uses }) => uses.length > 0)
    .sort((a, b) => b.score - a.score || compare(a.recipeId, b.recipeId))
    .slice(0, wish.limit);
}

const statusOf = (batch: Batch, { today, dueSoonDays }: Kitchen) => statusOn(today, batch, dueSoonDays).status;

function fits({ minutes, lines }: Candidate, { maxMinutes, include = [], exclude = [] }: Wish): boolean {
  if (maxMinutes !== undefined && (minutes === undefined || minutes > maxMinutes)) return false;
  const foods = new Set(lines.map(({ foodId }) => foodId));
  return include.every(food => foods.has(food)) && !exclude.some(food => foods.has(food));
}

/** Goes through a recipe line by line and takes what it needs from the batches, each gram once. */
export function cover(
  candidate: Candidate,
  usable: readonly Batch[],
  kitchen: Kitchen,
  wish: Pick<Wish, 'servings'>,
): Ranked {
  const scale = wish.servings && candidate.servings ? wish.servings / candidate.servings : 1;
  const left = new Map(usable.map(({ ingredientId, amount }) => [ingredientId, amount]));
  const uses: Use[] = [];
  const missing: Ranked['missing'][number][] = [];
  const partial: Ranked['partial'][number][] = [];
  const unknown: number[] = [];
  let weight = 0;
  let covered = 0;
  let mainMissing = false;

  candidate.lines.forEach((line, number) => {
    if (line.optional || line.foodId === TAP_WATER) return;
    const food = line.foodId === undefined ? undefined : foodById(line.foodId);
    const lineWeight = food?.staple ? STAPLE : MAIN;
    weight += lineWeight;
    const need = line.amount === undefined ? undefined : Math.round(line.amount * scale);
    const part = food ? take(food.id, need, line.base, usable, left) : { share: 0, uses: [] };
    uses.push(...part.uses);
    covered += lineWeight * part.share;
    if (part.share === 1) return;
    if (!food) unknown.push(number);
    if (!food?.staple) mainMissing = true;
    if (part.share > 0) {
      const have = Math.round(need! * part.share);
      partial.push({ line: number, foodId: food!.id, have, need: need!, base: line.base! });
    } else missing.push({ line: number, ...(need !== undefined && { amount: need, base: line.base! }) });
  });

  const coverage = weight === 0 ? 0 : round(covered / weight);
  const used = usable.filter(({ ingredientId }) => uses.some(use => use.ingredientId === ingredientId));
  const urgent = used.filter(batch => ['due_soon', 'overdue'].includes(statusOf(batch, kitchen)));
  const byDate = urgent.sort((a, b) => compare(a.dueDate!, b.dueDate!) || compare(a.ingredientId, b.ingredientId));
  const complete = missing.length === 0 && partial.length === 0;
  return {
    recipeId: candidate.recipeId,
    version: candidate.version,
    tier: complete ? 'ready' : mainMissing ? 'shopping' : 'staples',
    coverage,
    score: round(coverage + URGENCY_SHARE * (1 - 1 / (1 + urgent.length))),
    uses,
    usesFirst: byDate.map(({ ingredientId }) => ingredientId),
    missing,
    partial,
    unknown,
    overdue: used.filter(batch => statusOf(batch, kitchen) === 'overdue').map(({ ingredientId }) => ingredientId),
  };
}

const round = (value: number): number => Number(value.toFixed(4));

/**
 * Takes what one line needs. A line without an amount ("a little") is content with any; where amounts cannot be
 * compared, having the food at all counts as half.
 */
function take(
  foodId: string,
  need: number | undefined,
  base: string | undefined,
  usable: readonly Batch[],
  left: Map<string, number>,
): { share: number; uses: Use[] } {
  const food = foodById(foodId)!;
  const there = usable.filter(batch => batch.foodId === foodId && left.get(batch.ingredientId)! > 0);
  if (there.length === 0) return { share: 0, uses: [] };
  if (!need || base === undefined) {
    const { ingredientId, base: own } = there[0]!;
    return { share: 1, uses: [{ ingredientId, foodId, amount: 0, base: own }] };
  }
  const uses: Use[] = [];
  let open = need;
  let incomparable: Use | undefined;
  for (const { ingredientId, base: own } of there) {
    const wanted = convert(food, open, base, own);
    if (wanted === undefined) incomparable ??= { ingredientId, foodId, amount: 0, base: own };
    if (wanted === undefined || open <= 0) continue;
    const amount = Math.min(wanted, left.get(ingredientId)!);
    left.set(ingredientId, left.get(ingredientId)! - amount);
    uses.push({ ingredientId, foodId, amount, base: own });
    open = amount === wanted ? 0 : open - convert(food, amount, own, base)!;
  }
  const exact = Math.max(0, (need - open) / need);
  const share = exact >= ENOUGH ? 1 : exact;
  return incomparable && share < HALF ? { share: HALF, uses: [...uses, incomparable] } : { share, uses };
}
