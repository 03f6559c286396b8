import jwt from 'jsonwebtoken';
import type { Clock } from '../core/command-handler.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Language } from '../domain/language.ts';
import type { KeyValue } from './key-value/port.ts';
import { Problem } from './problem.ts';

export const ACCESS_SECONDS = 900;
/** A device stays logged in for so long after it was last seen. */
export const SESSION_SECONDS = 30 * 86_400;
const ISSUER = 'zipbob';
const ALGORITHM = 'ES256';

export interface Bearer {
  readonly memberId: string;
  readonly sessionId: string;
  /** the member's own, when the token was signed */
  readonly language?: Language | undefined;
}

const seconds = (clock: Clock) => Math.floor(clock().getTime() / 1000);

export function signAccessToken(keys: KeyStore, clock: Clock, { memberId, sessionId, language }: Bearer): string {
  const key = keys.signingKeys[0]!;
  const iat = seconds(clock);
  const payload = { sub: memberId, sid: sessionId, locale: language, iss: ISSUER, iat, exp: iat + ACCESS_SECONDS };
  return jwt.sign(payload, key.privateKey, { algorithm: ALGORITHM, keyid: key.kid });
}

/** @throws Problem 401 `token-invalid`, `token-expired` or `token-revoked` */
export async function verifyAccessToken(
  keys: KeyStore,
  keyValue: KeyValue,
  clock: Clock,
  token: string,
): Promise<Bearer> {
  const bearer = decode(keys, clock, token);
  if ((await keyValue.get(revokedKey(bearer.sessionId))) !== undefined) {
    throw new Problem(401, 'token-revoked', 'this session has ended; log in again');
  }
  return bearer;
}

function decode(keys: KeyStore, clock: Clock, token: string): Bearer {
  try {
    const kid = jwt.decode(token, { complete: true })?.header.kid;
    const key = keys.signingKeys.find(candidate => candidate.kid === kid);
    if (!key) throw new Error('signed with no key of ours');
    const claims = jwt.verify(token, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      clockTimestamp: seconds(clock),
    }) as jwt.JwtPayload;
    const { sub, sid, locale } = claims;
    return { memberId: sub!, sessionId: sid as string, language: locale as Language | undefined };
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
