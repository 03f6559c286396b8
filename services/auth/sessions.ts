import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { revokeSession, SESSION_SECONDS, SESSION_YEAR_SECONDS } from '../../platform/access-token.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';

export interface Session {
  readonly sessionId: string;
  readonly memberId: string;
  /** milliseconds, by the session store's time; missing in sessions of an earlier release */
  readonly start?: number | undefined;
  /** `<sessionId>.<secret>.<HMAC>`; valid for one use */
  readonly refreshToken: string;
}

/** Most sessions of a member. The next one ends the oldest. */
const MOST_SESSIONS = 50;

const key = (sessionId: string) => `session:${sessionId}`;
const hash = (token: string) => createHash('sha256').update(token).digest('base64url');
/** The stored format, with the names of the first release. */
const entry = ({ memberId, start }: Pick<Session, 'memberId' | 'start'>, token: string) =>
  JSON.stringify({ memberId, begun: start, refresh: hash(token) });
const noSession = () => new Problem(401, 'token-invalid', 'log in again');

/**
 * Logged-in devices. Each refresh returns a new token; an old token that is used again counts as stolen and ends the
 * session.
 */
export function sessions({ keyValue, keys }: Pick<Parts, 'keyValue' | 'keys'>) {
  /** Distinguishes an old token from an invented one, which must not end a session. */
  const markOf = (sessionId: string, secret: string) =>
    createHmac('sha256', keys.hmacSecret)
      .update(JSON.stringify(['refresh', sessionId, secret]))
      .digest('base64url');

  function newToken(sessionId: string): string {
    const secret = randomBytes(32).toString('base64url');
    return `${sessionId}.${secret}.${markOf(sessionId, secret)}`;
  }

  /** The session of a token, if it was ever issued. */
  function sessionOf(token: string | undefined): string | undefined {
    const [sessionId = '', secret = '', mark = '', ...more] = token?.split('.') ?? [];
    const [given, expected] = [mark, markOf(sessionId, secret)].map(text => Buffer.from(text));
    if (more.length > 0 || given!.length !== expected!.length) return undefined;
    return timingSafeEqual(given!, expected!) ? sessionId : undefined;
  }

  /** How long a session used now may stay unused: at most until its year is over. */
  const secondsFor = (start: number, now: number) =>
    Math.min(SESSION_SECONDS, SESSION_YEAR_SECONDS - Math.floor((now - start) / 1000));

  async function end(sessionId: string): Promise<void> {
    await revokeSession(keyValue, sessionId);
    await keyValue.delete(key(sessionId));
  }

  async function livingOf(sessionIds: readonly string[]): Promise<string[]> {
    const stored = await Promise.all(sessionIds.map(sessionId => keyValue.get(key(sessionId))));
    return sessionIds.filter((_, i) => stored[i] !== undefined);
  }

  const listKey = (memberId: string) => `sessions:${memberId}`;

  /** Adds a session to the member's list, oldest first. @returns the ids that no longer fit */
  async function enlist(memberId: string, sessionId: string): Promise<string[]> {
    for (;;) {
      const before = await keyValue.get(listKey(memberId));
      const listed = before === undefined ? [] : (JSON.parse(before) as string[]);
      const alive = listed.length < MOST_SESSIONS ? listed : await livingOf(listed);
      const all = [...alive, sessionId];
      const next = JSON.stringify(all.slice(-MOST_SESSIONS));
      if (await keyValue.replace(listKey(memberId), before, next, SESSION_YEAR_SECONDS)) {
        return all.slice(0, -MOST_SESSIONS);
      }
    }
  }

  async function endReused(sessionId: string): Promise<Problem> {
    await end(sessionId);
    return new Problem(401, 'token-reused', 'this token was used before; the session has ended on all devices');
  }

  return {
    end,

    async begin(memberId: string): Promise<Session> {
      const sessionId = randomUUID();
      const start = await keyValue.now();
      const refreshToken = newToken(sessionId);
      await keyValue.set(key(sessionId), entry({ memberId, start }, refreshToken), SESSION_SECONDS);
      for (const oldest of await enlist(memberId, sessionId)) await end(oldest);
      return { sessionId, memberId, start, refreshToken };
    },

    /** The session of a valid token. @throws Problem 401 `token-invalid`, `token-reused` */
    async find(refreshToken: string | undefined): Promise<Session> {
      const sessionId = sessionOf(refreshToken);
      const stored = sessionId === undefined ? undefined : await keyValue.get(key(sessionId));
      if (sessionId === undefined || refreshToken === undefined || stored === undefined) throw noSession();
      const { memberId, begun: start } = JSON.parse(stored) as { memberId: string; begun?: number };
      const session = { sessionId, memberId, start, refreshToken };
      if (stored !== entry(session, refreshToken)) throw await endReused(sessionId);
      return session;
    },

    /**
     * Replaces the present token, which stays valid if the deadline has passed.
     * @throws Problem 401 `token-invalid`, `token-reused`; Unavailable
     */
    async renew(session: Session, deadline?: number): Promise<string> {
      const { sessionId, refreshToken } = session;
      const next = newToken(sessionId);
      const now = await keyValue.now();
      const { start = now } = session;
      const [given, other] = [entry(session, refreshToken), entry({ ...session, start }, next)];
      if (await keyValue.replace(key(sessionId), given, other, secondsFor(start, now), deadline)) return next;
      if ((await keyValue.get(key(sessionId))) === undefined) throw noSession();
      throw await endReused(sessionId);
    },
  };
}
