import { matchFood } from './foods.ts';
import { knownUnit, toBase, unitOf } from './units.ts';

/** An ingredient of a recipe as its author wrote it: in one text, or name and amount apart. */
export type WrittenLine = string | { readonly name: string; readonly amount?: string };

/** What was understood of it. `amount` counts 1/1000 of `base`, `shown` is the decimal number in `unit`. */
export interface Line {
  readonly text: string;
  readonly foodId?: string;
  readonly amount?: number;
  readonly base?: string;
  readonly shown?: number;
  readonly unit?: string;
  readonly preparation?: string;
  readonly optional?: true;
  /** how sure it is that this food is meant, 0..1 */
  readonly sure: number;
}

const VULGAR = /(\d*)\s*([¼½¾⅐-⅞])/g;
const NUMBER = /(\d+(?:\.\d+)?)(?:\s*\/\s*(\d+))?(?:\s*(?:과|와|\+|\s)\s*(\d+)\s*\/\s*(\d+))?/;
/** "2-3", "2~3": the smaller number is enough to cook it */
const RANGE_END = /^\s*(?:[-~–]|to)\s*\d+(?:\.\d+)?(?:\/\d+)?/;
const KOREAN_COUNT: Readonly<Record<string, number>> = { 반: 0.5, 한: 1, 두: 2, 세: 3, 네: 4 };
const COUNTED_IN_WORDS =
  /(?:^|\s)(반|한|두|세|네)\s*(개|모|마리|줌|공기|컵|큰술|작은술|쪽|장|대|단|봉지|팩|캔|숟가락|알|통|포기)/;
const UNSAID = /약간씩?|적당량|적당히|적량|조금|취향껏|to taste|as needed|for (?:serving|garnish|frying)/gi;
const OPTIONAL = /선택|생략\s*가능|optional/i;

/** Reads a line of a recipe in Korean or English. What it does not understand it leaves as text. */
export function parseLine(written: WrittenLine): Line {
  const apart = typeof written !== 'string';
  const text = (apart ? [written.name, written.amount].filter(Boolean).join(' ') : written).normalize('NFC').trim();
  const notes: string[] = [];
  const source = aside(apart ? (written.amount ?? '') : text, notes);
  const { quantity, rest } = readQuantity(source);
  const name = apart ? aside(written.name, notes) : nameOf(rest, notes);
  const match = matchFood(name);
  const preparation = notes.filter(note => !OPTIONAL.test(note)).join(', ');
  return {
    text,
    ...(match && { foodId: match.food.id }),
    ...quantity,
    ...(preparation && { preparation }),
    ...(OPTIONAL.test(text) && { optional: true as const }),
    sure: match?.sure ?? 0,
  };
}

/** Takes what stands in brackets out of a text. */
function aside(text: string, notes: string[]): string {
  const spelled = text
    .replaceAll(VULGAR, (_, whole: string, sign: string) => `${whole} ${sign.normalize('NFKC').replace('⁄', '/')}`)
    .normalize('NFC');
  return spelled
    .replaceAll(/[([（［]([^)\]）］]*)[)\]）］]/g, (_, note: string) => {
      if (note.trim()) notes.push(note.trim());
      return ' ';
    })
    .trim();
}

function nameOf(rest: string, notes: string[]): string {
  const [name = '', ...after] = rest.replaceAll(UNSAID, ' ').split(',');
  const note = after.join(',').trim();
  if (note) notes.push(note);
  return name.replaceAll(/\s+/g, ' ').trim();
}

type Quantity = Pick<Line, 'amount' | 'base' | 'shown' | 'unit'>;

/** The first amount of a text with its unit, and the text without them. */
function readQuantity(text: string): { quantity: Quantity; rest: string } {
  const found = NUMBER.exec(text);
  if (!found) return readWords(text);
  const [all, whole, below, top, bottom] = found;
  const value = Number(whole) / Number(below ?? 1) + Number(top ?? 0) / Number(bottom ?? 1);
  if (!Number.isFinite(value) || value <= 0 || value > 100_000) return { quantity: {}, rest: text };
  const after = text.slice(found.index + all.length).replace(RANGE_END, '');
  const { unit, length } = leadingUnit(after);
  return { quantity: measured(value, unit), rest: `${text.slice(0, found.index)} ${after.slice(length)}` };
}

function readWords(text: string): { quantity: Quantity; rest: string } {
  const found = COUNTED_IN_WORDS.exec(text);
  if (!found) return { quantity: {}, rest: text };
  const rest = `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`;
  return { quantity: measured(KOREAN_COUNT[found[1]!]!, found[2]!), rest };
}

function measured(value: number, spelling: string): Quantity {
  const unit = unitOf(spelling);
  return { amount: toBase(value, unit), base: unit.base, shown: Number(value.toFixed(3)), unit: unit.code };
}

/** The unit that a text begins with; "piece" where its first word is none ("2 large eggs"). */
function leadingUnit(text: string): { unit: string; length: number } {
  const found = /^\s*([A-Za-zℓ]+\.?|[가-힣]+)/.exec(text);
  if (!found) return { unit: 'piece', length: 0 };
  const word = found[1]!;
  const isHangul = /[가-힣]/.test(word);
  // Korean writes on without a space: 큰술씩, 개정도
  for (let end = word.length; end > 0; end = isHangul ? end - 1 : 0) {
    if (knownUnit(word.slice(0, end))) return { unit: word.slice(0, end), length: found[0].length - word.length + end };
  }
  return { unit: 'piece', length: 0 };
}
