import type { Batch, Kitchen } from './larder.ts';
import type { Line } from './line.ts';
import type { Candidate } from './ranking.ts';

export const TODAY = '2026-03-10';

/** A line with an amount of a food, by default in grams. */
export const line = (foodId: string | undefined, amount?: number, base = 'g'): Line => ({
  text: `${foodId ?? 'something'} ${amount ?? ''}`.trim(),
  ...(foodId !== undefined && { foodId }),
  ...(amount !== undefined && { amount, base, shown: amount / 1000, unit: base }),
  sure: foodId === undefined ? 0 : 1,
});

export const recipe = (recipeId: string, lines: readonly Line[], rest: Partial<Candidate> = {}): Candidate => ({
  ...{ recipeId, version: 1, lines, ...rest },
});

/** A batch without a date, by default of a kilogram. */
export const batch = (ingredientId: string, foodId: string, rest: Partial<Batch> = {}): Batch => ({
  ...{ ingredientId, foodId, amount: 1_000_000, base: 'g', addedAt: '2026-03-01T00:00:00.000Z' },
  ...rest,
});

export const kitchen = (...batches: readonly Batch[]): Kitchen => ({ batches, today: TODAY, dueSoonDays: 5 });
