import type { Decider } from '../../core/decider.ts';
import { Refused } from '../../core/errors.ts';
import type { EventOf } from '../../core/fact.ts';
import type { emailFamily } from '../../events/reservation.ts';

export type ReservationCommand =
  /** `replacing`: the holder of the lapsed reservation */
  { do: 'reserve'; memberId: string; replacing?: string } | { do: 'release'; memberId: string };

export interface ReservationState {
  holder?: { readonly memberId: string; readonly since: string };
}

/** Rules of holding a name, for both kinds of names. */
export const reservationDecider: Decider<ReservationCommand, EventOf<typeof emailFamily>, ReservationState> = {
  initial: () => ({}),

  evolve(state, { type, data, meta }) {
    switch (type) {
      case 'Reserved':
        return { holder: { memberId: data.memberId, since: meta.at } };
      case 'Released':
        return state.holder?.memberId === data.memberId ? {} : state;
    }
  },

  decide(command, { holder }) {
    const { memberId } = command;
    if (command.do === 'release') {
      return holder?.memberId === memberId ? [{ type: 'Released', data: { memberId } }] : [];
    }
    if (holder?.memberId === memberId) return [];
    if (holder && holder.memberId !== command.replacing)
      throw new Refused('rule', 'taken', 'somebody else has this name');
    return [{ type: 'Reserved', data: { memberId } }];
  },
};
