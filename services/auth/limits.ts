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

/** For one e-mail from one network: a member who has forgotten theirs tries some. */
const PAIR = wrongPasswords('e-mail and network', 10);
/** From one network: a family, or a house, is behind it. */
const NETWORK = wrongPasswords('network', 100);
/** For one e-mail: an attacker with many addresses tries them. */
const EMAIL = wrongPasswords('e-mail', 100);
const registrations = { code: 'too-many-attempts', what: 'registrations' } as const;
/** New members from one network. */
const NEW_MEMBERS: Limit = { ...registrations, name: 'new members', most: 30, seconds: 60 * 60 };
/** Registrations from one network that made no member. Each may have told whether a name is taken. */
const FAILED: Limit = { ...registrations, name: 'failed registrations', most: 60, seconds: QUARTER };

/** Who tries to log in: the e-mail as its HMAC, the address that the gateway found. */
export interface Attempt {
  readonly email: string;
  readonly address: string | undefined;
}

/**
 * How often a password may be guessed and a member be made. What waits for its turn at the same moment (passwords.ts)
 * is counted once it has failed, so that a program that logs in many times at once is not refused.
 */
export function limits(parts: Pick<Parts, 'keyValue' | 'keys'>) {
  const { keyValue } = parts;
  const limit = limiter(parts);
  /** All that comes from this machine itself is one network, where one is needed. */
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
      // Strangers all over the world do not lock members out of where they have logged in before.
      if (!(await isKnown(attempt))) await limit.require(EMAIL, email);
    },

    async wrong({ email, address }: Attempt): Promise<void> {
      const network = networkOf(address);
      await limit.count(PAIR, email, placeOf(address));
      await limit.count(EMAIL, email);
      if (network !== undefined) await limit.count(NETWORK, network);
    },

    /** Forgives the member; not the network, where the owner of an account may try the passwords of others. */
    async right(attempt: Attempt): Promise<void> {
      await limit.forget(PAIR, attempt.email, placeOf(attempt.address));
      await keyValue.set(knownKey(attempt), '1', SESSION_SECONDS);
    },

    /** Whose turn it takes to hash a password: members where they have logged in before, and all others, by network. */
    async shareOf(attempt: Attempt): Promise<Share> {
      return [(await isKnown(attempt)) ? 'known' : 'new', placeOf(attempt.address), attempt.email];
    },

    /** @throws Problem 429 `too-many-attempts` */
    async requireRegistration(address: string | undefined): Promise<void> {
      const network = networkOf(address);
      if (network !== undefined) await limit.require(NEW_MEMBERS, network);
    },

    /** Counts a registration as failed until it is known to be none. @throws Problem 429 `too-many-attempts` */
    async beginRegistration(address: string | undefined): Promise<void> {
      await limit.take(FAILED, placeOf(address));
    },

    /** A new member is there. */
    async registered(address: string | undefined): Promise<void> {
      const network = networkOf(address);
      await limit.giveBack(FAILED, placeOf(address));
      if (network !== undefined) await limit.count(NEW_MEMBERS, network);
    },
  };
}

export type Limits = ReturnType<typeof limits>;
