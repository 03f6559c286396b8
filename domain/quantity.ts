import { ENGLISH_CUP, knownUnit, toBase, type Unit, unitOf } from './units.ts';

/** An amount as stored (`amount` counts 1/1000 of `base`) and as shown; empty if there is no usable one. */
export interface Quantity {
  readonly amount?: number;
  readonly base?: string;
  readonly shown?: number;
  readonly unit?: string;
}

interface Reading {
  readonly quantity: Quantity;
  /** the text without the amount, and without sizes ("5*5cm") */
  readonly rest: string;
  readonly sizes: readonly string[];
  /** there was an amount, even an unusable one */
  readonly wasRead: boolean;
}

/** "1,500", "1.5", ".5" */
const DECIMAL = String.raw`(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<=^|[\s(])\.\d+)`;
const AND = String.raw`(?:\s*(?:과|와|and|[+&-])\s*|\s+)`;
/** "1,500", "1/2", "1 1/2", "1-1/2", "2와 1/2", "1 and 1/2" */
const NUMBER = String.raw`(${DECIMAL})(?:\s*/\s*(\d+)|${AND}(\d+)\s*/\s*(\d+))?`;
const SIZE = String.raw`${DECIMAL}(?:\s*[*x×]\s*${DECIMAL})+\s*(?:cm|mm|센티|센치|인치|inch(?:es)?)?(?![A-Za-z가-힣\d.])`;
const PERCENT = String.raw`${DECIMAL}\s*%`;
const DATE = String.raw`\d+(?:[-.]\d+){2,}`;
const WORDS: Readonly<Record<string, number>> = {
  한두: 1, // before 한, which would match first
  두세: 2,
  서너: 3,
  반: 0.5,
  한: 1,
  두: 2,
  세: 3,
  네: 4,
  다섯: 5,
  여섯: 6,
  일곱: 7,
  여덟: 8,
  아홉: 9,
  열: 10,
};
const WORD = String.raw`(?<=^|\s)(${Object.keys(WORDS).join('|')})(?=\s*[가-힣])`;
const NEXT = new RegExp(`(${SIZE})|${PERCENT}|${DATE}|${NUMBER}|${WORD}`, 'g');

/** "2-3", "2~3", "2- to 3-", "7마리~10마리": the smaller number is enough. */
const RANGE = new RegExp(String.raw`\s*(?:-?\s*(?:to|or)\b|[-~–])\s*${NUMBER}`, 'y');
/** "2T + 1t", "1 cup plus 2 tablespoons" */
const PLUS = new RegExp(String.raw`\s*(?:\+|\bplus\b|\band\b|[와과])\s*${NUMBER}`, 'iy');
const AND_A_HALF = /\s*반(?=\s|,|$|정도|쯤|씩)/y;
/** "3개분": the yield of three */
const WORTH = /\s?분(?![가-힣])/y;
const ABOUT = /(?:\s*(?:씩|정도|쯤|가량|내외))+(?![가-힣])/y;
const IN_TWO_WORDS = /[\s-]*((?:큰|작은|밥|티|테이블)\s+(?:술|숟가락|숟갈|스푼)|fl(?:uid)?\.?\s+(?:oz|ounces?)\b\.?)/iy;
const IN_ONE_WORD = /[\s-]*([A-Za-z]+\.?|[가-힣]+)/y;
const LARGEST = 100_000;
/** syllables of a Korean measure */
const LONGEST = 6;

