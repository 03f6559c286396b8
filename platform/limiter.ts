import { createHmac } from 'node:crypto';
import type { Parts } from './parts.ts';
import { Problem } from './problem.ts';

/** A limit per window, which begins with the first count and ends as a whole. */
export interface Limit {
  /** names the count */
  readonly name: string;
  readonly most: number;
  /** length of the window */
  readonly seconds: number;
  readonly code: 'too-many-attempts' | 'too-many-requests';
  /** the subject of the limit, for the answer */
  readonly what: string;
}

/**
 * Counts per key and window in the key-value store, which survive restarts and are shared by all nodes. Keys are HMACs,
 * so no e-mail or address can be read there.
 */
export function limiter({ keyValue, keys }: Pick<Parts, 'keyValue' | 'keys'>) {
  const keyOf = (name: string, ...who: readonly string[]) =>
    `limit:${createHmac('sha256', keys.hmacSecret)
      .update(JSON.stringify(['limit', name, ...who]))
      .digest('base64url')}`;
  const add = (by: number, { name, seconds }: Limit, who: readonly string[]) =>
    keyValue.add(keyOf(name, ...who), by, seconds);

  function tooMany({ code, what }: Limit, left: number): Problem {
    const retryAfter = Math.ceil(left / 1000);
    return new Problem(429, code, `too many ${what}; try again later`, { retryAfter });
  }

  return {
    keyOf,

    /** Counts one and refuses it above the limit; of concurrent callers at most `most` pass. @throws Problem 429 */
    async take(limit: Limit, ...who: readonly string[]): Promise<void> {
      const { count, left } = await add(1, limit, who);
      if (count > limit.most) throw tooMany(limit, left);
    },

    /** Refuses at the limit without counting. @throws Problem 429 */
    async require(limit: Limit, ...who: readonly string[]): Promise<void> {
      const { count, left } = await add(0, limit, who);
      if (count >= limit.most) throw tooMany(limit, left);
    },

    async count(limit: Limit, ...who: readonly string[]): Promise<void> {
      await add(1, limit, who);
    },

    /** Takes one count back. */
    async giveBack(limit: Limit, ...who: readonly string[]): Promise<void> {
      await add(-1, limit, who);
    },

    forget: (limit: Limit, ...who: readonly string[]): Promise<void> => keyValue.delete(keyOf(limit.name, ...who)),
  };
}
