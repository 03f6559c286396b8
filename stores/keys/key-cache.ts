import type { SubjectKey } from '../../core/sealed.ts';

/** Time that a key stays in memory. Limited, because another node may have forgotten the subject. */
const CACHE_MS = 60_000;

/** Cache of the keys that were read in the last minute. */
export function keyCache(now: () => number) {
  /** in order of expiry */
  const entries = new Map<string, { key: SubjectKey; until: number }>();
  let timer: NodeJS.Timeout | undefined;
  const sweepIn = (ms: number) => {
    timer = setTimeout(sweep, ms).unref();
  };
  function sweep(): void {
    timer = undefined;
    for (const [subject, { until }] of entries) {
      if (until > now()) {
        sweepIn(until - now());
        return;
      }
      entries.delete(subject);
    }
  }
  return {
    get(subject: string): SubjectKey | undefined {
      const hit = entries.get(subject);
      return hit && hit.until > now() ? hit.key : undefined;
    },
    set(subject: string, key: SubjectKey): void {
      entries.delete(subject);
      entries.set(subject, { key, until: now() + CACHE_MS });
      if (!timer) sweepIn(CACHE_MS);
    },
    delete: (subject: string) => entries.delete(subject),
    clear(): void {
      clearTimeout(timer);
      entries.clear();
    },
  };
}