const SAID: Readonly<Record<string, number>> = {
  ...{ a: 1, an: 1, half: 0.5, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6 },
  ...{ seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11, twelve: 12 },
};
/** "Two cans", "half a lemon", but not "half and half" */
const SAID_FIRST = new RegExp(String.raw`^(${Object.keys(SAID).join('|')})(?:\s+an?)?\s+(?!and|&|spice)`, 'i');
/** "1,5 dl": in a measured amount, a comma before one or two digits is a decimal comma */
const DECIMAL_COMMA = /(?<![\d,])(\d+),(\d{1,2})(?=\s*(?:kg|g|[cdm]?l)\b)/gi;
const OR_MORE = String.raw`(?:\s*(?:-|~|to)\s*${DECIMAL})?`;
const PER_PACK = String.raw`${OR_MORE}[\s-]*(fl(?:uid)?\.?\s+(?:oz|ounces?)|[A-Za-z]+)\.?`;
const PACK = String.raw`(?:(?:can|tin|package|pkg|packet|pack|jar|bottle|bag|container|carton|tub|envelope|pouch|box)(?:e?s)?\b)?`;
/** "2 (14 oz) cans", "2 x 400g tins", "1 14-oz can" */
const PACKED = new RegExp(
  String.raw`(?<![\d./,-])${NUMBER}(?:${OR_MORE}\s*\(\s*${NUMBER}${PER_PACK}\s*${PACK}\s*\)(?=\s*[a-z])|(?:\s*[x×*]\s*|\s+)(${DECIMAL})${PER_PACK})\s*${PACK}`,
  'gi',
);

/** Writes an amount in figures: "Two cans" becomes "2 cans", "1,5 dl" "1.5 dl", and "2 (14 oz) cans" "28 oz". */
export function inFigures(text: string): string {
  return text
    .replace(SAID_FIRST, (_, word: string) => `${SAID[word.toLowerCase()]} `)
    .replaceAll(DECIMAL_COMMA, '$1.$2')
    .replaceAll(PACKED, (all: string, ...found: string[]) => {
      const [whole, below, top, bottom, size, ...rest] = found;
      const [sizeBelow, sizeTop, sizeBottom, unitAside, bare, unit = unitAside] = rest;
      const base = knownUnit(unit!)?.base;
      if (base !== 'g' && base !== 'ml') return all;
      const each = fraction(size ?? bare!, sizeBelow, sizeTop, sizeBottom);
      return `${Number((fraction(whole!, below, top, bottom) * each).toFixed(3))} ${unit} `;
    });
}

/**
 * The first amount of a text. A length ("10cm") or an unknown Korean measure counts only if no other amount follows.
 * `alone`: the text is nothing but an amount, so its number cannot begin a name ("3분카레").
 */
export function readQuantity(
  text: string,
  { alone = false, lang }: { alone?: boolean; lang?: string | undefined } = {},
): Reading {
  const sized = (unit: Unit) => (lang === 'en' && unit.code === ENGLISH_CUP.code ? ENGLISH_CUP : unit);
  const sizes: string[] = [];
  const cuts: [from: number, to: number][] = [];
  const reading = (quantity?: Quantity): Reading => ({
    quantity: quantity ?? {},
    rest: without(text, cuts),
    sizes,
    wasRead: quantity !== undefined,
  });
  let last: { quantity: Quantity; cut: [number, number] } | undefined;
  /** Whether another amount follows a length, which is then only a size: "3cm 한 토막". */
  const asSize = () => {
    if (last?.quantity.base !== 'cm') return;
    cuts.push(last.cut);
    sizes.push(text.slice(...last.cut).trim());
  };
  for (const found of text.matchAll(NEXT)) {
    const [all, size, whole, below, top, bottom, word] = found;
    const end = found.index + all.length;
    if (size) {
      sizes.push(size);
      cuts.push([found.index, end]);
    } else if (whole) {
      const value = fraction(whole, below, top, bottom);
      const measure = measureAt(text, skip(RANGE, text, end));
      const quantity = quantityOf(value + (measure.half ? 0.5 : 0), sized(measure.unit));
      const cut: [number, number] = [found.index, measure.end];
      if (measure.isKnown && measure.unit.base !== 'cm') {
        asSize();
        const more = moreAt(text, measure.end, measure.unit);
        cuts.push([cut[0], more.end]);
        return reading(more.amount === 0 ? quantity : sum(quantity, more.amount, sized(measure.unit)));
      }
      if (measure.isKnown || alone || found.index > 0) last ??= { quantity, cut };
    } else if (word) {
      const measure = measureAt(text, end);
      const isCounted = measure.isKnown && measure.end > end && !/[가-힣]/.test(text.charAt(measure.end));
      if (!isCounted) continue; // 한우, 네모난 두부
      asSize();
      cuts.push([found.index, measure.end]);
      return reading(quantityOf(WORDS[word]! + (measure.half ? 0.5 : 0), measure.unit));
    }
  }
  if (last) cuts.push(last.cut);
  return reading(last?.quantity);
}

