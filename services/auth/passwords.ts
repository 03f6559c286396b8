import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import pLimit from 'p-limit';
import { unavailable } from '../../platform/problem.ts';

// OWASP Password Storage Cheat Sheet: N=2^15, r=8, p=3. Node runs it outside the main thread.
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 3 };
const MAX_MEMORY = 128 * 1024 * 1024;
const HASH_BYTES = 32;

/** Files are read by the same few threads: some must be left for them. */
const inTurn = pLimit(2);
/** About what a small machine gets done in the time that a request may take. */
const MOST_WAITING = 8;

/** @throws Problem 503 `overloaded` where too many wait already */
async function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  if (inTurn.pendingCount >= MOST_WAITING) throw unavailable('overloaded', 'there is too much to do; try again');
  return inTurn(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
          error ? reject(error) : resolve(key),
        ),
      ),
  );
}

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt, hash] = stored.split('$');
  const expected = Buffer.from(hash!, 'base64');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt!, 'base64'), cost), expected);
}

/** Takes as long as a real check, so that an unknown e-mail cannot be told from a wrong password. */
export async function verifyNobody(password: string): Promise<void> {
  await derive(password, randomBytes(16), COST);
}
