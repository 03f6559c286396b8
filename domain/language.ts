/** The languages that ZipBob speaks. */
export type Language = 'ko' | 'en';
export const DEFAULT_LANGUAGE: Language = 'ko';

/** The first of ours that an Accept-Language header names. */
export function preferred(acceptLanguage: string | undefined): Language {
  const named = acceptLanguage?.toLowerCase().match(/\b(ko|en)\b/)?.[1];
  return (named as Language | undefined) ?? DEFAULT_LANGUAGE;
}
