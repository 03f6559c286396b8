import { hash, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Language } from '../domain/language.ts';
import { Problem } from './problem.ts';
import { revocationsOf } from './revocations.ts';
import { KnownSigningKeys, SIGNED_LATE_MS } from './signing-keys.ts';

export const ACCESS_SECONDS = 900;
/** Lifetime of a session after its last use, ... */
export const SESSION_SECONDS = 30 * 86_400;
/** ... and in all. */
export const SESSION_YEAR_SECONDS = 365 * 86_400;
/** How long a retired key checks tokens, in ms: as long as valid tokens of it may exist. */
export const RETIRED_KEY_MS = ACCESS_SECONDS * 1000 + 2 * SIGNED_LATE_MS;
const ISSUER = 'zipbob';
const ALGORITHM = 'ES256';

export interface Bearer {
  readonly memberId: string;
  readonly sessionId: string;
  /** the member's language when the token was signed */
  readonly language?: Language | undefined;
}

/** `sst` names the session store that knows the token's revocation. */
export async function signAccessToken(
  keys: KeyStore,
  keyValue: KeyValue,
  { memberId, sessionId, language }: Bearer,
): Promise<string> {
  const key = await knownBy(keys).current();
  const iat = Math.floor((await keyValue.now()) / 1000);
  const sst = await keyValue.identity();
  const payload = { sub: memberId, sid: sessionId, sst, locale: language, iss: ISSUER, iat, exp: iat + ACCESS_SECONDS };
  return jwt.sign(payload, key.privateKey, { algorithm: ALGORITHM, keyid: key.kid });
}

/**
 * The bearer of a token that is valid now, by the session store's time, which never runs backwards, so an expired token
 * stays expired. A token from before that store was emptied is revoked, because no store knows whether its session had
 * ended. While the store is away, this node's copy of the revocations decides.
 * @throws Problem 401 `token-invalid`, `token-expired` or `token-revoked`; Unavailable
 */
export async function verifyAccessToken(keys: KeyStore, keyValue: KeyValue, token: string): Promise<Bearer> {
  const revocations = revocationsOf(keyValue);
  const { now, identity } = await revocations.state();
  const { sst, ...bearer } = await decode(keys, Math.floor(now / 1000), token);
  if ((await revocations.has(bearer.sessionId)) || sst !== identity) {
    throw new Problem(401, 'token-revoked', 'this session has ended; log in again');
  }
  return bearer;
}

/** Tokens with a verified signature, by their hash. Expiry and revocation are checked each time. */
const MOST_VERIFIED = 10_000;

interface Claims extends Bearer {
  readonly sst: unknown;
}
type Verified = Claims & { readonly exp: number };

interface Verifier {
  readonly known: KnownSigningKeys;
  readonly verified: LRUCache<string, { readonly kid: string; readonly claims: Verified }>;
}
const verifiers = new WeakMap<KeyStore, Verifier>();

function verifierOf(keys: KeyStore): Verifier {
  const made = verifiers.get(keys) ?? {
    known: new KnownSigningKeys(keys),
    verified: new LRUCache({ max: MOST_VERIFIED }),
  };
  verifiers.set(keys, made);
  return made;
}

const knownBy = (keys: KeyStore): KnownSigningKeys => verifierOf(keys).known;

/** @throws Problem 401 `token-invalid`, `token-expired`; Unavailable */
async function decode(keys: KeyStore, now: number, token: string): Promise<Claims> {
  const { exp, ...claims } = await verify(verifierOf(keys), now, token);
  if (exp <= now) throw new Problem(401, 'token-expired', 'this access token has expired');
  return claims;
}

/** Verifies a signature once, as long as its key is in use. */
async function verify({ known, verified }: Verifier, now: number, token: string): Promise<Verified> {
  const id = hash('sha256', token, 'base64');
  const hit = verified.get(id);
  if (hit && (await known.publicKey(hit.kid))) return hit.claims;
  const kid = kidOf(token);
  const claims = signedClaims(await known.publicKey(kid), token, now);
  verified.set(id, { kid, claims });
  return claims;
}

const invalid = () => new Problem(401, 'token-invalid', 'this is no access token of this server');

/** The key id of a token. A text that cannot be our token costs no key lookup. @throws Problem 401 `token-invalid` */
function kidOf(token: string): string {
  try {
    const { header, payload } = jwt.decode(token, { complete: true })!;
    if (header.alg === ALGORITHM && header.kid && (payload as jwt.JwtPayload).iss === ISSUER) return header.kid;
  } catch {
    // no JSON in it
  }
  throw invalid();
}

/** @throws Problem 401 `token-invalid`, `token-expired` */
function signedClaims(key: KeyObject | undefined, token: string, now: number): Verified {
  if (!key) throw invalid();
  try {
    const claims = jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, clockTimestamp: now });
    const { sub, sid, sst, locale, exp } = claims as jwt.JwtPayload;
    return { memberId: sub!, sessionId: sid as string, language: locale as Language | undefined, sst, exp: exp! };
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError)
      throw new Problem(401, 'token-expired', 'this access token has expired');
    throw invalid();
  }
}

/** Refuses all access tokens of a session from now on, until they have expired anyway. */
export const revokeSession = (keyValue: KeyValue, sessionId: string): Promise<void> =>
  revocationsOf(keyValue).add(sessionId, ACCESS_SECONDS + 60);
