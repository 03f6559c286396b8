import { inFigures, type Quantity, readQuantity } from './quantity.ts';
import { knownUnit } from './units.ts';

/** What was typed as a name: "우유 1L", "12 eggs". */
export interface Typed {
  readonly quantity?: Quantity;
  /** the name without it */
  readonly name: string;
}

/** left of "5개입", "10개들이" */
const OF_EACH = /(?:^|\s)(?:입|들이|짜리|of)(?=\s|$)/g;

/** The amount that was typed with a name, and the name without it; nothing of what may be part of the name. */
export function typed(text: string): Typed {
  const open = inFigures(text.normalize('NFKC').replaceAll(/[()[\]]/g, ' '));
  const { quantity, rest, wasRead } = readQuantity(open);
  const name = rest.replaceAll(OF_EACH, ' ').replaceAll(/\s+/g, ' ').trim();
  const unit = quantity.unit === undefined ? undefined : knownUnit(quantity.unit);
  // "Heinz 57 ketchup" has a number within
  const isWithin = unit?.base === 'piece' && rest.trim() === rest;
  if (!wasRead || !name || !unit || unit.base === 'cm' || isWithin) return { name: text.trim() };
  return { quantity, name };
}

export const withoutAmount = (text: string): string => typed(text).name;
