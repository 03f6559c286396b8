/**
 * Parses amounts as people type them (`2`, `1,5`, `1/2`, `1 1/2`, `1½`, `1,000`, `200g`, `2모`), and rounds them as people
 * would write them: a converted or divided amount, such as 946.353, is too precise for a kitchen.
 */

const NUMBER = /^(?:(?<whole>\d+)(?:\s+|\s*[와과]\s*)(?=\d+\s*\/))?(?<top>\d+(?:[.,]\d+)?)(?:\s*\/\s*(?<below>\d+))?/;

/** @param {string} typed @returns {{ amount?: number, unit?: string } | undefined} undefined if it is unclear */
export function readAmount(typed) {
  // NFKC turns ½ into digits, which would run into the number before it.
  const text = typed
    .trim()
    .replace(/(\d)\s*([¼½¾⅐-⅞])/, '$1 $2')
    .normalize('NFKC')
    .replaceAll('⁄', '/')
    .replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, '');
  if (text === '') return {};
  const found = text.match(NUMBER);
  const unit = text.slice(found?.[0].length).trim();
  if (!found || /^[\d.,/]/.test(unit)) return undefined;
  const { whole = '0', top = '', below = '1' } = found.groups ?? {};
  const amount = Number(whole) + Number(top.replace(',', '.')) / Number(below);
  if (!Number.isFinite(amount)) return undefined;
  return { amount: Number(amount.toFixed(6)), ...(unit && { unit }) };
}

/** Units in which fractions below one do not matter. */
const FINE = new Set(['mg', 'g', 'ml']);
/** Units in which a tenth matters. All other units, spoons or pieces, use halves, thirds and quarters. */
const COARSE = new Set(['kg', 'cl', 'dl', 'l', 'cm']);
/** @type {[part: number, sign: string][]} */
const FRACTIONS = [
  [0, ''],
  [1 / 4, '¼'],
  [1 / 3, '⅓'],
  [1 / 2, '½'],
  [2 / 3, '⅔'],
  [3 / 4, '¾'],
  [1, ''],
];
const NEAR = 0.02;

/** Rounds to three digits, or two for small amounts; whole numbers stay. @param {number} amount @param {string} unit */
export function rounded(amount, unit) {
  if (Number.isInteger(amount)) return amount;
  if (amount < 1) return Number(amount.toPrecision(COARSE.has(unit) ? 3 : 2));
  if (amount >= 100) return Math.round(amount);
  if (FINE.has(unit)) return amount < 10 || Number.isInteger(amount * 2) ? oneDecimal(amount) : Math.round(amount);
  return amount < 10 ? Number(amount.toFixed(2)) : oneDecimal(amount);
}

const oneDecimal = (/** @type {number} */ amount) => Number(amount.toFixed(1));

/**
 * The whole number and the fraction closest to an amount, for units that use fractions.
 * @param {number} amount @param {string} unit
 * @returns {{ whole: number, sign: string } | undefined}
 */
export function inFractions(amount, unit) {
  if (FINE.has(unit) || COARSE.has(unit) || amount >= 10) return undefined;
  const whole = Math.floor(amount);
  const found = FRACTIONS.find(([part]) => Math.abs(amount - whole - part) < NEAR && whole + part > 0);
  return found && { whole: whole + Math.floor(found[0]), sign: found[1] };
}

/** An amount as the editable text of a field. @param {number} amount @param {string} unit */
export const typedAmount = (amount, unit) => String(rounded(amount, unit));

/**
 * The exact amount that is shown as the typed number, if there is one, else the typed number.
 * @param {number} typed @param {string} unit @param {(number | undefined)[]} exact
 */
export const meantAmount = (typed, unit, exact) =>
  exact.find(amount => amount !== undefined && rounded(amount, unit) === typed) ?? typed;
