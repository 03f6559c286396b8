import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { unavailable } from '../../platform/problem.ts';
import { FairQueue, type Share } from './fair-queue.ts';

// OWASP Password Storage Cheat Sheet: N=2^15, r=8, p=3. Node runs it outside the main thread.
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 3 };
const MAX_MEMORY = 128 * 1024 * 1024;
const HASH_BYTES = 32;

/** The same few threads read files, so some must stay free. */
const AT_ONCE = 2;
/** About the number that a small machine completes in the time of a request. */
const MOST_WAITING = 8;
const hashing = new FairQueue(AT_ONCE, MOST_WAITING, () =>
  unavailable('overloaded', 'there is too much to do; try again'),
);

/** @throws Problem 503 `overloaded` if too many of this share wait already */
const derive = (password: string, salt: Buffer, cost: ScryptOptions, share: Share): Promise<Buffer> =>
  hashing.run(
    share,
    () =>
      new Promise((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
          error ? reject(error) : resolve(key),
        ),
      ),
  );

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
export async function hashPassword(password: string, share: Share): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST, share);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

export async function verifyPassword(password: string, stored: string, share: Share): Promise<boolean> {
  const [, N, r, p, salt, hash] = stored.split('$');
  const expected = Buffer.from(hash!, 'base64');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt!, 'base64'), cost, share), expected);
}

/** Takes as long as a real check, so that an unknown e-mail looks like a wrong password. */
export async function verifyNobody(password: string, share: Share): Promise<void> {
  await derive(password, randomBytes(16), COST, share);
}
