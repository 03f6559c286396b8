import type { Decider } from '../../core/decider.ts';
import { Refused } from '../../core/errors.ts';
import type { Sealed } from '../../core/sealed.ts';
import type { Language } from '../../domain/language.ts';
import type { MemberEvent } from '../../events/member.ts';
import type { ReservationKind } from '../../events/reservation.ts';

export type MemberCommand =
  | ({ do: 'register' } & Registration)
  /** another member wants a name that this one reserved long ago */
  | { do: 'lapse'; kind: ReservationKind; hmac: string };

export interface Registration {
  readonly memberId: string;
  readonly emailHmac: string;
  readonly nicknameHmac: string;
  readonly email: Sealed;
  readonly nickname: Sealed;
  readonly passwordHash: Sealed;
  readonly language: Language;
  readonly fridgeId: string;
}

export interface MemberState {
  member?: Registration & { readonly registeredAt: string };
  readonly lapsed: Set<string>;
}

export const memberDecider: Decider<MemberCommand, MemberEvent, MemberState> = {
  initial: () => ({ lapsed: new Set() }),

  evolve(state, { type, data, meta }) {
    switch (type) {
      case 'MemberRegistered':
        return { ...state, member: { ...data, registeredAt: meta.at } };
      case 'ReservationLapsed':
        state.lapsed.add(data.hmac);
        return state;
    }
  },

  decide(command, { member, lapsed }) {
    if (command.do === 'lapse') {
      const { kind, hmac } = command;
      if (member && hmac === (kind === 'email' ? member.emailHmac : member.nicknameHmac)) {
        throw new Refused('rule', 'taken', 'somebody else has this name');
      }
      return lapsed.has(hmac) ? [] : [{ type: 'ReservationLapsed', data: { kind, hmac } }];
    }
    const { do: _do, ...registration } = command;
    if (member) throw new Refused('rule', 'already-registered', 'this member is registered already');
    for (const hmac of [registration.nicknameHmac, registration.emailHmac]) {
      if (lapsed.has(hmac)) throw new Refused('rule', 'registration-lapsed', 'this took too long; register once more');
    }
    return [{ type: 'MemberRegistered', data: registration }];
  },
};
