import { language, t } from './texts.js';
import { unitName } from './units.js';

/** Numbers, amounts and dates as people write them. */

/** @param {number} value */
export function numberText(value) {
  const digits = value >= 0.1 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 2 };
  return new Intl.NumberFormat(language(), digits).format(value);
}

/** @param {number} amount @param {string} unit its code */
export function amountText(amount, unit) {
  const name = unitName(unit, language(), amount);
  return language() === 'ko' ? `${numberText(amount)}${name}` : `${numberText(amount)} ${name}`;
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

const MONTH = 30;
const YEAR = 365;

/** How long it keeps, or since when it does not. @param {{ status: string, daysLeft?: number }} item */
export function daysText({ status, daysLeft }) {
  if (daysLeft === undefined) return t().dueNone;
  if (status === 'expired') return t().expiredAgo(-daysLeft);
  if (status === 'overdue') return t().overdueAgo(-daysLeft);
  if (daysLeft === 0) return t().today;
  if (daysLeft === 1) return t().tomorrow;
  if (daysLeft >= 2 * YEAR) return t().yearsLeft(Math.floor(daysLeft / YEAR));
  return daysLeft > 2 * MONTH ? t().monthsLeft(Math.floor(daysLeft / MONTH)) : t().daysLeft(daysLeft);
}
