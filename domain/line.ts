import type { Quantity } from './quantity.ts';

/** A parsed ingredient of a recipe. `amount` counts 1/1000 of `base`, `shown` is the decimal number in `unit`. */
export interface Line extends Quantity {
  readonly text: string;
  readonly foodId?: string;
  /** further foods of the line, all of which are needed: salt and pepper */
  readonly also?: readonly string[];
  readonly preparation?: string;
  readonly optional?: true;
  /** the name of a section, not an ingredient */
  readonly heading?: true;
  /** certainty of the food, 0..1 */
  readonly sure: number;
}

const EACH = /(?:^|\s)(?:각각?|each)(?=\s|$|\d)|씩(?=\s|$|[,)])/i;

/** The foods of a line with the amount of each; an amount for the whole line is shared. */
export function needsOf({ text, foodId, also = [], amount }: Line): { foodId?: string; amount?: number }[] {
  const share = also.length === 0 || EACH.test(text) ? 1 : 1 / (1 + also.length);
  return [foodId, ...also].map(id => ({
    ...(id !== undefined && { foodId: id }),
    ...(amount !== undefined && { amount: amount * share }),
  }));
}
