import { type Catalogue, indexOf } from './catalogue.ts';
import type { Food } from './food.ts';
import { withoutAmount } from './typed.ts';
import { isCan, type Prepared, preparedIn, type Says, saidOf, wordsOf } from './words.ts';

export interface Match {
  readonly food: Food;
  /** 1 for a name or alias, less where words were left out that may matter */
  readonly sure: number;
  /** how it was prepared: a recipe means the food by it, but in a fridge it is no longer what it was made of */
  readonly prepared?: Prepared;
}

/** a name or alias, or its plural, whatever harmless words stand before it */
export const SURE = 0.95;

/** Longer names are read from their end: what comes first only describes. */
const MOST_WORDS = 32;
const MOST_CHARACTERS = 400;
/** "chicken breast halves 500 g": how often a shape or an amount is taken off a name that is no food */
const MOST_TRIES = 4;

interface Names {
  readonly byName: ReadonlyMap<string, Food>;
  /** characters of the longest plain name, or of its plural */
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

/** Names that differ only in case, spaces or how Hangul is composed are the same. */
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
/** plurals that are another food than their singular: the spice has none, and peppers may be bell peppers or chilies */
const NOT_ITS_PLURAL = new Set(['peppers']);
const SURE_LAST_WORDS = 0.7;
/** how it is cut, where English says so last */
const SHAPE = /\s(?:slices|halves|pieces|sprigs|strips|wedges|cubes|chunks|florets|leaves|fillets?|stalks|ribs)$/i;
/** a cup of these is not a cup of what they are cooked from */
const SWELLS = new Set(['grain', 'noodle', 'bean']);

/** What a name says: the food that it means, and how that, or something that no food is known of, was prepared. */
export interface Meaning {
  readonly match?: Match;
  readonly prepared?: Prepared;
}

/** One match answers all that is asked of a name. */
export function meaningOf(catalogue: Catalogue, name: string): Meaning {
  const match = matchFood(catalogue, name);
  const { isName } = namesOf(catalogue);
  const prepared = match ? match.prepared : preparedIn(wordsOf(endOf(name.normalize('NFKC')), isName).map(plain));
  return { ...(match && { match }), ...(prepared && { prepared }) };
}

/**
 * The food that a name means, in any language: the whole name, or else its last words, for in Korean as in English
 * what comes first only describes ("유기농 우유", "whole milk"), unless it makes another food of it ("almond milk").
 * An amount that was typed with it ("우유 1L") does not matter.
 *
 * The work is linear in the name, and bounded: it looks at the last 32 words and 400 characters, at most four times.
 * A name that is longer is never sure.
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
 * The longest name at the end of these words, which are plain. It may have blanks where the catalogue has none ("soy
 * milk"), so its length in characters ends the search: each word is looked at once.
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

/** What a match is with the words before it. @returns undefined where they make another food of it */
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

/** Whether a word, or two of them, is the name of another food: "soy milk chocolate" is no chocolate. */
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
