import { z } from 'zod';
import { isDate } from '../domain/dates.ts';

/** Fields of several calls. Their values are normalized: NFC, without surrounding spaces. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a name is one line
const LINE_CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Length counts visible characters, so that combining Hangul and emoji are not cut short. */
const graphemes = new Intl.Segmenter('ko', { granularity: 'grapheme' });

/**
 * Visible characters: no spaces, single marks, fillers, or characters that only join, hide or turn their neighbours.
 */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v;
/** An emoji of a family of four with skin colours has eleven; only piles of marks have more than this. */
const MOST_CODE_POINTS = 16;

/**
 * A run of combining marks. Normalizing sorts them in quadratic time, so this is checked first. It refuses nothing that
 * the rule for the result accepts: composing absorbs at most three marks of a run.
 */
const PILE = new RegExp(`[\\p{M}\uff9e\uff9f]{${2 * MOST_CODE_POINTS}}`, 'u');
const PILED = 'has a character with too much on it';

/** Each of these is a character by itself, whatever its neighbours; all but the first three are visible. */
const SIMPLE = /^[\t\n \u0021-\u007e\u00a1-\u00ac\u00ae-\u02ff가-힣一-鿿]*$/;

interface Characters {
  /** visible characters; counting stops at the limit */
  readonly count: number;
  readonly seen: number;
  readonly isPiledUp: boolean;
}

function charactersOf(text: string, most: number): Characters {
  if (SIMPLE.test(text)) return { count: text.length, seen: text.replaceAll(/\s/g, '').length, isPiledUp: false };
  let [count, seen] = [0, 0];
  for (const { segment } of graphemes.segment(text)) {
    if ([...segment].length > MOST_CODE_POINTS) return { count, seen, isPiledUp: true };
    if (VISIBLE.test(segment)) seen++;
    if (++count > most) break;
  }
  return { count, seen, isPiledUp: false };
}

function text(max: number, forbidden: RegExp, min = 1) {
  return z
    .string()
    .max(max * 20, { abort: true }) // one visible character may consist of many; this bounds work and bytes
    .refine(value => value.isWellFormed(), 'has half of a character in it')
    .refine(value => !forbidden.test(value), 'has control characters in it')
    .check(({ value, issues }) => {
      if (PILE.test(value)) issues.push({ code: 'custom', input: value, message: PILED });
    })
    .transform(value => value.normalize('NFC').trim())
    .refine(value => !charactersOf(value, max).isPiledUp, { error: PILED, abort: true })
    .refine(value => charactersOf(value, max).seen >= min, `needs at least ${min} character${min === 1 ? '' : 's'}`)
    .refine(value => charactersOf(value, max).count <= max, `has more than ${max} characters`);
}

/** One line of at most `max` visible characters. */
export const line = (max: number, min = 1) => text(max, LINE_CONTROL, min);
/** Several lines. */
export const prose = (max: number) => text(max, CONTROL);

export const date = z
  .string()
  .refine(isDate, 'is not a date (yyyy-mm-dd)')
  .refine(value => value >= '2000-01-01' && value <= '2199-12-31', 'is not between 2000 and 2199');

/** ISO 8601 with an offset; comes out in UTC. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine(value => value >= '2000' && value < '2200', 'is not between 2000 and 2199')
  .transform(value => new Date(value).toISOString());

export const id = z.string().min(1).max(100);

/** A whole number in a query, where everything is text. */
export const count = (most: number) =>
  z
    .union([z.int(), z.string().regex(/^\d{1,9}$/)], { error: 'is not a whole number' })
    .transform(Number)
    .pipe(z.number().min(1).max(most));

const MOST = 1_000_000;
/** A decimal amount of some unit, above 0. */
export const amount = z.number().positive('must be more than 0').max(MOST, `must not be more than ${MOST}`);

/** Long enough for the longest sort key, and short enough for an address. */
export const cursor = z.string().max(8000);

/** Servings of a recipe, and of a cooking. */
export const servings = z.int().min(1).max(1000);

export const language = z.enum(['ko', 'en']);
