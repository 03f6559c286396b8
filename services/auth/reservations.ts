import { randomUUID } from 'node:crypto';
import type { CommandHandler, CommandMeta } from '../../core/command-handler.ts';
import { Refused } from '../../core/errors.ts';
import type { memberFamily } from '../../events/member.ts';
import { emailFamily, nicknameFamily, type ReservationKind } from '../../events/reservation.ts';
import type { Parts } from '../../platform/parts.ts';
import type { MemberCommand, MemberState } from './member.decider.ts';
import { reservationDecider } from './reservation.decider.ts';

export type Members = CommandHandler<typeof memberFamily, MemberCommand, MemberState>;

/** A reservation that was not used in this time may be taken over. */
const LAPSE_MS = 10 * 60_000;

/**
 * Each name is a stream of its own, so two members can never have the same one. A reservation becomes final when its
 * holder's own stream names it; otherwise it lapses, and its late holder is refused.
 */
export function reservations({ handler, clock }: Parts, members: Members) {
  const streams = {
    email: handler(emailFamily, reservationDecider),
    nickname: handler(nicknameFamily, reservationDecider),
  };
  // The present holder shows whether a step is done, so every try is a command of its own.
  const step = ({ commandId, actor, traceparent, deadline }: CommandMeta): CommandMeta => ({
    commandId: randomUUID(),
    correlationId: commandId,
    causationId: commandId,
    ...(actor !== undefined && { actor }),
    ...(traceparent !== undefined && { traceparent }),
    ...(deadline !== undefined && { deadline }),
  });
  const taken = (kind: ReservationKind) =>
    new Refused('rule', `${kind}-taken`, `this ${kind} is taken`, {
      errors: [{ path: kind, message: 'is taken' }],
    });

  const holderOf = (kind: ReservationKind, hmac: string) => streams[kind].load(hmac, ({ state }) => state.holder);

  /** The other holder of a name that cannot be taken over, or the holder of a lapsed reservation. */
  async function standing(kind: ReservationKind, hmac: string, memberId: string): Promise<'free' | 'taken' | string> {
    const holder = await holderOf(kind, hmac);
    if (!holder || holder.memberId === memberId) return 'free';
    // After the clock was set back, a reservation seems to be from the future, and must not last until then.
    if (Math.abs(clock().getTime() - Date.parse(holder.since)) < LAPSE_MS) return 'taken';
    const member = await members.load(holder.memberId, ({ state }) => state.member);
    const own = kind === 'email' ? member?.emailHmac : member?.nicknameHmac;
    return own === hmac ? 'taken' : holder.memberId;
  }

  return {
    /** The present holder of a name, final or not. */
    holder: async (kind: ReservationKind, hmac: string): Promise<string | undefined> =>
      (await holderOf(kind, hmac))?.memberId,

    /** @throws Refused `email-taken`, `nickname-taken` */
    async check(kind: ReservationKind, hmac: string, memberId: string): Promise<void> {
      if ((await standing(kind, hmac, memberId)) === 'taken') throw taken(kind);
    },

    /** Reserves a name. @returns false if the member held it already. @throws Refused as above */
    async reserve(kind: ReservationKind, hmac: string, memberId: string, causedBy: CommandMeta): Promise<boolean> {
      const standingNow = await standing(kind, hmac, memberId);
      if (standingNow === 'taken') throw taken(kind);
      const replacing = standingNow === 'free' ? undefined : standingNow;
      try {
        if (replacing) await members.handle(replacing, { do: 'lapse', kind, hmac }, step(causedBy), () => {});
        const command = { do: 'reserve', memberId, ...(replacing && { replacing }) } as const;
        return await streams[kind].handle(hmac, command, step(causedBy), ({ events }) => events.length > 0);
      } catch (error) {
        throw error instanceof Refused && error.code === 'taken' ? taken(kind) : error;
      }
    },

    async release(kind: ReservationKind, hmac: string, memberId: string, causedBy: CommandMeta): Promise<void> {
      await streams[kind].handle(hmac, { do: 'release', memberId }, step(causedBy), () => {});
    },
  };
}

export type Reservations = ReturnType<typeof reservations>;
