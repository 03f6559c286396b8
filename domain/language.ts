/** The languages that ZipBob speaks. */
export type Language = 'ko' | 'en';
export const DEFAULT_LANGUAGE: Language = 'ko';

const LANGUAGES: readonly Language[] = ['ko', 'en'];
/** of an Accept-Language header: one of ours, with its weight (RFC 9110, 12.4.2) */
const RANGE = /^\s*(ko|en)\b[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/;

/**
 * The one of ours that an Accept-Language header wants most, the first of equals. Who excludes one of them (`q=0`)
 * gets the other. None where it names only others, or anything ("*").
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
