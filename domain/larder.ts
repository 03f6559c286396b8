import type { Catalogue } from './catalogue.ts';
import { matchFood, SURE } from './foods.ts';
import { foodsNamed } from './mentions.ts';
import { statusOn } from './status.ts';

/** A batch of food as the ranking sees it. `amount` counts 1/1000 of `base`. */
export interface Batch {
  readonly ingredientId: string;
  readonly foodId?: string;
  /** as typed */
  readonly name?: string;
  readonly amount: number;
  readonly base: string;
  readonly dueDate?: string;
  readonly dueType?: 'best_before' | 'use_by';
  readonly openedAt?: string;
  readonly addedAt: string;
}

export interface Kitchen {
  readonly batches: readonly Batch[];
  /** the fridge's local date */
  readonly today: string;
  readonly dueSoonDays: number;
}

export interface Use {
  readonly ingredientId: string;
  readonly foodId: string;
  readonly amount: number;
  readonly base: string;
}

/** The stock for cooking, in the order of use, without expired food. */
export interface Larder {
  readonly catalogue: Catalogue;
  readonly kitchen: Kitchen;
  readonly usable: readonly Batch[];
  readonly byFood: ReadonlyMap<string | undefined, readonly Batch[]>;
  /** Whether a batch's name may mean another food than its own. The name is matched on the first call. */
  isUnsure(ingredientId: string): boolean;
}

/** Opened first, then first due, then first in; batches without a date come after dated ones. */
export function consumptionOrder(a: Batch, b: Batch): number {
  if ((a.openedAt === undefined) !== (b.openedAt === undefined)) return a.openedAt === undefined ? 1 : -1;
  const due = compare(a.dueDate ?? '9999', b.dueDate ?? '9999');
  return due || compare(a.addedAt, b.addedAt) || compare(a.ingredientId, b.ingredientId);
}

export const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Indexes the batches of a kitchen for cooking. */
export function larderOf(catalogue: Catalogue, kitchen: Kitchen, excluded: ReadonlySet<string> = new Set()): Larder {
  const isExcluded = ({ foodId, name = '' }: Batch) =>
    excluded.size > 0 && [foodId, ...foodsNamed(catalogue, name)].some(id => id !== undefined && excluded.has(id));
  const usable = kitchen.batches
    .filter(batch => batch.amount > 0 && statusOf(batch, kitchen) !== 'expired' && !isExcluded(batch))
    .sort(consumptionOrder);
  const byId = new Map(usable.map(batch => [batch.ingredientId, batch]));
  const unsure = new Map<string, boolean>();
  return {
    catalogue,
    kitchen,
    usable,
    byFood: Map.groupBy(usable, ({ foodId }) => foodId),
    isUnsure(ingredientId) {
      const isUnsure = unsure.get(ingredientId) ?? isUnsurelyNamed(catalogue, byId.get(ingredientId)!);
      unsure.set(ingredientId, isUnsure);
      return isUnsure;
    },
  };
}

function isUnsurelyNamed(catalogue: Catalogue, { name, foodId }: Batch): boolean {
  const match = name === undefined ? undefined : matchFood(catalogue, name);
  return match !== undefined && match.food.id === foodId && match.sure < SURE;
}

export const statusOf = (batch: Batch, { today, dueSoonDays }: Kitchen) => statusOn(today, batch, dueSoonDays).status;
