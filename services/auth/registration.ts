import type { z } from 'zod';
import type { CommandMeta } from '../../core/command-handler.ts';
import { Unavailable } from '../../core/errors.ts';
import { commandIdOf, createdId } from '../../core/ids.ts';
import { seal } from '../../core/sealed.ts';
import type { ReservationKind } from '../../events/reservation.ts';
import type { Request } from '../../platform/action.ts';
import type { Parts } from '../../platform/parts.ts';
import { problemOf } from '../../platform/problem.ts';
import { fridges } from '../fridges/fridges.api.ts';
import type { authApi } from './auth.api.ts';
import { call } from './auth.calls.ts';
import type { Limits } from './limits.ts';
import type { MemberState } from './member.decider.ts';
import { nameHmac } from './names.ts';
import { hashPassword } from './passwords.ts';
import type { Members, Reservations } from './reservations.ts';

type Input = z.output<typeof authApi.register.input>;
type Hmacs = Record<ReservationKind, string>;

const KINDS = ['nickname', 'email'] as const;

interface Handled {
  readonly state: MemberState;
  readonly position: number;
  readonly repeated: boolean;
}
const registered = ({ state, position, repeated }: Handled) => ({ member: state.member!, position, repeated });

/**
 * Creates a member in repeatable steps: key, nickname, e-mail, fridge, and the member last. All ids are derived from
 * the command, so a repeat finds the results of the first try. A refusal releases its reservations.
 */
export function registration({ keys }: Parts, members: Members, reservations: Reservations, limit: Limits) {
  const isRegistered = async (memberId: string) => members.load(memberId, ({ state }) => state.member !== undefined);

  /** Not if a copy of the same registration has succeeded, because the names are then in use. */
  async function giveBack(kinds: readonly ReservationKind[], hmacs: Hmacs, memberId: string, causedBy: CommandMeta) {
    if (kinds.length === 0 || (await isRegistered(memberId))) return;
    for (const kind of kinds) await reservations.release(kind, hmacs[kind], memberId, causedBy);
  }

  return async (input: Input, request: Request) => {
    const { method, path, idempotencyKey, address } = request.meta;
    const hmacs: Hmacs = {
      email: nameHmac(keys.hmacSecret, 'email', input.email),
      nickname: nameHmac(keys.hmacSecret, 'nickname', input.nickname),
    };
    const commandId = commandIdOf(hmacs.email, method, path, idempotencyKey);
    const memberId = createdId(commandId, 0);
    const fridgeId = createdId(commandId, 1);
    const options = { who: hmacs.email, without: ['password'] };

    const member = await members.load(memberId, ({ state }) => state.member);
    if (member) {
      // A new key would open none of the values sealed then.
      if (!(await keys.keyFor(memberId))) throw new Unavailable(`there is no key for ${memberId}`);
      // The answer is in the stream, so the limit for new registrations does not apply.
      const meta = { ...request.command(await keys.ensure(memberId), options), actor: memberId };
      return members.handle(memberId, { do: 'register', ...member }, meta, registered);
    }

    await limit.requireRegistration(address);
    await limit.beginRegistration(address);
    for (const kind of KINDS) await reservations.check(kind, hmacs[kind], memberId);
    const passwordHash = await hashPassword(input.password, await limit.shareOf({ email: hmacs.email, address }));
    const key = await keys.ensure(memberId);
    const meta = { ...request.command(key, options), actor: memberId };
    const reserved: ReservationKind[] = [];
    try {
      for (const kind of KINDS) {
        if (await reservations.reserve(kind, hmacs[kind], memberId, meta)) reserved.push(kind);
      }
      const fridge = { fridgeId, timeZone: input.timeZone, language: input.language, owner: memberId, command: meta };
      await call(request.ctx, fridges.open, fridge);
      const details = {
        memberId,
        emailHmac: hmacs.email,
        nicknameHmac: hmacs.nickname,
        email: seal(key, memberId, 'email', input.email),
        nickname: seal(key, memberId, 'nickname', input.nickname),
        passwordHash: seal(key, memberId, 'passwordHash', passwordHash),
        language: input.language,
        fridgeId,
      };
      const made = await members.handle(memberId, { do: 'register', ...details }, meta, registered);
      if (!made.repeated) await limit.registered(address);
      return made;
    } catch (error) {
      // After any other failure the facts may be stored, or a copy may continue: these reservations lapse.
      if (isRefusal(error)) await giveBack(reserved, hmacs, memberId, meta).catch(() => {});
      throw error;
    }
  };
}

const isRefusal = (error: unknown): boolean => (problemOf(error)?.code ?? 500) < 500;
