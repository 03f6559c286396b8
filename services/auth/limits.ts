import { createHmac } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { SESSION_SECONDS } from '../../platform/access-token.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';

interface Limit {
  readonly most: number;
  readonly seconds: number;
}
const QUARTER = 15 * 60;

/** Wrong passwords for one e-mail from one address: whoever has forgotten theirs tries some. */
const PAIR: Limit = { most: 10, seconds: QUARTER };
/** Wrong passwords from one address: a family, or a house, is behind it. */
const ADDRESS: Limit = { most: 100, seconds: QUARTER };
/** Wrong passwords for one e-mail: somebody with many addresses tries them. */
const EMAIL: Limit = { most: 100, seconds: QUARTER };
/** New members from one address. */
const REGISTRATIONS: Limit = { most: 30, seconds: 60 * 60 };

/** Who tries to log in: the e-mail as its HMAC, the address of the socket. */
export interface Attempt {
  readonly email: string;
  readonly address: string | undefined;
}

interface Count {
  readonly count: number;
  /** milliseconds; a count ends as a whole, however late the last of it was */
  readonly until: number;
}

/**
 * How often a password may be guessed and a member be made. Counts stand in the key-value store under an HMAC: neither
 * an e-mail nor an address can be read there. What waits for its turn at the same moment (passwords.ts) is counted
 * once it has failed, so that somebody who logs in many times at once is not refused.
 */
export function limits({ keyValue, keys, clock }: Pick<Parts, 'keyValue' | 'keys' | 'clock'>) {
  const keyOf = (what: string, ...who: readonly string[]) =>
    `limit:${createHmac('sha256', keys.hmacSecret)
      .update(JSON.stringify(['limit', what, ...who]))
      .digest('base64url')}`;
  const now = () => clock().getTime();

  const parse = (entry: string | undefined): Count | undefined => {
    const count = entry === undefined ? undefined : (JSON.parse(entry) as Count);
    return count && count.until > now() ? count : undefined;
  };

  async function add(key: string, { seconds }: Limit): Promise<void> {
    for (;;) {
      const before = await keyValue.get(key);
      const { count, until } = parse(before) ?? { count: 0, until: now() + seconds * 1000 };
      const next = JSON.stringify({ count: count + 1, until });
      if (await keyValue.replace(key, before, next, Math.ceil((until - now()) / 1000))) return;
    }
  }

  async function require(key: string, { most }: Limit, what: string): Promise<void> {
    const { count, until } = parse(await keyValue.get(key)) ?? { count: 0, until: 0 };
    if (count < most) return;
    const retryAfter = Math.ceil((until - now()) / 1000);
    throw new Problem(429, 'too-many-attempts', `too many ${what}; try again later`, { retryAfter });
  }

  const pairKey = ({ email, address }: Attempt) => keyOf('pair', email, networkOf(address) ?? '');
  const knownKey = ({ email, address }: Attempt) => keyOf('known', email, networkOf(address) ?? '');
  const emailKey = ({ email }: Attempt) => keyOf('email', email);
  const addressKey = (network: string) => keyOf('address', network);
  const registrationsKey = (network: string) => keyOf('registrations', network);
  const WRONG = 'wrong passwords';

  return {
    /** @throws Problem 429 `too-many-attempts` */
    async requireLogin(attempt: Attempt): Promise<void> {
      const network = networkOf(attempt.address);
      await require(pairKey(attempt), PAIR, WRONG);
      if (network !== undefined) await require(addressKey(network), ADDRESS, WRONG);
      // Strangers all over the world do not lock members out of where they have logged in before.
      if ((await keyValue.get(knownKey(attempt))) === undefined) await require(emailKey(attempt), EMAIL, WRONG);
    },

    async wrong(attempt: Attempt): Promise<void> {
      const network = networkOf(attempt.address);
      await add(pairKey(attempt), PAIR);
      await add(emailKey(attempt), EMAIL);
      if (network !== undefined) await add(addressKey(network), ADDRESS);
    },

    /** Forgives the member; not the address, where somebody may try the passwords of others besides an own account. */
    async right(attempt: Attempt): Promise<void> {
      await keyValue.delete(pairKey(attempt));
      await keyValue.set(knownKey(attempt), '1', SESSION_SECONDS);
    },

    /** @throws Problem 429 `too-many-attempts` */
    async requireRegistration(address: string | undefined): Promise<void> {
      const network = networkOf(address);
      if (network !== undefined) await require(registrationsKey(network), REGISTRATIONS, 'registrations');
    },

    async registered(address: string | undefined): Promise<void> {
      const network = networkOf(address);
      if (network !== undefined) await add(registrationsKey(network), REGISTRATIONS);
    },
  };
}

export type Limits = ReturnType<typeof limits>;

/**
 * What counts as one address: of IPv6 its first half, as every customer has all of the rest. None for this machine
 * itself, which programs and proxies on it speak from for everybody.
 */
export function networkOf(address: string | undefined): string | undefined {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '');
  if (plain === undefined || plain === '::1' || plain.startsWith('127.')) return undefined;
  if (isIPv4(plain)) return plain;
  const [head = [], tail] = plain
    .replace(/%.*/, '')
    .split('::')
    .map(part => (part === '' ? [] : part.split(':')));
  const zeros = tail ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : [];
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':');
}
