import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Language } from '../domain/language.ts';
import { Problem } from './problem.ts';

export const ACCESS_SECONDS = 900;
/** A device stays logged in for so long after it was last seen, ... */
export const SESSION_SECONDS = 30 * 86_400;
/** ... and for so long in all. */
export const SESSION_YEAR_SECONDS = 365 * 86_400;
const ISSUER = 'zipbob';
const ALGORITHM = 'ES256';

export interface Bearer {
  readonly memberId: string;
  readonly sessionId: string;
  /** the member's own, when the token was signed */
  readonly language?: Language | undefined;
}

/** By the time of the session store: it does not go back, so an expired token stays expired. */
const seconds = async (keyValue: KeyValue) => Math.floor((await keyValue.now()) / 1000);

/** `sst` names the session store that would know of the token's revocation. */
export async function signAccessToken(
  keys: KeyStore,
  keyValue: KeyValue,
  { memberId, sessionId, language }: Bearer,
): Promise<string> {
  const key = keys.signingKeys[0]!;
  const iat = await seconds(keyValue);
  const sst = await keyValue.identity();
  const payload = { sub: memberId, sid: sessionId, sst, locale: language, iss: ISSUER, iat, exp: iat + ACCESS_SECONDS };
  return jwt.sign(payload, key.privateKey, { algorithm: ALGORITHM, keyid: key.kid });
}

/**
 * The bearer of a token that is good now. A token from before the session store was emptied is revoked: whether its
 * session had ended, no store knows any more.
 * @throws Problem 401 `token-invalid`, `token-expired` or `token-revoked`
 */
export async function verifyAccessToken(keys: KeyStore, keyValue: KeyValue, token: string): Promise<Bearer> {
  const { sst, ...bearer } = decode(keys, await seconds(keyValue), token);
  const isRevoked = (await keyValue.get(revokedKey(bearer.sessionId))) !== undefined;
  if (isRevoked || sst !== (await keyValue.identity())) {
    throw new Problem(401, 'token-revoked', 'this session has ended; log in again');
  }
  return bearer;
}

/** Tokens whose signature was found good. Whether they have expired or were revoked is asked each time. */
const MOST_VERIFIED = 10_000;
const verifiers = new WeakMap<KeyStore, ReturnType<typeof verifierOf>>();

function decode(keys: KeyStore, now: number, token: string): Claims {
  const verify = verifiers.get(keys) ?? verifierOf(keys);
  verifiers.set(keys, verify);
  const { exp, ...claims } = verify(token, now);
  if (exp <= now) throw new Problem(401, 'token-expired', 'this access token has expired');
  return claims;
}

interface Claims extends Bearer {
  readonly sst: unknown;
}

/** Looks at a signature once, with keys that are read once; tokens are remembered by their hash. */
function verifierOf(keys: KeyStore): (token: string, now: number) => Claims & { exp: number } {
  const verified = new LRUCache<string, Claims & { exp: number }>({ max: MOST_VERIFIED });
  const publicKeys = new Map(keys.signingKeys.map(({ kid, publicKey }) => [kid, createPublicKey(publicKey)]));
  return (token, now) => {
    const id = hash('sha256', token, 'base64');
    const known = verified.get(id);
    if (known) return known;
    const claims = signedClaims(publicKeys, token, now);
    verified.set(id, claims);
    return claims;
  };
}

/** @throws Problem 401 `token-invalid`, `token-expired` */
function signedClaims(
  publicKeys: ReadonlyMap<string, KeyObject>,
  token: string,
  now: number,
): Claims & { exp: number } {
  try {
    const kid = jwt.decode(token, { complete: true })?.header.kid;
    const key = publicKeys.get(kid ?? '');
    if (!key) throw new Error('signed with no key of ours');
    const claims = jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, clockTimestamp: now });
    const { sub, sid, sst, locale, exp } = claims as jwt.JwtPayload;
    return { memberId: sub!, sessionId: sid as string, language: locale as Language | undefined, sst, exp: exp! };
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError)
      throw new Problem(401, 'token-expired', 'this access token has expired');
    throw new Problem(401, 'token-invalid', 'this is no access token of this server');
  }
}

const revokedKey = (sessionId: string) => `revoked:${sessionId}`;

/** Refuses all access tokens of a session from now on; they are worthless by themselves after their own time. */
export const revokeSession = (keyValue: KeyValue, sessionId: string): Promise<void> =>
  keyValue.set(revokedKey(sessionId), '1', ACCESS_SECONDS + 60);
