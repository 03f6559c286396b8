import { inFigures, type Quantity, readQuantity } from './quantity.ts';
import { knownUnit } from './units.ts';

/** A name with an amount: "우유 1L", "12 eggs". */
export interface Typed {
  /** as shown, in a known unit */
  readonly quantity?: { readonly shown: number; readonly unit: string };
  /** the name without it */
  readonly name: string;
  /** a number without a unit, which counts only if the rest is a food */
  readonly isBare?: true;
}

/** the rest of "5개입", "10개들이" */
const OF_EACH = /(?:^|\s)(?:입|들이|짜리|of)(?=\s|$)/g;
const COUNTED = /(?:\d|[한두세네섯곱덟홉열반]) ?(?:개|알|마리|뿌리|구(?![가-힣])|pieces?|pcs?|ea\b)/i;
/** packs of a size: "우유 900ml 2개" */
const PACKS = new Set(['piece', 'pack', 'bottle', 'bag', 'can']);

/** The amount in a name, and the name without it; undefined if the amount may be part of the name. */
export function typed(text: string): Typed {
  const first = read(inFigures(text.normalize('NFKC').replaceAll(/[()[\]]/g, ' ')));
  if (!first) return { name: text.trim() };
  const second = isMeasured(first.quantity) ? read(first.name) : undefined;
  if (!second || !PACKS.has(second.base)) return answer(first);
  const shown = Number((first.quantity.shown * second.quantity.shown).toFixed(3));
  return { name: second.name, quantity: { shown, unit: first.quantity.unit } };
}

export const withoutAmount = (text: string): string => typed(text).name;

const answer = ({ quantity, name, isBare }: Read): Typed => ({ quantity, name, ...(isBare && { isBare }) });

interface Read {
  readonly quantity: { readonly shown: number; readonly unit: string };
  readonly base: string;
  readonly name: string;
  readonly isBare: boolean;
}

function read(text: string): Read | undefined {
  const { quantity, rest } = readQuantity(text);
  const name = rest.replaceAll(OF_EACH, ' ').replaceAll(/\s+/g, ' ').trim();
  const { shown, unit } = quantity;
  const base = unit === undefined ? undefined : knownUnit(unit)?.base;
  if (!name || shown === undefined || unit === undefined || base === undefined || base === 'cm') return undefined;
  const isBare = unit === 'piece' && !COUNTED.test(text);
  if (isBare && rest.trim() === rest) return undefined; // "Heinz 57 ketchup" contains a number
  return { quantity: { shown, unit }, base, name, isBare };
}

const isMeasured = ({ unit }: Required<Pick<Quantity, 'unit'>>): boolean =>
  ['g', 'ml'].includes(knownUnit(unit)?.base ?? '');
