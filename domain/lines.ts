import type { Catalogue } from './catalogue.ts';
import { type Match, matchFood, SURE } from './foods.ts';
import { isHeading } from './headings.ts';
import type { Line } from './line.ts';
import { inFigures, type Quantity, readQuantity } from './quantity.ts';
import { isSeasoning } from './ranking-foods.ts';

/** An ingredient as its author wrote it: one text, or name and amount separately. */
export type WrittenLine = string | { readonly name: string; readonly amount?: string };

/** certainty of a food if words were ignored */
const UNSURE = 0.7;

const BULLET = /^(?:[-–—*•·▪■□○●◦☐✔✓※▶▷]+\s*|\(?\d{1,2}[.)]\s+(?=\D)|[①-⑳]\s*)(?=\S)/;
const BRACKETS = /[([]([^)\]]*)(?:[)\]]|$)|[)\]]/g;
const UNSAID = /약간씩?|적당량|적당히|적량|조금씩?|취향껏|to taste|as needed|for (?:serving|garnish|frying)/gi;
const OPTIONAL = /선택|생략\s*가능|optional/i;
const ROUGHLY = /^(?:약|각|about|approx\.?)?$/i;
const PARTS = /,|(?<=^|\s)[-–—](?=\s|$)/;
/** words before a comma that do not name the food yet: "boneless, skinless chicken breasts" */
const DESCRIBES = /(?:less|ed|-\w+|large|medium|small|fresh|ripe|lean|firm|thick|thin)$/i;
/** "작은 것", "큰거", "잘게 썬 것" */
const SORT =
  /\s((?:(?:잘게|곱게|얇게|굵게|채|송송|어슷|푹|살짝)\s+)?(?:[가-힣]+\s*것|(?:작은|큰|중간|굵은|가는)\s*거))(?=\s|$)/;
const AND = /\s+(?:and|&)\s+|(?<=[가-힣])(?:[와과랑]|이랑|하고)\s+|\s*[·ㆍᆞ‧&+]\s*/;
const STROKE = /\s*\/\s*/;
const OR = /\s+(?:or|또는|혹은)\s+/;
const CAN = /\b(?:cans?|tins?)\b/i;
/** Only the beginning of a longer line is parsed. */
const MOST_CHARACTERS = 400;
const MOST_WORDS = 80;
const WORD = /[\p{L}\p{M}]+|\p{N}+/gu;
/** in a line with more brackets, further ones name no cut or sort */
const MOST_NOTES = 8;
/** canned, they are another food than fresh */
const FRESH = new Set(['seafood', 'meat']);

/**
 * Parses a line of a recipe in Korean or English. Words that it does not understand stay in the text. `lang` is the
 * language of the recipe.
 *
 * The work is linear in the line and bounded: the first 80 words and 400 characters, and the first eight brackets for a
 * cut or sort. A word is a run of letters, or of digits.
 */
export function parseLine(catalogue: Catalogue, written: WrittenLine, lang?: string): Line {
  const apart = typeof written !== 'string';
  const text = (apart ? [written.name, written.amount].filter(Boolean).join(' ') : written).normalize('NFC').trim();
  const read = beginningOf(text);
  if (isHeading(catalogue, read.replace(BULLET, ''))) return { text, heading: true, sure: 0 };
  const notes: string[] = [];
  const whole = apart ? (written.amount ?? '') : read.replace(BULLET, '');
  const outside = readQuantity(aside(inFigures(spelled(whole)), notes), { alone: apart, lang });
  const name = apart ? aside(spelled(written.name.trim().replace(BULLET, '')), notes) : outside.rest;
  const quantity = outside.wasRead ? outside.quantity : quantityAside(notes, lang);
  notes.push(...outside.sizes);
  const isInCan = quantity.unit === 'can' || CAN.test(read.split(',')[0]!);
  const [match, ...others] = foodsOf(name, { catalogue, notes, isInCan, isMeasured: quantity.amount !== undefined });
  const also = [...new Set(others.map(({ food }) => food.id))].filter(id => id !== match!.food.id);
  const preparation = notes.filter(note => !OPTIONAL.test(note) && note.replaceAll(UNSAID, '').trim()).join(', ');
  return {
    text,
    ...(match && { foodId: match.food.id }),
    ...(also.length > 0 && { also }),
    ...quantity,
    ...(preparation && { preparation }),
    ...(OPTIONAL.test(read) && { optional: true as const }),
    sure: match ? Math.min(match.sure, ...others.map(({ sure }) => sure)) : 0,
  };
}

/** Rewrites a text in plain digits, letters and strokes: "1½" becomes "1 1/2". One character may become many. */
const spelled = (text: string): string =>
  beginningOf(
    text
      .replaceAll(/[¼½¾⅐-⅞]/g, ' $&')
      .normalize('NFKC')
      .replaceAll('⁄', '/')
      .trim(),
  );

function beginningOf(text: string): string {
  const beginning = text.slice(0, MOST_CHARACTERS);
  if (beginning.length <= MOST_WORDS) return beginning;
  let words = 0;
  for (const { index } of beginning.matchAll(WORD)) if (++words > MOST_WORDS) return beginning.slice(0, index).trim();
  return beginning;
}

/** Removes the texts in brackets. */
function aside(text: string, notes: string[]): string {
  return text.replaceAll(BRACKETS, (_, note?: string) => {
    if (note?.trim()) notes.push(note.trim());
    return ' ';
  });
}

