/** Calendar dates are `yyyy-mm-dd` texts; instants are ISO 8601. */
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Offsets in use: quarters of an hour from -12:00 to +14:00. */
const OFFSET = /^(?:-(?:0\d|1[01]):(?:00|15|30|45)|-12:00|\+(?:0\d|1[0-3]):(?:00|15|30|45)|\+14:00)$/;

/** The canonical spelling of a time zone; undefined if it is none. */
export function timeZoneOf(name: string): string | undefined {
  try {
    const { timeZone } = formatOf(name).resolvedOptions();
    return /^[+-]/.test(timeZone) && !OFFSET.test(timeZone) ? undefined : timeZone;
  } catch {
    return undefined;
  }
}

// The Swedish locale writes dates as ISO 8601 does.
const formatOf = (timeZone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });

/** Keys are canonical names of existing zones, so there are some 700 at most. */
function format(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = formatOf(timeZone);
  if (made.resolvedOptions().timeZone === timeZone) formats.set(timeZone, made);
  return made;
}

/** The date on the wall calendar of a time zone at an instant. */
export const localDate = (instant: string | Date, timeZone: string): string =>
  format(timeZone).format(typeof instant === 'string' ? new Date(instant) : instant);

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/** Days from one date to another; negative when `to` is earlier. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);

export const addDays = (date: string, days: number): string =>
  new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);

/** Whether a text is an existing calendar date. */
export const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayNumber(text)) && addDays(text, 0) === text;
