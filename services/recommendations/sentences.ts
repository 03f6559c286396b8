import type { Language } from '../../domain/language.ts';
import type { RankedRecipe } from '../../events/recommendation.ts';

/** The items of the sentences, by name. */
export interface Named {
  readonly language: Language;
  readonly used: readonly string[];
  readonly overdue: readonly string[];
  /** lines and batches that may mean another food */
  readonly unknown: readonly string[];
  readonly unmeasured: readonly string[];
  /** a food and its substitute */
  readonly substitutions: readonly { readonly food: string; readonly by: string }[];
  readonly missing: readonly string[];
}

const texts = {
  ko: {
    ready: '재료가 모두 있어요.',
    staples: '기본 양념만 더 있으면 돼요.',
    likely: '재료가 있는 듯해요. 먼저 확인하세요.',
    coverage: (percent: number) => `재료의 ${percent}%가 집에 있어요.`,
    first: (names: string) => `곧 기한이 되는 재료를 먼저 써요: ${names}`,
    instead: (food: string, by: string) => `${food} 대신 ${by}`,
    substitutions: (pairs: string) => `비슷한 재료로 대신해요: ${pairs}`,
    missing: (names: string) => `없는 재료: ${names}`,
    unknown: (names: string) => `확인하지 못한 재료: ${names}`,
    unmeasured: (names: string) => `양을 비교하지 못한 재료: ${names}`,
    overdue: (names: string) => `품질유지기한이 지났으니 상태를 확인하세요: ${names}`,
  },
  en: {
    ready: 'You have everything.',
    staples: 'Only staples are missing.',
    likely: 'You seem to have what it needs; have a look first.',
    coverage: (percent: number) => `You have ${percent}% of what it needs.`,
    first: (names: string) => `Uses first what is due soon: ${names}`,
    instead: (food: string, by: string) => `${by} for ${food}`,
    substitutions: (pairs: string) => `Uses something of the same kind: ${pairs}`,
    missing: (names: string) => `Missing: ${names}`,
    unknown: (names: string) => `Not checked: ${names}`,
    unmeasured: (names: string) => `Amount not compared: ${names}`,
    overdue: (names: string) => `Past its best-before date, look before you use it: ${names}`,
  },
} as const;

/** The reasons for a recipe's rank, and its warnings. */
export function sentences(
  { tier, coverage, partial }: RankedRecipe,
  { language, used, overdue, unknown, unmeasured, substitutions, missing }: Named,
): { explanation: string[]; warnings: string[] } {
  const say = texts[language];
  const list = (names: readonly string[]) => [...new Set(names)].join(', ');
  const explanation =
    tier === 'ready'
      ? [say.ready]
      : [
          ...(tier === 'staples' ? [missing.length + partial.length > 0 ? say.staples : say.likely] : []),
          say.coverage(Math.floor(Number((coverage * 100).toFixed(4)))),
        ];
  if (used.length > 0) explanation.push(say.first(list(used)));
  if (substitutions.length > 0)
    explanation.push(say.substitutions(list(substitutions.map(({ food, by }) => say.instead(food, by)))));
  if (missing.length > 0) explanation.push(say.missing(list(missing)));
  const warnings = [
    ...(overdue.length > 0 ? [say.overdue(list(overdue))] : []),
    ...(unknown.length > 0 ? [say.unknown(list(unknown))] : []),
    ...(unmeasured.length > 0 ? [say.unmeasured(list(unmeasured))] : []),
  ];
  return { explanation, warnings };
}
