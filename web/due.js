/**
 * Due dates as people type them: `+3d`, `+2w`, `+1m`, `+1y`, `MMDD`, `YYYYMMDD`, `YYYYMMe` (end of that month),
 * `5/17`, `2026-05-17`, and `x` for none. Days are `yyyy-mm-dd` texts of the fridge's own calendar.
 * @typedef {{ is: 'unset' } | { is: 'none' } | { is: 'unclear' } | { is: 'date', date: string }} Due
 */

const DAY_MS = 86_400_000;
/** @type {Record<string, string>} */
const periods = { d: 'd', 일: 'd', w: 'w', 주: 'w', m: 'm', 달: 'm', 개월: 'm', y: 'y', 년: 'y' };

/** @param {string} timeZone */
export const todayIn = timeZone =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date());

/** @param {string} date @param {number} days */
export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day of another month, or that month's last day. @param {string} date @param {number} months */
export function addMonths(date, months) {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0));
  return new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(day, last.getUTCDate())))
    .toISOString()
    .slice(0, 10);
}

/** @param {string} typed @param {string} today @returns {Due} */
export function readDue(typed, today) {
  const text = typed.trim().toLowerCase();
  if (text === '') return { is: 'unset' };
  if (text === 'x') return { is: 'none' };
  const date = relative(text, today) ?? absolute(text, today);
  return date === undefined ? { is: 'unclear' } : { is: 'date', date };
}

/** @param {string} text @param {string} today */
function relative(text, today) {
  const found = text.match(/^([+-]\d{1,4})\s*(\p{L}*)$/u);
  const period = found && periods[found[2] || 'd'];
  if (!found || !period) return undefined;
  const count = Number(found[1]);
  if (period === 'd' || period === 'w') return addDays(today, count * (period === 'w' ? 7 : 1));
  return addMonths(today, count * (period === 'y' ? 12 : 1));
}

/** @param {string} text @param {string} today */
function absolute(text, today) {
  const endOfMonth = text.match(/^(\d{4})(\d{2})e$/);
  if (endOfMonth) {
    const first = real(endOfMonth[1], endOfMonth[2], '01');
    return first && addDays(addMonths(first, 1), -1);
  }
  const full = text.match(/^(\d{4})(\d{2})(\d{2})$/) ?? text.match(/^(\d{4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})\.?$/);
  if (full) return real(full[1], full[2], full[3]);
  const short = text.match(/^(\d{2})(\d{2})$/) ?? text.match(/^(\d{1,2})[-./](\d{1,2})\.?$/);
  if (!short) return undefined;
  const year = Number(today.slice(0, 4));
  const thisYear = real(year, short[1], short[2]);
  return thisYear !== undefined && thisYear >= today ? thisYear : (real(year + 1, short[1], short[2]) ?? undefined);
}

/**
 * A date of the calendar, undefined if there is no such day.
 * @param {string | number | undefined} year @param {string | undefined} month @param {string | undefined} day
 */
function real(year, month, day) {
  const text = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : undefined;
}

/**
 * Moves by a day or a week, with Shift by a month or a year. As in Grocy, down is later.
 * @param {string} date @param {string} key @param {boolean} shift
 */
export function stepDue(date, key, shift) {
  const sign = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
  const small = key === 'ArrowDown' || key === 'ArrowUp';
  if (shift) return addMonths(date, sign * (small ? 1 : 12));
  return addDays(date, sign * (small ? 1 : 7));
}
