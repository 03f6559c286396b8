import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { KeyStore, SigningKey, SigningKeys, VerifyingKey } from '../../core/keys/port.ts';

/** Names of secrets. A release without rotation knows only `signing`, and finds there the key that it needs. */
const SIGNING = 'signing';
const RETIRED = 'signing-retired';

/** The texts of a store by their names. */
export type Secrets = Readonly<Record<string, string>>;

/** Makes the texts that a new store keeps by these names. */
export const NEW_SECRETS: Readonly<Record<'hmac' | 'signing', () => string>> = {
  hmac: () => randomBytes(32).toString('base64'),
  [SIGNING]: () => JSON.stringify(newSigningKey()),
};

/** The parts of a key store that never change. */
export function fromSecrets(hmac: string): Pick<KeyStore, 'identity' | 'hmacSecret'> {
  const hmacSecret = Buffer.from(hmac, 'base64');
  // Derived from the secret that never changes, so that a new key store does not match an old log.
  const identity = createHash('sha256').update('zipbob key store').update(hmacSecret).digest('hex');
  return { identity, hmacSecret };
}

/** @param until ms since 1970: from then on it checks no token */
type Retired = VerifyingKey & { readonly until: number };

/** @param now the store's clock, in ms since 1970 */
export function signingKeysIn(secrets: Secrets, now: number): SigningKeys {
  const retired = retiredIn(secrets, now).map(({ kid, publicKey }) => ({ kid, publicKey }));
  return { current: currentIn(secrets), retired };
}

/**
 * A fresh signing key, and the secrets to replace in one transaction with their reading.
 * @param keepMs how long the keys before it check tokens, at most
 */
export function rotated(secrets: Secrets, keepMs: number, now: number): { kid: string; changes: Secrets } {
  const next = newSigningKey();
  const { kid, publicKey } = currentIn(secrets);
  const end = now + keepMs;
  const before = [{ kid, publicKey, until: end }, ...retiredIn(secrets, now)];
  const retired = before.map(key => ({ ...key, until: Math.min(key.until, end) }));
  return { kid: next.kid, changes: { [SIGNING]: JSON.stringify(next), [RETIRED]: JSON.stringify(retired) } };
}

const currentIn = (secrets: Secrets): SigningKey => JSON.parse(secrets[SIGNING]!) as SigningKey;

const retiredIn = (secrets: Secrets, now: number): readonly Retired[] =>
  (JSON.parse(secrets[RETIRED] ?? '[]') as readonly Retired[]).filter(({ until }) => until > now);

function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    kid: randomUUID(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}
