import foods from '../data/foods.json' with { type: 'json' };

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
  /** 1 for a name or alias, less where words were left out */
  readonly sure: number;
}

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

const SURE_SINGULAR = 0.95;
/** plurals that are another food than their singular: the spice has none, and peppers may be bell peppers or chilies */
const NOT_ITS_PLURAL = new Set(['peppers']);
const SURE_LAST_WORDS = 0.7;
/** how it is cut, where English says so last */
const SHAPE = /\s(?:slices|halves|pieces|sprigs|strips|wedges|cubes|chunks|florets)$/i;
/** words that make another food of what follows, as the name of any other food does */
const MAKES_ANOTHER =
  /^(?:vegan|vegetarian|veggie|imitation|mock|faux|meatless|eggless|plantbased|(?:gluten|wheat|dairy|milk|egg|nut|soy|meat)free|soy|rye|buckwheat|spelt|hemp|flax|cassava|macadamia|rose|root|비건|베지|채식|식물성|대체|인조|헴프|마카다미아|메밀|호밀|글루텐프리|무글루텐|노에그)$/;

/**
 * The food that a name means, in any language: the whole name, or else its last words, for in Korean as in English
 * what comes first only describes ("유기농 우유", "whole milk"), unless it makes another food of it ("almond milk").
 */
export function matchFood(name: string): Match | undefined {
  const words = name.normalize('NFKC').trim().split(/\s+/);
  for (let first = 0; first < words.length; first++) {
    const found = lookUp(words.slice(first).join(' '));
    if (!found) continue;
    if (words.slice(0, first).some(word => isAnother(word, found.food))) return undefined;
    return first === 0 ? found : lessSure(found);
  }
  const less = name.replace(SHAPE, '');
  return less === name ? undefined : lessSure(matchFood(less));
}

const lessSure = (match: Match | undefined): Match | undefined =>
  match && { food: match.food, sure: Math.min(match.sure, SURE_LAST_WORDS) };

function isAnother(word: string, food: Food): boolean {
  if (MAKES_ANOTHER.test(plain(word))) return true;
  const other = lookUp(word)?.food;
  return other !== undefined && (other.kindOf ?? other.id) !== (food.kindOf ?? food.id);
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
    if (stem) return { food: stem, sure: SURE_SINGULAR };
  }
  return undefined;
}
