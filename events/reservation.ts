import { fact, family } from '../core/fact.ts';

/** A name belongs to at most one member at a time. The stream is named by the HMAC of the name, never by the name. */
const kinds = {
  Reserved: fact<{ memberId: string }>(),
  Released: fact<{ memberId: string }>(),
};

export const emailFamily = family('email', kinds);
export const nicknameFamily = family('nickname', kinds);

export type ReservationKind = 'email' | 'nickname';
