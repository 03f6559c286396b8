import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { KeyStore, SigningKey } from '../../core/keys/port.ts';

/** Makes the texts that a new store keeps by these names. */
export const NEW_SECRETS: Readonly<Record<'hmac' | 'signing', () => string>> = {
  hmac: () => randomBytes(32).toString('base64'),
  signing: () => JSON.stringify(newSigningKey()),
};

/** The parts of a key store that are made of its secrets. */
export function fromSecrets(hmac: string, signing: string): Pick<KeyStore, 'identity' | 'hmacSecret' | 'signingKeys'> {
  const hmacSecret = Buffer.from(hmac, 'base64');
  // Derived from the secret that never changes, so that a new key store does not match an old log.
  const identity = createHash('sha256').update('zipbob key store').update(hmacSecret).digest('hex');
  return { identity, hmacSecret, signingKeys: [JSON.parse(signing) as SigningKey] };
}

function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    kid: randomUUID(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}
