import { inFractions, rounded } from './amount.js';
import { language, t } from './texts.js';
import { unitName } from './units.js';

/** Numbers, amounts and dates as people write them. */

/** As people would write it: "½", "1⅓", "946". @param {number} amount @param {string} unit its code */
function numberText(amount, unit) {
  const { whole, sign } = inFractions(amount, unit) ?? { whole: rounded(amount, unit), sign: '' };
  if (whole === 0 && sign) return sign;
  return new Intl.NumberFormat(language(), { maximumFractionDigits: 6 }).format(whole) + sign;
}

/** @param {number} amount @param {string} unit its code */
export function amountText(amount, unit) {
  const name = unitName(unit, language(), amount);
  return `${numberText(amount, unit)}${language() === 'ko' ? '' : ' '}${name}`;
}

/** @param {string} date yyyy-mm-dd @param {string} today of the fridge */
export function dayText(date, today) {
  const sameYear = date.slice(0, 4) === today.slice(0, 4);
  return new Intl.DateTimeFormat(language(), {
    timeZone: 'UTC',
    month: language() === 'ko' ? 'long' : 'short',
    day: 'numeric',
    ...(sameYear ? { weekday: 'short' } : { year: 'numeric' }),
  }).format(new Date(`${date}T00:00:00Z`));
}

/** Up to this limit the text counts days. */
const DAYS = 60;
const YEAR = 365;
/** From this limit on the text omits months. */
const LONG = 3 * YEAR;

/** Days until the due date, or since then. @param {{ status: string, daysLeft?: number }} item */
export function daysText({ status, daysLeft }) {
  if (daysLeft === undefined) return t().dueNone;
  if (status === 'expired') return t().expiredAgo(-daysLeft);
  if (status === 'overdue') return t().overdueAgo(-daysLeft);
  if (daysLeft === 0) return t().today;
  if (daysLeft === 1) return t().tomorrow;
  if (daysLeft <= DAYS) return t().daysLeft(daysLeft);
  const months = Math.floor((daysLeft * 12) / YEAR);
  return t().longLeft(Math.floor(months / 12), daysLeft < LONG ? months % 12 : 0);
}
