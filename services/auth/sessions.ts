import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { revokeSession, SESSION_SECONDS } from '../../platform/access-token.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';

export interface Session {
  readonly sessionId: string;
  readonly memberId: string;
  /** `<sessionId>.<secret>.<our mark>`; good for one use */
  readonly refreshToken: string;
}

const key = (sessionId: string) => `session:${sessionId}`;
const hash = (token: string) => createHash('sha256').update(token).digest('base64url');
const entry = (memberId: string, token: string) => JSON.stringify({ memberId, refresh: hash(token) });
const noSession = () => new Problem(401, 'token-invalid', 'log in again');

/** Logged-in devices. Each refresh gives a new token; an old one that comes again is a stolen one and ends it all. */
export function sessions({ keyValue, keys }: Pick<Parts, 'keyValue' | 'keys'>) {
  /** Tells an old token from one that was never given out: whoever made that up must not end a session. */
  const markOf = (sessionId: string, secret: string) =>
    createHmac('sha256', keys.hmacSecret)
      .update(JSON.stringify(['refresh', sessionId, secret]))
      .digest('base64url');

  function newToken(sessionId: string): string {
    const secret = randomBytes(32).toString('base64url');
    return `${sessionId}.${secret}.${markOf(sessionId, secret)}`;
  }

  /** The session that a token was given out for, if it ever was. */
  function sessionOf(token: string | undefined): string | undefined {
    const [sessionId = '', secret = '', mark = '', ...more] = token?.split('.') ?? [];
    const [given, expected] = [mark, markOf(sessionId, secret)].map(text => Buffer.from(text));
    if (more.length > 0 || given!.length !== expected!.length) return undefined;
    return timingSafeEqual(given!, expected!) ? sessionId : undefined;
  }

  async function end(sessionId: string): Promise<void> {
    await revokeSession(keyValue, sessionId);
    await keyValue.delete(key(sessionId));
  }

  async function endReused(sessionId: string): Promise<Problem> {
    await end(sessionId);
    return new Problem(401, 'token-reused', 'this token was used before; the session has ended on all devices');
  }

  return {
    end,

    async begin(memberId: string): Promise<Session> {
      const sessionId = randomUUID();
      const refreshToken = newToken(sessionId);
      await keyValue.set(key(sessionId), entry(memberId, refreshToken), SESSION_SECONDS);
      return { sessionId, memberId, refreshToken };
    },

    /** The session of a token that is still good. @throws Problem 401 `token-invalid`, `token-reused` */
    async find(refreshToken: string | undefined): Promise<Session> {
      const sessionId = sessionOf(refreshToken);
      const stored = sessionId === undefined ? undefined : await keyValue.get(key(sessionId));
      if (sessionId === undefined || refreshToken === undefined || stored === undefined) throw noSession();
      const { memberId } = JSON.parse(stored) as { memberId: string };
      if (stored !== entry(memberId, refreshToken)) throw await endReused(sessionId);
      return { sessionId, memberId, refreshToken };
    },

    /**
     * The token that takes the place of the present one, which stays good where the deadline has passed.
     * @throws Problem 401 `token-invalid`, `token-reused`; Unavailable
     */
    async renew({ sessionId, memberId, refreshToken }: Session, deadline?: number): Promise<string> {
      const next = newToken(sessionId);
      const [given, other] = [refreshToken, next].map(token => entry(memberId, token));
      if (await keyValue.replace(key(sessionId), given!, other!, SESSION_SECONDS, deadline)) return next;
      if ((await keyValue.get(key(sessionId))) === undefined) throw noSession();
      throw await endReused(sessionId);
    },
  };
}
