import type { ServiceSchema } from 'moleculer';
import { Unavailable } from '../../core/errors.ts';
import { open } from '../../core/sealed.ts';
import { memberFamily } from '../../events/member.ts';
import { ACCESS_SECONDS, signAccessToken } from '../../platform/access-token.ts';
import { action } from '../../platform/action.ts';
import { memberKey } from '../../platform/member-key.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';
import { since } from '../../platform/views.ts';
import { members as membersView } from '../../projections/members.ts';
import { authApi } from './auth.api.ts';
import type { Share } from './fair-queue.ts';
import { type Attempt, limits } from './limits.ts';
import { memberDecider } from './member.decider.ts';
import { nameHmac } from './names.ts';
import { verifyNobody, verifyPassword } from './passwords.ts';
import { registration } from './registration.ts';
import { reservations } from './reservations.ts';
import { type Session, sessions } from './sessions.ts';

type MemberRow = NonNullable<ReturnType<(typeof membersView)['fold']>>;

/** Accounts, passwords and sessions. */
export default function authService(parts: Parts): ServiceSchema {
  const { keys, views } = parts;
  const members = parts.handler(memberFamily, memberDecider);
  const names = reservations(parts, members);
  const limit = limits(parts);
  const register = registration(parts, members, names, limit);
  const devices = sessions(parts);

  /** Reads the log. @throws Problem 401 if there is no such member */
  async function registered(memberId: string): Promise<MemberRow> {
    const row = await members.load(memberId, ({ state: { member }, revision }) => member && { ...member, revision });
    if (!row) throw new Problem(401, 'token-invalid', 'this account is gone');
    return row;
  }

  /** Reads the view, and the log only for a member missing in the view. @throws like `registered` */
  const viewed = async (memberId: string, waitFor?: number): Promise<MemberRow> =>
    (await views.get(membersView, memberId, since(waitFor, members.known(memberId)))) ?? registered(memberId);

  async function profile({ memberId, email, nickname, language, revision }: MemberRow) {
    const key = await memberKey(keys, memberId);
    return {
      memberId,
      email: open<string>(key, 'email', email),
      nickname: open<string>(key, 'nickname', nickname),
      language,
      status: 'active' as const,
      revision,
    };
  }

  async function tokens({ sessionId, memberId }: Session, row: MemberRow) {
    const member = await profile(row);
    const accessToken = await signAccessToken(keys, parts.keyValue, { memberId, sessionId, language: member.language });
    return { member, accessToken, expiresIn: ACCESS_SECONDS };
  }

  async function newSession(memberId: string) {
    const session = await devices.begin(memberId);
    return { body: await tokens(session, await registered(memberId)), refreshToken: session.refreshToken };
  }

  /** Whether this is the member's password; takes the same time if there is no such member. */
  async function knows(memberId: string | undefined, password: string, share: Share): Promise<boolean> {
    const member = memberId === undefined ? undefined : await members.load(memberId, ({ state }) => state.member);
    const key = member && (await keys.keyFor(member.memberId));
    if (member && !key) throw new Unavailable(`no key for ${memberId}`);
    if (!member || !key || key === 'erased') {
      await verifyNobody(password, share);
      return false;
    }
    return verifyPassword(password, open<string>(key, 'passwordHash', member.passwordHash), share);
  }

  /**
   * Checks the password of a log-in attempt; the member is looked up only if the attempt is allowed.
   * @throws Problem 429 `too-many-attempts`, 503 `overloaded`
   */
  async function proven(attempt: Attempt, password: string, find: () => Promise<string | undefined>) {
    await limit.requireLogin(attempt);
    const memberId = await find();
    const isRight = await knows(memberId, password, await limit.shareOf(attempt));
    await (isRight ? limit.right(attempt) : limit.wrong(attempt));
    return isRight ? memberId : undefined;
  }

  return {
    name: 'auth',
    actions: {
      register: action(authApi.register, async (input, request) => {
        const { member, position, repeated } = await register(input, request);
        const { memberId, emailHmac } = member;
        const attempt = { email: emailHmac, address: request.meta.address };
        if (!repeated) await limit.right(attempt);
        else if (!(await proven(attempt, input.password, async () => memberId))) {
          throw new Problem(422, 'idempotency-key-reused', 'this idempotency key was used with another request');
        }
        return { ...(await newSession(memberId)), position, location: '/members/me' };
      }),

      login: action(authApi.login, async ({ email, password }, { meta }) => {
        const hmac = nameHmac(keys.hmacSecret, 'email', email);
        const attempt = { email: hmac, address: meta.address };
        const memberId = await proven(attempt, password, () => names.holder('email', hmac));
        if (memberId === undefined) {
          throw new Problem(401, 'invalid-credentials', 'e-mail or password is not right');
        }
        return newSession(memberId);
      }),

      refresh: action(authApi.refresh, async (_input, { meta, deadline }) => {
        const session = await devices.find(meta.refreshToken);
        // The token changes last: after an earlier failure the client can retry with its present one.
        const body = await tokens(session, await viewed(session.memberId));
        return { body, refreshToken: await devices.renew(session, deadline) };
      }),

      logout: action(authApi.logout, async (_input, { meta }) => {
        await devices.end(meta.member!.sessionId);
        return { body: undefined, refreshToken: null };
      }),

      me: action(authApi.me, async (_input, { actor, meta }) => {
        const body = await profile(await viewed(actor, meta.waitFor));
        return { body, etag: body.revision };
      }),
    },
  };
}
