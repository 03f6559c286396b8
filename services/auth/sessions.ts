import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { revokeSession, SESSION_SECONDS } from '../../platform/access-token.ts';
import type { KeyValue } from '../../platform/key-value/port.ts';
import { Problem } from '../../platform/problem.ts';

export interface Session {
  readonly sessionId: string;
  readonly memberId: string;
  /** `<sessionId>.<secret>`; good for one use */
  readonly refreshToken: string;
}

const key = (sessionId: string) => `session:${sessionId}`;
const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const noSession = () => new Problem(401, 'token-invalid', 'log in again');

/** Logged-in devices. Each refresh gives a new token; an old one that comes again is a stolen one and ends it all. */
export function sessions(keyValue: KeyValue) {
  const entry = (memberId: string, secret: string) => JSON.stringify({ memberId, refresh: hash(secret) });
  const newSecret = () => randomBytes(32).toString('base64url');

  async function end(sessionId: string): Promise<void> {
    await revokeSession(keyValue, sessionId);
    await keyValue.delete(key(sessionId));
  }

  return {
    end,

    async begin(memberId: string): Promise<Session> {
      const sessionId = randomUUID();
      const secret = newSecret();
      await keyValue.set(key(sessionId), entry(memberId, secret), SESSION_SECONDS);
      return { sessionId, memberId, refreshToken: `${sessionId}.${secret}` };
    },

    /** @throws Problem 401 `token-invalid`, `token-reused` */
    async refresh(refreshToken: string | undefined): Promise<Session> {
      const [sessionId, secret] = refreshToken?.split('.') ?? [];
      if (!sessionId || !secret) throw noSession();
      const stored = await keyValue.get(key(sessionId));
      if (!stored) throw noSession();
      const { memberId } = JSON.parse(stored) as { memberId: string };
      const next = newSecret();
      const given = entry(memberId, secret);
      if (!(await keyValue.replace(key(sessionId), given, entry(memberId, next), SESSION_SECONDS))) {
        await end(sessionId);
        throw new Problem(401, 'token-reused', 'this token was used before; the session has ended on all devices');
      }
      return { sessionId, memberId, refreshToken: `${sessionId}.${next}` };
    },
  };
}
