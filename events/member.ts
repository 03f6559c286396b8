import { type EventOf, fact, family } from '../core/fact.ts';
import type { Sealed } from '../core/sealed.ts';
import type { ReservationKind } from './reservation.ts';

/** A person with an account. Personal values are sealed under the member's own key. */
export const memberFamily = family('member', {
  /** the last step of registration: both names are reserved and the first fridge is open */
  MemberRegistered: fact<{
    memberId: string;
    emailHmac: string;
    nicknameHmac: string;
    email: Sealed;
    nickname: Sealed;
    /** as returned by `hashPassword`, with algorithm, cost and salt */
    passwordHash: Sealed;
    language: 'ko' | 'en';
    fridgeId: string;
  }>({ personal: { subject: ({ memberId }) => memberId, fields: ['email', 'nickname', 'passwordHash'] } }),
  /** another member took over a name that this member had reserved but not used in time */
  ReservationLapsed: fact<{ kind: ReservationKind; hmac: string }>(),
});

export type MemberEvent = EventOf<typeof memberFamily>;
