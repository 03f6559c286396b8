import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { RecordedEvent } from '@eventstore/db-client';
import { Damaged, Unavailable, Unreadable } from '../../../core/errors.ts';
import { isFact, placeOf, recorded, revisionOf, streamsOf } from './facts.ts';
import { Patience, Silence, tlsReason } from './failures.ts';

/** As the server sends them: -1 is an unsigned number. */
const NONE = 2n ** 64n - 1n;
const TOMBSTONE = 2n ** 63n - 1n;

test('the position before the first record is 0', () => {
  assert.deepEqual([NONE, -1n, 0n, 733n].map(placeOf), [0, 0, 0, 733]);
});

test('a stream without a revision does not exist', () => {
  assert.deepEqual([NONE, -1n, 'no_stream', 0n, 7n].map(revisionOf), ['none', 'none', 'none', 0, 7]);
});

test('a number beyond 2^53 is refused', () => {
  for (const value of [TOMBSTONE, NONE - 1n, 2n ** 53n]) {
    assert.throws(() => placeOf(value), RangeError);
    assert.throws(() => revisionOf(value), RangeError);
  }
});

const event = (changes: object): RecordedEvent =>
  ({
    id: randomUUID(),
    streamId: 'fridge-1',
    revision: 3n,
    position: { commit: 733n, prepare: 733n },
    type: 'FridgeOpened',
    isJson: true,
    data: {},
    metadata: { commandId: 'c' },
    created: new Date(),
    ...changes,
  }) as RecordedEvent;

test('an event that is not JSON with metadata is not a fact', () => {
  const { position, revision } = recorded(event({}));
  assert.deepEqual({ position, revision }, { position: 733, revision: 3 });
  for (const damage of [
    { isJson: false, data: Buffer.of(1) },
    { data: '{"cut' },
    { metadata: undefined },
    { metadata: Buffer.of(1) },
    { position: undefined },
  ]) {
    assert.throws(() => recorded(event(damage)), Unreadable);
  }
});

test('an event that the server itself writes into a stream is not a fact', () => {
  assert.equal(isFact(event({ type: '$streamDeleted', revision: TOMBSTONE })), false);
  assert.equal(isFact(event({})), true);
});

test('families are matched by the whole name', () => {
  const isOurs = new RegExp(streamsOf(['fridge', 'log']));
  assert.deepEqual(
    ['fridge-1', 'log', 'fridges-1', 'my-fridge-1', '$$fridge-1'].map(stream => isOurs.test(stream)),
    [true, true, false, false, false],
  );
});

test('only errors of the client and of the network are retried', async () => {
  const patience = () => new Patience(10_000, new AbortController().signal);
  const mistakes = [new RangeError('r'), new TypeError('t'), new SyntaxError('s'), new Unreadable('u'), 'no error'];
  for (const mistake of mistakes) {
    await assert.rejects(patience().after(mistake), error => error === mistake);
  }
  const failures = [
    new Silence(10),
    Object.assign(new Error('read ECONNRESET'), { code: 14 }),
    Object.assign(new Error('Could not recognize Server Is Not Ready'), { type: 'unknown' }),
    new Error('Failed to discover after 10 attempts.'),
    new Unavailable('a call gave up'),
  ];
  for (const failure of failures) await patience().after(failure);
  const deleted = Object.assign(new Error("Event stream 'fridge-1' is deleted."), { type: 'stream-deleted', code: 9 });
  await assert.rejects(patience().after(deleted), Damaged);
});

test('the reason of a failed TLS connection is one line', () => {
  const noConnection = (reason: string) =>
    `14 UNAVAILABLE: No connection established. Last error: ${reason}. Resolution note: `;
  assert.deepEqual(
    [
      '14 UNAVAILABLE: C0B7B2:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/record.c:354:\n',
      noConnection('Error: self-signed certificate in certificate chain'),
      noConnection("Error: Hostname/IP does not match certificate's altnames: Host: localhost.\nis not in the cert's"),
      'certificate has\n expired',
    ].map(tlsReason),
    [
      'wrong version number',
      'self-signed certificate in certificate chain',
      "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's",
      'certificate has expired',
    ],
  );
});