const decimal = (digits: string) => Number(digits.replaceAll(',', ''));
const fraction = (whole: string, below = '1', top = '0', bottom = '1') =>
  decimal(whole) / Number(below) + Number(top) / Number(bottom);

function quantityOf(value: number, unit: Unit): Quantity {
  const [amount, shown] = [toBase(value, unit), Number(value.toFixed(3))];
  const makesSense = value <= LARGEST && shown > 0 && amount > 0 && Number.isSafeInteger(amount);
  return makesSense ? { amount, base: unit.base, shown, unit: unit.code } : {};
}

/** The addend of a measured amount, in its base unit: "+ 1t" */
function moreAt(text: string, start: number, { base }: Unit): { amount: number; end: number } {
  const found = base === 'g' || base === 'ml' ? at(PLUS, text, start) : null;
  if (!found) return { amount: 0, end: start };
  const [, whole, below, top, bottom] = found;
  const { unit, end } = measureAt(text, start + found[0].length);
  const amount = toBase(fraction(whole!, below, top, bottom), unit);
  const isMore = unit.base === base && Number.isSafeInteger(amount);
  return isMore ? { amount, end } : { amount: 0, end: start };
}

function sum(quantity: Quantity, more: number, { perUnit }: Unit): Quantity {
  if (quantity.amount === undefined) return quantity;
  const amount = quantity.amount + more;
  return { ...quantity, amount, shown: Number((amount / perUnit).toFixed(3)) };
}

/** The unit after a number, and the end of that unit in the text; pieces if there is none ("2 large eggs"). */
function measureAt(text: string, start: number): { unit: Unit; isKnown: boolean; half: boolean; end: number } {
  const { unit, isKnown, end } = unitAt(text, start);
  const afterHalf = skip(AND_A_HALF, text, end);
  const afterRange = skip(RANGE, text, afterHalf);
  const second = afterRange > afterHalf ? unitAt(text, afterRange) : undefined;
  const after = second && second.unit === unit ? second.end : afterHalf;
  const worth = isKnown && after > start ? skip(WORTH, text, after) : after;
  return { unit, isKnown, half: afterHalf > end, end: skip(ABOUT, text, worth) };
}

function unitAt(text: string, start: number): { unit: Unit; isKnown: boolean; end: number } {
  for (const pattern of [IN_TWO_WORDS, IN_ONE_WORD]) {
    const word = at(pattern, text, start)?.[1];
    if (!word) continue;
    const end = pattern.lastIndex;
    const isKorean = /[가-힣]/.test(word);
    // Korean continues without a space: 큰술씩, 개정도
    for (let left = isKorean ? Math.min(word.length, LONGEST) : word.length; left > 0; left = isKorean ? left - 1 : 0) {
      const unit = knownUnit(word.slice(0, left));
      if (unit) return { unit, isKnown: true, end: end - word.length + left };
    }
    const isGlued = end - word.length === start && skip(ABOUT, text, start) === start;
    if (isKorean && isGlued && word.length <= LONGEST) return { unit: unitOf(word), isKnown: false, end };
  }
  return { unit: unitOf('piece'), isKnown: true, end: start };
}

function at(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

const skip = (pattern: RegExp, text: string, index: number): number =>
  index + (at(pattern, text, index)?.[0].length ?? 0);

function without(text: string, cuts: readonly [from: number, to: number][]): string {
  let rest = '';
  let index = 0;
  for (const [from, to] of [...cuts].sort(([a], [b]) => a - b)) {
    rest += `${text.slice(index, from)} `;
    index = to;
  }
  return rest + text.slice(index);
}
