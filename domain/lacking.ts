import type { Line } from './line.ts';

/** A missing amount of a line: text and food, in the line's unit. */
export interface Lacking {
  readonly text: string;
  readonly foodId?: string;
  readonly amount?: number;
  readonly unit?: string;
}

/** Converts 1/1000 base units of a line to a decimal number of its unit, with the line's own cup size. */
export const inUnitOf = ({ amount, shown }: Line, base: number): number =>
  Number(((base * shown!) / amount!).toPrecision(12).replace(/(\.\d{3})\d+/, '$1'));

/** The missing amount of a line, or of one of its foods. */
export function lackingOf(line: Line, foodId = line.foodId, base?: number): Lacking {
  const { text, unit } = line;
  return {
    text,
    ...(foodId !== undefined && { foodId }),
    ...(base !== undefined && { amount: inUnitOf(line, base), unit: unit! }),
  };
}

/** Each food once, with the missing amounts of its lines added up where they can be compared. */
export function byFood(lacking: readonly Lacking[]): Lacking[] {
  const foods = Map.groupBy(lacking, (one, n) => one.foodId ?? n);
  return [...foods.values()].map(([first, ...others]) => {
    const isSum = first!.amount !== undefined && others.every(({ unit = first!.unit }) => unit === first!.unit);
    const amount = isSum ? [first!, ...others].reduce((sum, one) => sum + (one.amount ?? 0), 0) : first!.amount;
    const texts = new Set([first!, ...others].map(({ text }) => text));
    return {
      ...first!,
      text: [...texts].join(', '),
      ...(amount !== undefined && { amount: Number(amount.toFixed(3)) }),
    };
  });
}
