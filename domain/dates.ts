/** Calendar dates are `yyyy-mm-dd` texts; instants are ISO 8601. */
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  try {
    return Boolean(format(name));
  } catch {
    return false;
  }
}

function format(timeZone: string): Intl.DateTimeFormat {
  // The Swedish locale writes dates as ISO 8601 does.
  const known = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  formats.set(timeZone, known);
  return known;
}

/** The date on the wall calendar of a time zone at an instant. */
export const localDate = (instant: string | Date, timeZone: string): string =>
  format(timeZone).format(typeof instant === 'string' ? new Date(instant) : instant);

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/** Days from one date to another; negative when `to` is earlier. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);

export const addDays = (date: string, days: number): string =>
  new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);

/** Whether a text is a date that the calendar has. */
export const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayNumber(text)) && addDays(text, 0) === text;
