import { randomUUID } from 'node:crypto';
import type { CommandHandler, CommandMeta } from '../../core/command-handler.ts';
import { Refused } from '../../core/errors.ts';
import type { memberFamily } from '../../events/member.ts';
import { emailFamily, nicknameFamily, type ReservationKind } from '../../events/reservation.ts';
import type { Parts } from '../../platform/parts.ts';
import type { MemberCommand, MemberState } from './member.decider.ts';
import { reservationDecider } from './reservation.decider.ts';

export type Members = CommandHandler<typeof memberFamily, MemberCommand, MemberState>;

/** A reservation that did not come to use in this time may be taken over. */
const LAPSE_MS = 10 * 60_000;

/**
 * Names are held by streams of their own, so that two members can never have the same one. A reservation becomes
 * final when its holder's own stream names it; one that never did lapses, and the late holder is told so.
 */
export function reservations({ handler, clock }: Parts, members: Members) {
  const streams = {
    email: handler(emailFamily, reservationDecider),
    nickname: handler(nicknameFamily, reservationDecider),
  };
  // Whether a step is done shows in who holds the name now, so every try is a command of its own.
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

  /** Who holds a name that is not this member's and cannot be taken over; or whose lapsed one it is. */
  async function standing(kind: ReservationKind, hmac: string, memberId: string): Promise<'free' | 'taken' | string> {
    const holder = await holderOf(kind, hmac);
    if (!holder || holder.memberId === memberId) return 'free';
    // Where the clock was set back, a reservation seems to be of the future: it must not last until then.
    if (Math.abs(clock().getTime() - Date.parse(holder.since)) < LAPSE_MS) return 'taken';
    const member = await members.load(holder.memberId, ({ state }) => state.member);
    const own = kind === 'email' ? member?.emailHmac : member?.nicknameHmac;
    return own === hmac ? 'taken' : holder.memberId;
  }

  return {
    /** The member who holds a name now, rightly or not yet. */
    holder: async (kind: ReservationKind, hmac: string): Promise<string | undefined> =>
      (await holderOf(kind, hmac))?.memberId,

    /** @throws Refused `email-taken`, `nickname-taken` */
    async check(kind: ReservationKind, hmac: string, memberId: string): Promise<void> {
      if ((await standing(kind, hmac, memberId)) === 'taken') throw taken(kind);
    },

    /** Whether the name was reserved just now: not where the member held it already. @throws Refused as above */
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
