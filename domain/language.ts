/** The languages that ZipBob speaks. */
export type Language = 'ko' | 'en';
export const DEFAULT_LANGUAGE: Language = 'ko';

const LANGUAGES: readonly Language[] = ['ko', 'en'];
/** one of our languages in an Accept-Language header, with its weight (RFC 9110, 12.4.2) */
const RANGE = /^\s*(ko|en)\b[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/;

/**
 * Our language with the highest weight in an Accept-Language header, the first of equals. If one is excluded (`q=0`),
 * the other. Undefined if the header names only other languages or "*".
 */
export function preferred(acceptLanguage = ''): Language | undefined {
  const named = acceptLanguage
    .toLowerCase()
    .split(',')
    .flatMap(range => {
      const [, language, weight = '1'] = range.match(RANGE) ?? [];
      return language === undefined ? [] : [{ language: language as Language, weight: Number(weight) }];
    });
  const [most] = named.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  if (most) return most.language;
  const left = LANGUAGES.filter(one => !named.some(({ language }) => language === one));
  return left.length === 1 ? left[0] : undefined;
}