/** A bracket with nothing but an amount: 당근(1/3개). */
function quantityAside(notes: string[], lang: string | undefined): Quantity {
  for (const [index, note] of notes.entries()) {
    const { quantity, rest } = readQuantity(note, { lang });
    if (!quantity.unit || quantity.base === 'cm' || !ROUGHLY.test(rest.trim())) continue;
    notes.splice(index, 1);
    return quantity;
  }
  return {};
}

interface Around {
  readonly catalogue: Catalogue;
  readonly notes: string[];
  /** it is canned */
  readonly isInCan: boolean;
  readonly isMeasured: boolean;
}

/** The food of a name; several if all of them are needed. */
function foodsOf(text: string, around: Around): Match[] {
  const { catalogue, notes } = around;
  const parts = afterColon(catalogue, text.replaceAll(UNSAID, ' '), notes)
    .replace(SORT, (_, sort: string) => {
      notes.push(sort.replaceAll(/\s+/g, ' '));
      return ' ';
    })
    .split(PARTS)
    .map(part =>
      part
        .replaceAll(/\s+/g, ' ')
        .trim()
        .replace(/(?:^|\s)각$/, ''),
    )
    .filter(Boolean);
  let first = 0;
  while (first < parts.length - 1 && DESCRIBES.test(parts[first]!) && !matchFood(catalogue, parts[first]!)) first++;
  const [name = ''] = parts.splice(first, 1);
  const found = togetherOf(name, around) ?? [oneOf(name, around)];
  const isChoice = OR.test(` ${text} `); // "milk, water, or juice"
  const others = parts.map(part => (isChoice ? undefined : surely(catalogue, part.replace(/^(?:and|&)\s+/i, '')))); // "salt, pepper"
  notes.push(...parts.filter((_, i) => !others[i]));
  return [...found, ...(found[0] ? others : [])].filter(match => match !== undefined);
}

/** "양념장: 간장", and "간장:" before its amount. */
function afterColon(catalogue: Catalogue, text: string, notes: string[]): string {
  const sides = text
    .split(/:(?!\d)/)
    .map(side => side.trim())
    .filter(Boolean);
  if (sides.length < 2) return sides[0] ?? '';
  const meant = sides.findLastIndex(side => matchFood(catalogue, side.split(PARTS)[0]!) !== undefined);
  const [name] = sides.splice(meant, 1);
  notes.push(...sides);
  return name!;
}

const surely = (catalogue: Catalogue, name: string): Match | undefined => {
  const match = matchFood(catalogue, name);
  return match && match.sure >= SURE ? match : undefined;
};

/** "새우와 오징어", "salt and pepper": both are needed. */
function togetherOf(name: string, { catalogue, notes, isMeasured }: Around): Match[] | undefined {
  const found = allOf(catalogue, name, AND);
  if (found) {
    const last = found.at(-1)!;
    // "garlic and herb bread crumbs" are crumbs, whatever their flavour
    return last.sure < SURE ? [last] : [narrowed(catalogue, name.split(AND)[0]!, found[0]!, notes), ...found.slice(1)];
  }
  const either = allOf(catalogue, name, STROKE);
  // 소금/후추 means both; 설탕/꿀 2큰술 is ambiguous
  if (!either || (!isMeasured && either.every(({ food }) => isSeasoning(food)))) return either;
  return [unsure(either[0]!)];
}

function allOf(catalogue: Catalogue, name: string, between: RegExp): Match[] | undefined {
  const parts = name.split(between);
  const found: Match[] = [];
  for (const part of parts.length > 1 ? parts : []) {
    const match = matchFood(catalogue, part.trim());
    if (!match) return undefined;
    found.push(match);
  }
  return found.length > 1 ? found : undefined;
}

const unsure = (match: Match): Match => ({ food: match.food, sure: Math.min(match.sure, UNSURE) });

function oneOf(name: string, { catalogue, notes, isInCan }: Around): Match | undefined {
  const [one, other] = name.split(OR, 2) as [string, string?];
  // but "chicken or vegetable stock" is not chicken
  const isEither = other !== undefined && one.split(' ').length >= other.split(' ').length;
  const match = (isEither ? matchFood(catalogue, one) : undefined) ?? matchFood(catalogue, name);
  return match && (isInCan ? fromCan(catalogue, name, match) : narrowed(catalogue, name, match, notes));
}

/** Tuna by the can is canned tuna. Canned fish or meat that the catalogue has only fresh may be another food. */
function fromCan(catalogue: Catalogue, name: string, match: Match): Match {
  const names = [`canned ${name}`, `${name}캔`, `canned ${match.food.name.en}`];
  const canned = names.map(each => surely(catalogue, each)).find(found => found !== undefined);
  return canned ?? (FRESH.has(match.food.category) ? unsure(match) : match);
}

/** The cut or sort named by a note, 돼지고기(앞다리살), or else the food itself. */
function narrowed(catalogue: Catalogue, name: string, match: Match, notes: string[]): Match {
  for (const [index, note] of notes.slice(0, MOST_NOTES).entries()) {
    const kind = [`${name} ${note}`, note]
      .map(each => matchFood(catalogue, each))
      .find(found => found?.food.kindOf === match.food.id);
    if (!kind) continue;
    notes.splice(index, 1);
    return kind;
  }
  return match;
}
