import { type EventOf, fact, family } from '../core/fact.ts';
import type { Sealed } from '../core/sealed.ts';
import type { ReservationKind } from './reservation.ts';

/** A person with an account. What is personal is sealed under the member's own key. */
export const memberFamily = family('member', {
  /** the last step of registering: both names are reserved and the first fridge is open */
  MemberRegistered: fact<{
    memberId: string;
    emailHmac: string;
    nicknameHmac: string;
    email: Sealed;
    nickname: Sealed;
    /** what `hashPassword` makes: the algorithm, its cost and salt are in it */
    passwordHash: Sealed;
    language: 'ko' | 'en';
    fridgeId: string;
  }>({ personal: { subject: ({ memberId }) => memberId, fields: ['email', 'nickname', 'passwordHash'] } }),
  /** somebody else took over a name that this member had reserved and not come to use in time */
  ReservationLapsed: fact<{ kind: ReservationKind; hmac: string }>(),
});

export type MemberEvent = EventOf<typeof memberFamily>;
