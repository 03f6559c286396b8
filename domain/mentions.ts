import { type Catalogue, indexOf } from './catalogue.ts';
import { knownUnit } from './units.ts';

/** Products of a food whose names do not contain its own. */
const DISHES: Readonly<Record<string, string>> = {
  ...{ omelet: 'egg', omelette: 'egg', frittata: 'egg', meringue: 'egg', eggnog: 'egg', 오믈렛: 'egg', 머랭: 'egg' },
  ...{ cheesecake: 'cheese', milkshake: 'milk', buttercream: 'butter', nut: 'mixed-nuts' },
};
/** endings that follow a Korean noun without a space */
const PARTICLE =
  /^(?:[을를이가은는도만와과랑의에로나및들씩용]|이랑|하고|에는|에서|으로|이나|부터|까지|들을|들이|들은)?$/;
const WITHOUT = /^(?:없|프리|무첨가)/;
/** "여러 가지" means several sorts, not eggplants; "두 배" means twice as much, not a pear */
const SO_MANY = /^(?:여러|몇|한|두|세|네|다섯|각|갖은|가지)$/;

/** Names of one language with the ids of their foods, and the lengths of names by their first word or syllable. */
interface Names {
  readonly ids: ReadonlyMap<string, string>;
  /** the longest first */
  readonly lengths: ReadonlyMap<string, readonly number[]>;
}

const isKorean = (name: string): boolean => /[가-힣]/.test(name);

const namesOf = indexOf(({ foods }): { readonly english: Names; readonly korean: Names } => {
  const all = [
    ...foods.flatMap(({ id, name, aliases }) =>
      [name.en, ...aliases.en, name.ko, ...aliases.ko].map(each => [each, id] as const),
    ),
    ...Object.entries(DISHES),
  ];
  const korean = all.filter(([name]) => isKorean(name));
  const english = all.filter(([name]) => !isKorean(name));
  return {
    english: names(
      english.map(([name, id]) => [wordsOf(latin(name)).map(stem), id]),
      ' ',
    ),
    korean: names(
      korean.map(([name, id]) => [name.normalize('NFC').replaceAll(/\s/g, '').split(''), id]),
      '',
    ),
  };
});

function names(parts: readonly (readonly [readonly string[], string])[], between: string): Names {
  const lengths = Map.groupBy(parts, ([[first]]) => first!);
  return {
    ids: new Map(parts.map(([name, id]) => [name.join(between), id])),
    lengths: new Map(
      [...lengths].map(([first, some]) => [
        first,
        [...new Set(some.map(([name]) => name.length))].sort((a, b) => b - a),
      ]),
    ),
  };
}

/**
 * The foods named in a text, by the catalogue's names in both languages. The longest name counts: coconut milk is not
 * milk, and buttermilk is not butter. English is read word by word. A Korean name may be part of a longer word (삶은계란)
 * unless it has one syllable: 게 in 얇게 is not crab. The work is linear in the text.
 */
export function foodsNamed(catalogue: Catalogue, text: string): Set<string> {
  const { english, korean } = namesOf(catalogue);
  const named = new Set<string>();
  for (const phrase of latin(text).split(/[^a-z0-9\s-]+/)) readEnglish(english, wordsOf(phrase), named);
  for (const [phrase] of text.normalize('NFKC').matchAll(/\d?[가-힣]+(?:\s+[가-힣]+)*/g))
    readKorean(korean, phrase, named);
  return named;
}

function latin(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f'’]/g, '')
    .normalize('NFC')
    .toLowerCase();
}

function wordsOf(phrase: string): string[] {
  return phrase.match(/[a-z]+/g) ?? [];
}

function stem(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(ch|sh|ss|x|z|o)es$/, '$1')
    .replace(/(?<![su])s$/, '');
}

function readEnglish({ ids, lengths }: Names, words: readonly string[], named: Set<string>): void {
  const stems = words.map(stem);
  for (let from = 0; from < words.length; ) {
    const nameOf = (length: number) => stems.slice(from, from + length).join(' ');
    const isName = (length: number) => from + length <= stems.length && ids.has(nameOf(length));
    const length = lengths.get(stems[from]!)?.find(isName) ?? 0;
    const isFree = words[from + length] === 'free'; // egg-free
    const isMeasure = length === 1 && knownUnit(words[from]!) !== undefined; // cloves of garlic
    if (length > 0 && !isFree && !isMeasure) named.add(ids.get(nameOf(length))!);
    from += Math.max(length, 1);
  }
}

function readKorean({ ids, lengths }: Names, phrase: string, named: Set<string>): void {
  const words = phrase.split(/\s+/);
  const joined = words.join('');
  /** for each character of the text without spaces: its word, and the end of that word */
  const wordOf = words.flatMap((word, i) => Array<number>(word.length).fill(i));
  const ends: number[] = [];
  for (const word of words) ends.push((ends.at(-1) ?? 0) + word.length);
  const endOf = (at: number) => ends[wordOf[at]!]!;
  const isStart = (at: number) => at === 0 || endOf(at - 1) === at;
  for (let from = 0; from < joined.length; ) {
    const length = lengths.get(joined.charAt(from))?.find(size => isName(from, from + size)) ?? 0;
    if (length > 0) {
      const end = from + length;
      const after = endOf(end - 1);
      const rest = joined.slice(end, after) || joined.slice(end);
      if (!WITHOUT.test(rest) && !WITHOUT.test(joined.slice(after))) named.add(ids.get(joined.slice(from, end))!);
    }
    from += Math.max(length, 1);
  }

  function isName(from: number, end: number): boolean {
    const name = joined.slice(from, end);
    if (end > joined.length || !ids.has(name)) return false;
    const rest = joined.slice(end, endOf(end - 1));
    if (end > endOf(from)) return isStart(from) && PARTICLE.test(rest);
    const before = isStart(from) ? words[wordOf[from]! - 1] : undefined;
    if ((name === '가지' || name === '배') && SO_MANY.test(before ?? '')) return false;
    return name.length > 1 || (isStart(from) && PARTICLE.test(rest));
  }
}
