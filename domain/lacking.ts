import type { Line } from './line.ts';

/** What a line lacks: text and food, with the amount in the unit of the line. */
export interface Lacking {
  readonly text: string;
  readonly foodId?: string;
  readonly amount?: number;
  readonly unit?: string;
}

/** 1/1000 of the base of a line as a decimal number of its unit; a cup is as large as the line says. */
export const inUnitOf = ({ amount, shown }: Line, base: number): number =>
  Number(((base * shown!) / amount!).toPrecision(12).replace(/(\.\d{3})\d+/, '$1'));

/** What is lacking of a line, or of one of its foods. */
export function lackingOf(line: Line, foodId = line.foodId, base?: number): Lacking {
  const { text, unit } = line;
  return {
    text,
    ...(foodId !== undefined && { foodId }),
    ...(base !== undefined && { amount: inUnitOf(line, base), unit: unit! }),
  };
}

/** Each food once, with all that its lines lack as far as that can be added up. */
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
