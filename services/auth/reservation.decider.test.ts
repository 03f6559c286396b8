import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { action, given } from '../../core/testing/given.ts';
import { type ReservationCommand, reservationDecider } from './reservation.decider.ts';

const reserve = (memberId: string, replacing?: string): ReservationCommand => ({
  do: 'reserve',
  memberId,
  ...(replacing && { replacing }),
});
const release = (memberId: string): ReservationCommand => ({ do: 'release', memberId });
const reserved = (memberId: string) => ({ type: 'Reserved', data: { memberId } }) as const;
const released = (memberId: string) => ({ type: 'Released', data: { memberId } }) as const;

test('a free name is reserved', () =>
  given(reservationDecider)
    .when(reserve('mina'))
    .then([reserved('mina')]));

test('whoever holds a name need not reserve it again', () =>
  given(reservationDecider, reserved('mina')).when(reserve('mina')).then([]));

test('a name that somebody else holds is taken', () =>
  given(reservationDecider, reserved('mina')).when(reserve('jun')).thenRefuses('taken'));

test('a released name is free', () =>
  given(reservationDecider, reserved('mina'), released('mina'))
    .when(reserve('jun'))
    .then([reserved('jun')]));

test('a lapsed reservation is taken over', () =>
  given(reservationDecider, reserved('mina'))
    .when(reserve('jun', 'mina'))
    .then([reserved('jun')]));

test('a name that has a new holder meanwhile is not taken over', () =>
  given(reservationDecider, reserved('mina'), reserved('sora')).when(reserve('jun', 'mina')).thenRefuses('taken'));

test('a name that was released meanwhile is simply reserved', () =>
  given(reservationDecider, reserved('mina'), released('mina'))
    .when(reserve('jun', 'mina'))
    .then([reserved('jun')]));

test('the holder releases a name', () =>
  given(reservationDecider, reserved('mina'))
    .when(release('mina'))
    .then([released('mina')]));

test('who does not hold a name cannot release it', () =>
  given(reservationDecider, reserved('mina')).when(release('jun')).then([]));

test('who was replaced cannot release the name of the new holder', () =>
  given(reservationDecider, reserved('mina'), reserved('jun')).when(release('mina')).then([]));

test('there is nothing to release where nobody holds the name', () =>
  given(reservationDecider).when(release('mina')).then([]));

test('the state says who holds a name, and since when', () => {
  const at = '2026-03-10T09:00:00.000Z';
  const { state } = given(reservationDecider, reserved('mina'), action({ at }, reserved('jun')));
  assert.deepEqual(state, { holder: { memberId: 'jun', since: at } });
});

test('a late release of one who was replaced leaves the holder', () => {
  const { state } = given(reservationDecider, reserved('mina'), reserved('jun'), released('mina'));
  assert.equal(state.holder?.memberId, 'jun');
});

test('whatever is tried, nobody loses a name who does not release it or is replaced by name', () => {
  const member = fc.constantFrom('mina', 'jun', 'sora');
  const command: fc.Arbitrary<ReservationCommand> = fc.oneof(
    fc.tuple(member, fc.option(member, { nil: undefined })).map(([who, whom]) => reserve(who, whom)),
    member.map(release),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), commands => {
      let story = given(reservationDecider);
      for (const tried of commands) {
        const before = story.state.holder?.memberId;
        story = story.when(tried);
        const after = story.state.holder?.memberId;
        if (before === undefined || after === before) continue;
        if (after === undefined) assert.deepEqual(tried, release(before));
        else assert.deepEqual(tried, reserve(after, before));
      }
    }),
    { seed: 20260310, numRuns: 200 },
  );
});
