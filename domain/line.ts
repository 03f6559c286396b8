import type { Quantity } from './quantity.ts';

/** An ingredient of a recipe, as it was understood. `amount` counts 1/1000 of `base`, `shown` is the decimal number in `unit`. */
export interface Line extends Quantity {
  readonly text: string;
  readonly foodId?: string;
  /** what else it names, all of which is needed: salt and pepper */
  readonly also?: readonly string[];
  readonly preparation?: string;
  readonly optional?: true;
  /** the name of a section, and no ingredient */
  readonly heading?: true;
  /** how sure it is that this food is meant, 0..1 */
  readonly sure: number;
}

const EACH = /(?:^|\s)(?:각각?|each)(?=\s|$|\d)|씩(?=\s|$|[,)])/i;

/** The foods of a line with what is needed of each; an amount that is not said of each is that of all together. */
export function needsOf({ text, foodId, also = [], amount }: Line): { foodId?: string; amount?: number }[] {
  const share = also.length === 0 || EACH.test(text) ? 1 : 1 / (1 + also.length);
  return [foodId, ...also].map(id => ({
    ...(id !== undefined && { foodId: id }),
    ...(amount !== undefined && { amount: amount * share }),
  }));
}
