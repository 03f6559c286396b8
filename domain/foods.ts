import foods from '../data/foods.json' with { type: 'json' };
import { withoutAmount } from './typed.ts';
import { isCan, type Prepared, preparedIn, type Says, saidOf, wordsOf } from './words.ts';

export type FoodPlace = 'fridge' | 'freezer' | 'pantry';

/** An entry of the catalogue. Its id is for ever. */
export interface Food {
  readonly id: string;
  /** id of the generic food of which this is a cut or sort */
  readonly kindOf?: string;
  readonly name: { readonly ko: string; readonly en: string };
  readonly aliases: { readonly ko: readonly string[]; readonly en: readonly string[] };
  readonly category: string;
  /** usual unit where none is given */
  readonly unit: string;
  /** grams in one counted unit */
  readonly weights?: Readonly<Record<string, number>>;
  /** what one usually buys of it: a name alone means so much */
  readonly bought?: { readonly amount: number; readonly unit: string };
  /** grams per ml */
  readonly density?: number;
  /** days as bought, by where it is kept */
  readonly shelfLife: { readonly [P in FoodPlace]?: number };
  /** days once opened */
  readonly opened?: { readonly [P in FoodPlace]?: number };
  /** where it is usually kept */
  readonly place: FoodPlace;
  readonly dueType: 'best_before' | 'use_by';
  readonly allergens: readonly string[];
  readonly substitutes: readonly string[];
  /** in nearly every kitchen */
  readonly staple?: boolean;
}

export interface Match {
  readonly food: Food;
  /** 1 for a name or alias, less where words were left out that may matter */
  readonly sure: number;
  /** how it was prepared: a recipe means the food by it, but in a fridge it is no longer what it was made of */
  readonly prepared?: Prepared;
}

/** a name or alias, or its plural, whatever harmless words stand before it */
export const SURE = 0.95;

export const catalogue: readonly Food[] = foods as unknown as Food[];

const byId = new Map(catalogue.map(food => [food.id, food]));
const byName = new Map<string, Food>();
for (const food of catalogue) {
  for (const word of [food.name.ko, food.name.en, ...food.aliases.ko, ...food.aliases.en])
    byName.set(plain(word), food);
}

export const foodById = (id: string): Food | undefined => byId.get(id);

/** Names that differ only in case, spaces or how Hangul is composed are the same. */
export function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\-_'’.]/g, '');
}

/** plurals that are another food than their singular: the spice has none, and peppers may be bell peppers or chilies */
const NOT_ITS_PLURAL = new Set(['peppers']);
const SURE_LAST_WORDS = 0.7;
/** how it is cut, where English says so last */
const SHAPE = /\s(?:slices|halves|pieces|sprigs|strips|wedges|cubes|chunks|florets|leaves|fillets?|stalks|ribs)$/i;
/** a cup of these is not a cup of what they are cooked from */
const SWELLS = new Set(['grain', 'noodle', 'bean']);

/**
 * The food that a name means, in any language: the whole name, or else its last words, for in Korean as in English
 * what comes first only describes ("유기농 우유", "whole milk"), unless it makes another food of it ("almond milk").
 * An amount that was typed with it ("우유 1L") does not matter.
 */
export function matchFood(name: string): Match | undefined {
  const found = matchWords(wordsOf(name, isName));
  if (found) return found;
  for (const less of [name.trim().replace(SHAPE, ''), withoutAmount(name)])
    if (less && less !== name.trim()) return matchFood(less);
  return undefined;
}

/** How what has this name was prepared, where the name says so. */
export const preparedAs = (name: string): Prepared | undefined => {
  const match = matchFood(name);
  return match ? match.prepared : preparedIn(wordsOf(name, isName).map(plain));
};

const isName = (word: string): boolean => byName.has(plain(word));

function matchWords(words: readonly string[]): Match | undefined {
  for (let first = 0; first < words.length; first++) {
    const found = lookUp(words.slice(first).join(' '));
    if (found) return describedBy(words.slice(0, first), found, words.slice(first));
  }
  return undefined;
}

/** What a match is with the words before it. @returns undefined where they make another food of it */
function describedBy(words: readonly string[], match: Match, name: readonly string[]): Match | undefined {
  if (words.length === 0) return match;
  if (words.some(word => isCan(plain(word)))) {
    const canned = lookUp(`canned ${name.join(' ')}`);
    if (canned)
      return describedBy(
        words.filter(word => !isCan(plain(word))),
        canned,
        name,
      );
  }
  const { food, sure } = match;
  const said = saidOf(words.map(plain), food);
  if (said.includes('another') || isOfAnother(words, food)) return undefined;
  const prepared = said.find(isPreparation);
  const isAsked = prepared === 'leftover' || (prepared === 'cooked' && SWELLS.has(food.category));
  const isSure = !isAsked && !said.includes('unknown');
  return { food, sure: isSure ? sure : Math.min(sure, SURE_LAST_WORDS), ...(prepared && { prepared }) };
}

const isPreparation = (said: Says): said is Prepared => said !== 'another' && said !== 'nothing' && said !== 'unknown';

/** Whether a word, or two of them, is the name of another food: "soy milk chocolate" is no chocolate. */
function isOfAnother(words: readonly string[], food: Food): boolean {
  return words.some((word, i) =>
    [word, words.slice(i, i + 2).join(' ')].some(name => {
      const other = saidOf([plain(name)], food)[0] === 'unknown' ? lookUp(name)?.food : undefined;
      return other !== undefined && (other.kindOf ?? other.id) !== (food.kindOf ?? food.id);
    }),
  );
}

function lookUp(words: string): Match | undefined {
  const word = plain(words);
  const food = byName.get(word);
  if (food) return { food, sure: 1 };
  if (NOT_ITS_PLURAL.has(word)) return undefined;
  for (const [ending, singular] of [
    [/ies$/, 'y'],
    [/es$/, ''],
    [/s$/, ''],
  ] as const) {
    const stem = ending.test(word) ? byName.get(word.replace(ending, singular)) : undefined;
    if (stem) return { food: stem, sure: SURE };
  }
  return undefined;
}
