import { type Match, matchFood } from './foods.ts';
import { inFigures, type Quantity, readQuantity } from './quantity.ts';

/** An ingredient of a recipe as its author wrote it: in one text, or name and amount apart. */
export type WrittenLine = string | { readonly name: string; readonly amount?: string };

/** What was understood of it. `amount` counts 1/1000 of `base`, `shown` is the decimal number in `unit`. */
export interface Line extends Quantity {
  readonly text: string;
  readonly foodId?: string;
  readonly preparation?: string;
  readonly optional?: true;
  /** how sure it is that this food is meant, 0..1 */
  readonly sure: number;
}

const BRACKETS = /[([]([^)\]]*)(?:[)\]]|$)|[)\]]/g;
const UNSAID = /약간씩?|적당량|적당히|적량|조금씩?|취향껏|to taste|as needed|for (?:serving|garnish|frying)/gi;
const OPTIONAL = /선택|생략\s*가능|optional/i;
const ROUGHLY = /^(?:약|각|about|approx\.?)?$/i;
const PARTS = /,|(?<=^|\s)[-–—](?=\s|$)/;
/** what has a comma but is no food yet: "boneless, skinless chicken breasts" */
const DESCRIBES = /(?:less|ed|-\w+|large|medium|small|fresh|ripe|lean|firm|thick|thin)$/i;
const AND = /\s+(?:and|&)\s+|(?<=[가-힣])[와과]\s+/;
const OR = /\s+(?:or|또는|혹은)\s+/;

/** Reads a line of a recipe in Korean or English. What it does not understand it leaves as text. */
export function parseLine(written: WrittenLine): Line {
  const apart = typeof written !== 'string';
  const text = (apart ? [written.name, written.amount].filter(Boolean).join(' ') : written).normalize('NFC').trim();
  const notes: string[] = [];
  const outside = readQuantity(aside(inFigures(spelled(apart ? (written.amount ?? '') : text)), notes), apart);
  const name = apart ? aside(spelled(written.name), notes) : outside.rest;
  const quantity = outside.wasRead ? outside.quantity : quantityAside(notes);
  notes.push(...outside.sizes);
  const match = foodOf(name, notes);
  const preparation = notes.filter(note => !OPTIONAL.test(note) && note.replaceAll(UNSAID, '').trim()).join(', ');
  return {
    text,
    ...(match && { foodId: match.food.id }),
    ...quantity,
    ...(preparation && { preparation }),
    ...(OPTIONAL.test(text) && { optional: true as const }),
    sure: match?.sure ?? 0,
  };
}

/** In plain digits, letters and strokes: "1½" is "1 1/2". */
const spelled = (text: string): string =>
  text
    .replaceAll(/[¼½¾⅐-⅞]/g, ' $&')
    .normalize('NFKC')
    .replaceAll('⁄', '/')
    .trim();

/** Takes what stands in brackets out of a text. */
function aside(text: string, notes: string[]): string {
  return text.replaceAll(BRACKETS, (_, note?: string) => {
    if (note?.trim()) notes.push(note.trim());
    return ' ';
  });
}

/** An amount that stands in brackets, and nothing with it: 당근(1/3개). */
function quantityAside(notes: string[]): Quantity {
  for (const [index, note] of notes.entries()) {
    const { quantity, rest } = readQuantity(note);
    if (!quantity.unit || quantity.base === 'cm' || !ROUGHLY.test(rest.trim())) continue;
    notes.splice(index, 1);
    return quantity;
  }
  return {};
}

function foodOf(text: string, notes: string[]): Match | undefined {
  const parts = text
    .replaceAll(UNSAID, ' ')
    .split(PARTS)
    .map(part => part.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean);
  let first = 0;
  while (first < parts.length - 1 && DESCRIBES.test(parts[first]!) && !matchFood(parts[first]!)) first++;
  const [name = ''] = parts.splice(first, 1);
  notes.push(...parts);
  const both = name.split(AND);
  if (both.length > 1 && both.every(part => matchFood(part))) {
    notes.push(...both.splice(1)); // "salt and pepper" is written of salt, as "salt, pepper" is
    return narrowed(both[0]!, matchFood(both[0]!), notes);
  }
  const [one, other] = name.split(OR, 2) as [string, string?];
  // but "chicken or vegetable stock" is no chicken
  const isEither = other !== undefined && one.split(' ').length >= other.split(' ').length;
  return narrowed(name, (isEither ? matchFood(one) : undefined) ?? matchFood(name), notes);
}

/** The cut or sort that a note names, 돼지고기(앞다리살), or else the food itself. */
function narrowed(name: string, match: Match | undefined, notes: string[]): Match | undefined {
  if (!match) return undefined;
  for (const [index, note] of notes.entries()) {
    const kind = [`${name} ${note}`, note].map(matchFood).find(found => found?.food.kindOf === match.food.id);
    if (!kind) continue;
    notes.splice(index, 1);
    return kind;
  }
  return match;
}
