/** The languages that ZipBob speaks. */
export type Language = 'ko' | 'en';
export const DEFAULT_LANGUAGE: Language = 'ko';

/** The first of ours that an Accept-Language header names; none where it names only others, or anything ("*"). */
export const preferred = (acceptLanguage: string | undefined): Language | undefined =>
  acceptLanguage?.toLowerCase().match(/\b(ko|en)\b/)?.[1] as Language | undefined;
