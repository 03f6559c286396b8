import { SESSION_SECONDS } from '../../platform/access-token.ts';
import { type Limit, limiter } from '../../platform/limiter.ts';
import { networkOf } from '../../platform/network.ts';
import type { Parts } from '../../platform/parts.ts';
import type { Share } from './fair-queue.ts';

const QUARTER = 15 * 60;
const wrongPasswords = (name: string, most: number): Limit => ({
  name,
  most,
  seconds: QUARTER,
  code: 'too-many-attempts',
  what: 'wrong passwords',
});

/** Per e-mail and network: members who have forgotten theirs try some. */
const PAIR = wrongPasswords('e-mail and network', 10);
/** Per network, which may be a family or a whole house. */
const NETWORK = wrongPasswords('network', 100);
/** Per e-mail, against an attacker with many addresses. */
const EMAIL = wrongPasswords('e-mail', 100);
const registrations = { code: 'too-many-attempts', what: 'registrations' } as const;
/** New members per network. */
const NEW_MEMBERS: Limit = { ...registrations, name: 'new members', most: 30, seconds: 60 * 60 };
/** Failed registrations per network. Each may have revealed whether a name is taken. */
const FAILED: Limit = { ...registrations, name: 'failed registrations', most: 60, seconds: QUARTER };

/** The origin of a log-in attempt: the e-mail's HMAC, and the client's address. */
export interface Attempt {
  readonly email: string;
  readonly address: string | undefined;
}

/**
 * Limits of guessing passwords and of creating members. Concurrent attempts (passwords.ts) are counted once they have
 * failed, so that a client that logs in many times at once is not refused.
 */
export function limits(parts: Pick<Parts, 'keyValue' | 'keys'>) {
  const { keyValue } = parts;
  const limit = limiter(parts);
  /** This machine itself counts as one network where one is needed. */
  const placeOf = (address: string | undefined) => networkOf(address) ?? '';
  const knownKey = ({ email, address }: Attempt) => limit.keyOf('known', email, placeOf(address));
  const isKnown = async (attempt: Attempt) => (await keyValue.get(knownKey(attempt))) !== undefined;

  return {
    /** @throws Problem 429 `too-many-attempts` */
    async requireLogin(attempt: Attempt): Promise<void> {
      const { email, address } = attempt;
      const network = networkOf(address);
      await limit.require(PAIR, email, placeOf(address));
      if (network !== undefined) await limit.require(NETWORK, network);
      // Strangers must not lock members out of networks where they have logged in before.
      if (!(await isKnown(attempt))) await limit.require(EMAIL, email);
    },

    async wrong({ email, address }: Attempt): Promise<void> {
      const network = networkOf(address);
      await limit.count(PAIR, email, placeOf(address));
      await limit.count(EMAIL, email);
      if (network !== undefined) await limit.count(NETWORK, network);
    },

    /** Resets the member's count, but not the network's, where an account owner may try others' passwords. */
    async right(attempt: Attempt): Promise<void> {
      await limit.forget(PAIR, attempt.email, placeOf(attempt.address));
      await keyValue.set(knownKey(attempt), '1', SESSION_SECONDS);
    },

    /**
     * The share of a password hash: members at networks where they have logged in before, and all others, by network.
     */
    async shareOf(attempt: Attempt): Promise<Share> {
      return [(await isKnown(attempt)) ? 'known' : 'new', placeOf(attempt.address), attempt.email];
    },

    /** @throws Problem 429 `too-many-attempts` */
    async requireRegistration(address: string | undefined): Promise<void> {
      const network = networkOf(address);
      if (network !== undefined) await limit.require(NEW_MEMBERS, network);
    },

    /** Counts a registration as failed until it succeeds. @throws Problem 429 `too-many-attempts` */
    async beginRegistration(address: string | undefined): Promise<void> {
      await limit.take(FAILED, placeOf(address));
    },

    /** Records a new member. */
    async registered(address: string | undefined): Promise<void> {
      const network = networkOf(address);
      await limit.giveBack(FAILED, placeOf(address));
      if (network !== undefined) await limit.count(NEW_MEMBERS, network);
    },
  };
}

export type Limits = ReturnType<typeof limits>;
