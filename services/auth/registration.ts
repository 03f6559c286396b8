import type { z } from 'zod';
import type { CommandMeta } from '../../core/command-handler.ts';
import { Unavailable } from '../../core/errors.ts';
import { commandIdOf, createdId } from '../../core/ids.ts';
import { seal } from '../../core/sealed.ts';
import type { Request } from '../../platform/action.ts';
import type { Parts } from '../../platform/parts.ts';
import type { authApi } from './auth.api.ts';
import { nameHmac } from './names.ts';
import { hashPassword } from './passwords.ts';
import type { Members, Reservations } from './reservations.ts';

type Input = z.output<typeof authApi.register.input>;

/**
 * Makes a member in steps that may each be repeated: key, nickname, e-mail, fridge, and the member last. All ids come
 * from the command, so a repetition finds what the first try left. A refusal gives back what it had reserved.
 */
export function registration({ keys }: Parts, members: Members, reservations: Reservations) {
  return async (input: Input, request: Request) => {
    const { method, path, idempotencyKey } = request.meta;
    const hmacs = {
      email: nameHmac(keys.hmacSecret, 'email', input.email),
      nickname: nameHmac(keys.hmacSecret, 'nickname', input.nickname),
    };
    const commandId = commandIdOf(hmacs.email, method, path, idempotencyKey);
    const memberId = createdId(commandId, 0);
    const fridgeId = createdId(commandId, 1);
    const known = (await members.load(memberId)).state.member !== undefined;
    if (!known) {
      await reservations.check('nickname', hmacs.nickname, memberId);
      await reservations.check('email', hmacs.email, memberId);
    }
    // A key that is made only now opens nothing of what was sealed then.
    if (known && !(await keys.keyFor(memberId))) throw new Unavailable(`there is no key for ${memberId}`);
    const key = await keys.ensure(memberId);
    const meta = { ...request.command(key, { who: hmacs.email, without: ['password'] }), actor: memberId };
    if (!known) {
      await reserveBoth(reservations, hmacs, memberId, meta);
      const fridge = { fridgeId, timeZone: input.timeZone, language: input.language, owner: memberId, command: meta };
      await request.ctx.call('fridges.open', fridge);
    }
    return members.handle(
      memberId,
      {
        do: 'register',
        memberId,
        emailHmac: hmacs.email,
        nicknameHmac: hmacs.nickname,
        email: seal(key, memberId, 'email', input.email),
        nickname: seal(key, memberId, 'nickname', input.nickname),
        passwordHash: seal(key, memberId, 'passwordHash', await hashPassword(input.password)),
        language: input.language,
        fridgeId,
      },
      meta,
    );
  };
}

async function reserveBoth(
  reservations: Reservations,
  hmacs: { email: string; nickname: string },
  memberId: string,
  causedBy: CommandMeta,
): Promise<void> {
  await reservations.reserve('nickname', hmacs.nickname, memberId, causedBy);
  try {
    await reservations.reserve('email', hmacs.email, memberId, causedBy);
  } catch (error) {
    await reservations.release('nickname', hmacs.nickname, memberId, causedBy);
    throw error;
  }
}
