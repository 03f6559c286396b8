import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { action, envelope, given } from '../../core/testing/given.ts';
import type { MemberEvent } from '../../events/member.ts';
import { type MemberCommand, memberDecider, type Registration } from './member.decider.ts';

const registration: Registration = {
  memberId: 'mina',
  emailHmac: 'hmac-of-mail',
  nicknameHmac: 'hmac-of-nick',
  email: envelope('mina', 'bWFpbA=='),
  nickname: envelope('mina', 'bmljaw=='),
  passwordHash: envelope('mina', 'aGFzaA=='),
  language: 'ko',
  fridgeId: 'f1',
};
const register: MemberCommand = { do: 'register', ...registration };
const lapse = (kind: 'email' | 'nickname', hmac: string): MemberCommand => ({ do: 'lapse', kind, hmac });
const registered: MemberEvent = { type: 'MemberRegistered', data: registration };
const lapsed = (kind: 'email' | 'nickname', hmac: string): MemberEvent => ({
  type: 'ReservationLapsed',
  data: { kind, hmac },
});

describe('registering', () => {
  test('a member is registered with what was given, sealed as it came', () =>
    given(memberDecider).when(register).then([registered]));

  test('a member is registered once', () =>
    given(memberDecider, registered)
      .when({ ...register, language: 'en' })
      .thenRefuses('already-registered'));

  test('a registration that took too long finds its e-mail gone', () =>
    given(memberDecider, lapsed('email', 'hmac-of-mail')).when(register).thenRefuses('registration-lapsed'));

  test('a registration that took too long finds its nickname gone', () =>
    given(memberDecider, lapsed('nickname', 'hmac-of-nick')).when(register).thenRefuses('registration-lapsed'));

  test('a name that was given up before the one in use does not matter', () =>
    given(memberDecider, lapsed('nickname', 'hmac-of-another')).when(register).then([registered]));

  test('the state says who it is, and since when', () => {
    const at = '2026-03-10T09:00:00.000Z';
    const { state } = given(memberDecider, action({ at, occurredAt: '2026-03-01T00:00:00.000Z' }, registered));
    assert.deepEqual(state, { lapsed: new Set(), member: { ...registration, registeredAt: at } });
  });
});

describe('letting a reservation lapse', () => {
  test('who never came to use a name loses it', () =>
    given(memberDecider)
      .when(lapse('email', 'hmac-of-mail'), { actor: undefined })
      .then([lapsed('email', 'hmac-of-mail')]));

  test('it lapses once', () =>
    given(memberDecider, lapsed('email', 'hmac-of-mail')).when(lapse('email', 'hmac-of-mail')).then([]));

  test('one name lapses without the other', () =>
    given(memberDecider, lapsed('email', 'hmac-of-mail'))
      .when(lapse('nickname', 'hmac-of-nick'))
      .then([lapsed('nickname', 'hmac-of-nick')]));

  test('a member keeps the e-mail in use', () =>
    given(memberDecider, registered).when(lapse('email', 'hmac-of-mail')).thenRefuses('taken'));

  test('a member keeps the nickname in use', () =>
    given(memberDecider, registered).when(lapse('nickname', 'hmac-of-nick')).thenRefuses('taken'));

  test('a member loses a name that was reserved and not taken into use', () =>
    given(memberDecider, registered)
      .when(lapse('nickname', 'hmac-of-another'))
      .then([lapsed('nickname', 'hmac-of-another')]));

  test('a late registration is refused after its name has lapsed', () =>
    given(memberDecider).when(lapse('email', 'hmac-of-mail')).when(register).thenRefuses('registration-lapsed'));

  test('a registration that was in time keeps its name from lapsing', () =>
    given(memberDecider).when(register).when(lapse('email', 'hmac-of-mail')).thenRefuses('taken'));
});
