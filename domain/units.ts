/**
 * Units of measure. Internally an amount is an integer of 1/1000 of a base unit: g, ml, or a counted unit itself.
 * Volumes are the metric kitchen measures of Korean recipes: 5 ml, 15 ml, and a cup of 200 ml. English recipes have
 * another cup.
 */
export interface Unit {
  readonly code: string;
  readonly base: string;
  /** 1/1000 base units in one */
  readonly perUnit: number;
}

/** code, base, base units in one, other spellings (lower case) */
const table: readonly [code: string, base: string, size: number, spellings: string][] = [
  ['mg', 'g', 0.001, '밀리그램 milligram milligrams'],
  ['g', 'g', 1, '그램 그람 gram grams gr gm'],
  ['kg', 'g', 1000, '킬로그램 킬로 kilogram kilograms kilo kilos'],
  ['oz', 'g', 28.35, '온스 ounce ounces'], // 28.3495 g, rounded so that sixteen are a pound
  ['lb', 'g', 453.6, '파운드 pound pounds lbs'],
  ['ml', 'ml', 1, '밀리리터 milliliter millilitre milliliters millilitres cc'],
  ['cl', 'ml', 10, '센티리터 centiliter centilitre centiliters centilitres'],
  ['dl', 'ml', 100, '데시리터 deciliter decilitre deciliters decilitres'],
  ['l', 'ml', 1000, '리터 liter litre liters litres ℓ'],
  ['tsp', 'ml', 5, '작은술 티스푼 ts 찻술 작은숟가락 작은숟갈 작은스푼 teaspoon teaspoons t'],
  [
    'tbsp',
    'ml',
    15,
    '큰술 테이블스푼 숟가락 숟갈 스푼 술 밥술 밥숟가락 밥숟갈 밥스푼 큰숟가락 큰숟갈 큰스푼 tablespoon tablespoons tbs T',
  ],
  ['cup', 'ml', 200, '컵 cups c'],
  ['fl oz', 'ml', 29.5735, '액량온스 fluidounce fluidounces'],
  ['pint', 'ml', 473.176, '파인트 pints'],
  ['quart', 'ml', 946.353, '쿼트 quarts'],
  ['gallon', 'ml', 3785.41, '갤런 gallons gal'],
  ['doe', 'ml', 1800, '되'],
  ['cm', 'cm', 1, '센티미터 센티 센치'],
  ['inch', 'cm', 2.54, '인치 inches'],
  ['geun', 'geun', 1, '근'], // 600 g of meat, else 400 g or the market's custom: a food's weights decide
  ['piece', 'piece', 1, '개 알 마리 뿌리 구 pieces pc pcs ea'],
  ['dozen', 'piece', 12, '다스 타스 dozens'],
  ['bunch', 'bunch', 1, '단 다발 묶음 송이 bunches'],
  ['pinch', 'pinch', 1, '꼬집 pinches dash dashes'],
  ['handful', 'handful', 1, '줌 움큼 handfuls'],
  ['can', 'can', 1, '캔 통조림 cans tin tins'],
  [
    'pack',
    'pack',
    1,
    '팩 packs package packages packet packets pkg carton cartons box boxes container containers envelope envelopes',
  ],
  ['bag', 'bag', 1, '봉 봉지 bags'],
  ['bottle', 'bottle', 1, '병 bottles jar jars'],
  ['slice', 'slice', 1, '조각 slices'],
  ['sheet', 'sheet', 1, '장 sheets'],
  ['leaf', 'leaf', 1, '잎 leaves'],
  ['clove', 'clove', 1, '쪽 톨 cloves'],
  ['block', 'block', 1, '모 blocks'],
  ['stalk', 'stalk', 1, '대 줄기 줄 stalks sprig sprigs'],
  ['stick', 'stick', 1, '스틱 sticks'],
  ['head', 'head', 1, '통 포기 heads'],
  ['chunk', 'chunk', 1, '토막 chunks'],
  ['glass', 'glass', 1, '잔 glasses'],
  ['bowl', 'bowl', 1, '공기 그릇 bowls'],
  ['tray', 'tray', 1, '판 trays'],
  ['serving', 'serving', 1, '인분 servings'],
];

/**
 * The American cup, for recipes in English: 240 ml, as on food labels there (21 CFR 101.9(b)(5)(viii)). Its spoons
 * differ from ours by hundredths.
 */
export const ENGLISH_CUP: Unit = { code: 'cup', base: 'ml', perUnit: 240_000 };

const bySpelling = new Map<string, Unit>(
  table.flatMap(([code, base, size, spellings]) => {
    const unit: Unit = { code, base, perUnit: Math.round(size * 1000) };
    return [code.replace(' ', ''), ...spellings.split(' ')].map(spelling => [spelling, unit] as const);
  }),
);

/** The unit of a word; an unknown word is a counted unit of that name. */
export function unitOf(spelling: string): Unit {
  const word = spelling.normalize('NFKC').trim();
  const known = knownUnit(word);
  if (known) return known;
  const code = word.toLowerCase();
  return { code, base: code, perUnit: 1000 };
}

const lookUp = (word: string) => bySpelling.get(word) ?? bySpelling.get(word.toLowerCase());

/**
 * Like `unitOf`, but undefined for words outside the table. Only `T` and `t` depend on case; spaces and full stops are
 * ignored: "큰 술", "fl. oz."
 */
export const knownUnit = (spelling: string): Unit | undefined =>
  lookUp(spelling.normalize('NFKC').replaceAll(/[\s.]/g, ''));

/** A decimal number of a unit as 1/1000 base units. */
export const toBase = (amount: number, { perUnit }: Pick<Unit, 'perUnit'>): number => Math.round(amount * perUnit);

const KOREAN = new Map(table.map(([code, , , spellings]) => [code, spellings.split(' ')[0]!]));
const WRITTEN_AS_CODE = new Set(['mg', 'g', 'kg', 'oz', 'lb', 'ml', 'cl', 'dl', 'l', 'cm']);

/** The text of a unit for a reader. */
export const unitLabel = (code: string, language: 'ko' | 'en'): string =>
  language === 'en' || WRITTEN_AS_CODE.has(code) ? code : (KOREAN.get(code) ?? code);

/** 1/1000 base units as a decimal number of a unit, to at most six places. */
export const fromBase = (amount: number, perUnit: number): number => Number((amount / perUnit).toFixed(6));
