import { integer, json, projection, text } from '../core/projection.ts';
import type { Sealed } from '../core/sealed.ts';
import type { Language } from '../domain/language.ts';
import { memberFamily } from '../events/member.ts';

/** The members' profiles. Personal fields stay sealed; the password hash is only in the log. */
export const members = projection({
  name: 'members',
  version: 1,
  store: 'relational',
  from: [memberFamily],
  columns: {
    memberId: text(),
    email: json<Sealed>(),
    nickname: json<Sealed>(),
    language: text<Language>(),
    /** revision of the member's newest fact */
    revision: integer(),
  },
  keys: ({ stream }) => [memberFamily.idOf(stream)],
  on: {
    MemberRegistered(_row, { data, revision }) {
      const { memberId, email, nickname, language } = data;
      return { memberId, email, nickname, language, revision };
    },
    ReservationLapsed: (row, { revision }) => row && { ...row, revision },
  },
});
