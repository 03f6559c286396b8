import { type Catalogue, indexOf } from './catalogue.ts';
import type { Food } from './food.ts';
import { withoutAmount } from './typed.ts';
import { isCan, type Prepared, preparedIn, type Says, saidOf, wordsOf } from './words.ts';

export interface Match {
  readonly food: Food;
  /** 1 for a name or alias, less if ignored words may matter */
  readonly sure: number;
  /** its preparation: a recipe means the raw food by it, but in a fridge it is no longer that food */
  readonly prepared?: Prepared;
}

/** a name or alias, or its plural, after harmless words only */
export const SURE = 0.95;

/** Longer names are read from their end: the first words only describe. */
const MOST_WORDS = 32;
const MOST_CHARACTERS = 400;
/** "chicken breast halves 500 g": how often a shape or an amount is removed from a name without a food */
const MOST_TRIES = 4;

interface Names {
  readonly byName: ReadonlyMap<string, Food>;
  /** length of the longest plain name or plural, in characters */
  readonly longest: number;
  readonly isName: (word: string) => boolean;
}

const namesOf = indexOf(({ foods }): Names => {
  const byName = new Map<string, Food>();
  for (const food of foods) {
    for (const word of [food.name.ko, food.name.en, ...food.aliases.ko, ...food.aliases.en])
      byName.set(plain(word), food);
  }
  const lengths = [...byName.keys()].map(name => name.length);
  return { byName, longest: Math.max(0, ...lengths) + 'es'.length, isName: word => byName.has(plain(word)) };
});

/** Normalizes case, spaces and the composition of Hangul. */
export function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\-_'’.]/g, '');
}

const PLURALS = [
  ['ies', 'y'],
  ['es', ''],
  ['s', ''],
] as const;
/** plurals that do not mean their singular: the spice has none, and peppers may be bell peppers or chilies */
const NOT_ITS_PLURAL = new Set(['peppers']);
const SURE_LAST_WORDS = 0.7;
/** cuts that English names last */
const SHAPE = /\s(?:slices|halves|pieces|sprigs|strips|wedges|cubes|chunks|florets|leaves|fillets?|stalks|ribs)$/i;
/** a cup of these is not a cup of their raw food */
const SWELLS = new Set(['grain', 'noodle', 'bean']);

/** The meaning of a name: its food, and the preparation of that food or of an unknown one. */
export interface Meaning {
  readonly match?: Match;
  readonly prepared?: Prepared;
}

/** One match answers every question about a name. */
export function meaningOf(catalogue: Catalogue, name: string): Meaning {
  const match = matchFood(catalogue, name);
  const { isName } = namesOf(catalogue);
  const prepared = match ? match.prepared : preparedIn(wordsOf(endOf(name.normalize('NFKC')), isName).map(plain));
  return { ...(match && { match }), ...(prepared && { prepared }) };
}

/**
 * Matches a name in any language with a food: by the whole name, or else by its last words, because in Korean as in
 * English the first words describe ("유기농 우유", "whole milk"), unless they make it another food ("almond milk"). An
 * amount in the name ("우유 1L") is ignored.
 *
 * The work is linear in the name and bounded: at most four passes over the last 32 words and 400 characters. A longer
 * name never matches with certainty.
 */
export function matchFood(catalogue: Catalogue, name: string): Match | undefined {
  const names = namesOf(catalogue);
  const whole = name.normalize('NFKC');
  let text = endOf(whole);
  const isWhole = text === whole;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const found = matchWords(names, wordsOf(text, names.isName).map(plain));
    if (found) return isWhole ? found : { ...found, sure: Math.min(found.sure, SURE_LAST_WORDS) };
    const trimmed = text.trim();
    const less = [trimmed.replace(SHAPE, ''), withoutAmount(text)].find(one => one && one !== trimmed);
    if (less === undefined) return undefined;
    text = less;
  }
  return undefined;
}

function endOf(name: string): string {
  const end = name.slice(-MOST_CHARACTERS);
  const words = end.split(/\s+/);
  return words.length <= MOST_WORDS ? end : words.slice(-MOST_WORDS).join(' ');
}

/**
 * The longest name at the end of these plain words. It may have blanks that the catalogue's name does not have ("soy
 * milk"), so the search ends by its length in characters. Each word is looked at once.
 */
function matchWords(names: Names, words: readonly string[]): Match | undefined {
  let phrase = '';
  let longest: { readonly match: Match; readonly name: string; readonly first: number } | undefined;
  for (let first = words.length - 1; first >= 0; first--) {
    phrase = words[first]! + phrase;
    if (phrase.length > names.longest) break;
    const match = lookUp(names, phrase);
    if (match) longest = { match, name: phrase, first };
  }
  return longest && describedBy(names, words.slice(0, longest.first), longest.match, longest.name);
}

/** A match, judged by the words before it. @returns undefined if they make it another food */
function describedBy(names: Names, words: readonly string[], match: Match, name: string): Match | undefined {
  if (words.length === 0) return match;
  if (words.some(isCan)) {
    const canned = lookUp(names, `canned${name}`);
    if (canned)
      return describedBy(
        names,
        words.filter(word => !isCan(word)),
        canned,
        name,
      );
  }
  const { food, sure } = match;
  const said = saidOf(words, food);
  if (said.includes('another') || isOfAnother(names, words, food)) return undefined;
  const prepared = said.find(isPreparation);
  const isAsked = prepared === 'leftover' || (prepared === 'cooked' && SWELLS.has(food.category));
  const isSure = !isAsked && !said.includes('unknown');
  return { food, sure: isSure ? sure : Math.min(sure, SURE_LAST_WORDS), ...(prepared && { prepared }) };
}

const isPreparation = (said: Says): said is Prepared => said !== 'another' && said !== 'nothing' && said !== 'unknown';

/** Whether one or two words name another food: "soy milk chocolate" is no chocolate. */
function isOfAnother(names: Names, words: readonly string[], food: Food): boolean {
  return words.some((word, i) =>
    [word, word + (words[i + 1] ?? '')].some(name => {
      const other = lookUp(names, name)?.food;
      const isOther = other !== undefined && (other.kindOf ?? other.id) !== (food.kindOf ?? food.id);
      return isOther && saidOf([name], food)[0] === 'unknown';
    }),
  );
}

/** The food of a plain name or its plural. */
function lookUp({ byName, longest }: Names, name: string): Match | undefined {
  if (name.length > longest) return undefined;
  const food = byName.get(name);
  if (food) return { food, sure: 1 };
  if (NOT_ITS_PLURAL.has(name)) return undefined;
  for (const [ending, singular] of PLURALS) {
    const stem = name.endsWith(ending) ? byName.get(name.slice(0, -ending.length) + singular) : undefined;
    if (stem) return { food: stem, sure: SURE };
  }
  return undefined;
}
