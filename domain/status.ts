import { daysBetween } from './dates.ts';

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
