import { addDays, daysBetween } from './dates.ts';

export const statuses = ['fresh', 'due_soon', 'overdue', 'expired', 'no_date'] as const;
export type Status = (typeof statuses)[number];

/**
 * The status of an ingredient on a date of its fridge. Past a best-before date food is `overdue` (often still good),
 * past a use-by date `expired` (unsafe). On the due day itself it is still in time.
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

/**
 * The due dates with a status, as bounds; `absent`: the status of items without a date. Without a `dueType`, dates of
 * both types match.
 */
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

/** The due dates for which `statusOn` returns a status. Each ingredient with a date must also have a type. */
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
