/** Units by the codes that the server returns; the server understands every name here. */

/** @type {Record<string, [ko: string, one: string, many: string]>} */
const names = {
  mg: ['mg', 'mg', 'mg'],
  g: ['g', 'g', 'g'],
  kg: ['kg', 'kg', 'kg'],
  oz: ['온스', 'oz', 'oz'],
  lb: ['파운드', 'lb', 'lb'],
  ml: ['ml', 'ml', 'ml'],
  l: ['l', 'l', 'l'],
  cl: ['cl', 'cl', 'cl'],
  dl: ['dl', 'dl', 'dl'],
  tsp: ['작은술', 'tsp', 'tsp'],
  tbsp: ['큰술', 'tbsp', 'tbsp'],
  cup: ['컵', 'cup', 'cups'],
  'fl oz': ['액량온스', 'fl oz', 'fl oz'],
  pint: ['파인트', 'pint', 'pints'],
  quart: ['쿼트', 'quart', 'quarts'],
  gallon: ['갤런', 'gallon', 'gallons'],
  doe: ['되', 'doe', 'doe'],
  cm: ['cm', 'cm', 'cm'],
  inch: ['인치', 'inch', 'inches'],
  geun: ['근', 'geun', 'geun'],
  dozen: ['다스', 'dozen', 'dozen'],
  piece: ['개', 'pc', 'pcs'],
  bunch: ['단', 'bunch', 'bunches'],
  pinch: ['꼬집', 'pinch', 'pinches'],
  handful: ['줌', 'handful', 'handfuls'],
  can: ['캔', 'can', 'cans'],
  pack: ['팩', 'pack', 'packs'],
  bag: ['봉지', 'bag', 'bags'],
  bottle: ['병', 'bottle', 'bottles'],
  slice: ['조각', 'slice', 'slices'],
  sheet: ['장', 'sheet', 'sheets'],
  leaf: ['잎', 'leaf', 'leaves'],
  clove: ['쪽', 'clove', 'cloves'],
  block: ['모', 'block', 'blocks'],
  stalk: ['대', 'stalk', 'stalks'],
  stick: ['스틱', 'stick', 'sticks'],
  head: ['포기', 'head', 'heads'],
  chunk: ['토막', 'chunk', 'chunks'],
  glass: ['잔', 'glass', 'glasses'],
  bowl: ['공기', 'bowl', 'bowls'],
  tray: ['판', 'tray', 'trays'],
  serving: ['인분', 'serving', 'servings'],
};

/** Groups of units that the server can convert into each other: those on offer, and those that may only be stored. */
const families = [
  { offered: ['g', 'kg', 'mg', 'oz', 'lb'], rare: [] },
  { offered: ['ml', 'l', 'tbsp', 'tsp', 'cup'], rare: ['cl', 'dl', 'fl oz', 'pint', 'quart', 'gallon', 'doe'] },
];
const familyOf = (/** @type {string} */ code) =>
  families.find(({ offered, rare }) => [...offered, ...rare].includes(code));
const SUGGESTED = ['piece', 'g', 'kg', 'ml', 'l', 'block', 'stalk', 'bunch', 'pack', 'bag', 'bottle', 'can', 'head'];

/** @param {string} code @param {'ko' | 'en'} language @param {number} [amount] */
export function unitName(code, language, amount = 1) {
  const known = names[code];
  if (!known) return code;
  const [ko, one, many] = known;
  return language === 'ko' ? ko : amount > 1 ? many : one;
}

/** Units on offer where any unit may be given. @param {'ko' | 'en'} language */
export const suggestedUnits = language => SUGGESTED.map(code => unitName(code, language, 2));

/** Units in which a part of an ingredient may be given: its own first. @param {string} code */
export function comparableUnits(code) {
  const others = familyOf(code)?.offered ?? [];
  return [code, ...others.filter(other => other !== code)];
}

/** Weights and volumes are written close to their number, and one of them is nearly nothing. @param {string} code */
export const isMeasured = code => familyOf(code) !== undefined;
