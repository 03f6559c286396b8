import { addDays, daysBetween } from './dates.ts';

export const statuses = ['fresh', 'due_soon', 'overdue', 'expired', 'no_date'] as const;
export type Status = (typeof statuses)[number];

/**
 * How an ingredient stands on a date of its fridge. Past a best-before date food is `overdue` (often still good), past
 * a use-by date `expired` (unsafe). The due day itself is still in time.
 */
export function statusOn(
  today: string,
  { dueDate, dueType }: { readonly dueDate?: string; readonly dueType?: 'best_before' | 'use_by' },
  dueSoonDays: number,
): { status: Status; daysLeft?: number } {
  if (!dueDate) return { status: 'no_date' };
  const daysLeft = daysBetween(today, dueDate);
  if (daysLeft < 0) return { status: dueType === 'use_by' ? 'expired' : 'overdue', daysLeft };
  return { status: daysLeft <= dueSoonDays ? 'due_soon' : 'fresh', daysLeft };
}

/** Which due dates have a status, as bounds; `absent`: no date has it. Without a `dueType`, dates of either type do. */
export interface Due {
  readonly dueDate: {
    readonly gt?: string;
    readonly gte?: string;
    readonly lt?: string;
    readonly lte?: string;
    readonly absent?: boolean;
  };
  readonly dueType?: 'best_before' | 'use_by';
}

/** The due dates of the ingredients that `statusOn` gives a status. Each ingredient with a date must have a type, too. */
export function dueWith(status: Status, today: string, dueSoonDays: number): Due {
  const soon = addDays(today, dueSoonDays);
  switch (status) {
    case 'no_date':
      return { dueDate: { absent: true } };
    case 'fresh':
      return { dueDate: { gt: soon } };
    case 'due_soon':
      return { dueDate: { gte: today, lte: soon } };
    case 'overdue':
      return { dueDate: { lt: today }, dueType: 'best_before' };
    case 'expired':
      return { dueDate: { lt: today }, dueType: 'use_by' };
  }
}
