import type { RecordedEvent } from '@eventstore/db-client';
import { Unreadable } from '../../../core/errors.ts';
import type { Expected } from '../../../core/event-store/port.ts';
import type { Meta, Recorded } from '../../../core/fact.ts';

/** The streams and event types of the server itself begin with a dollar sign. */
const SYSTEM = '$';
const NOT_SYSTEM = '^[^$]';
/** -1, which the protocol sends as an unsigned 64-bit number: "before the first record", or "no revision". */
const NONE = 2n ** 64n - 1n;

/**
 * A regular expression for the streams of these families, or for all but the server's own if none are named. It is
 * anchored at both ends of the family's name, because the client's own prefix filter also matches longer words.
 */
export const streamsOf = (families?: readonly string[]): string =>
  families ? `^(${families.join('|')})(-|$)` : NOT_SYSTEM;

/** @throws RangeError above 2^53. Positions are offsets in bytes, so that is a log of 9 PB. */
export function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond what this release can count to`);
  return number;
}

const isNone = (value: bigint): boolean => value === NONE || value < 0n;

/** A position in the log; 0 if the server says that it lies before the first record. @throws RangeError */
export const placeOf = (value: bigint): number => (isNone(value) ? 0 : safe(value));

/** The revision that a stream was found at, as the client reports it. @throws RangeError */
export const revisionOf = (value: bigint | string): Expected =>
  typeof value === 'string' || isNone(value) ? 'none' : safe(value);

/** False for what the server itself writes into a stream, such as the tombstone of a deleted one. */
export const isFact = ({ type }: RecordedEvent): boolean => !type.startsWith(SYSTEM);

/** Whether it is JSON with metadata, as every fact is. The client hands on as text or bytes what it cannot parse. */
export const isReadable = ({ isJson, data, metadata, position }: RecordedEvent): boolean =>
  isJson &&
  typeof data === 'object' &&
  typeof metadata === 'object' &&
  !(metadata instanceof Uint8Array) &&
  position !== undefined;

/** @throws Unreadable, RangeError */
export function recorded(event: RecordedEvent): Recorded {
  const { id, streamId, revision, position, type, data, metadata } = event;
  if (!isReadable(event)) {
    throw new Unreadable(
      `${streamId} holds an event at revision ${revision} that is no fact of ZipBob (${type}, ${id})`,
    );
  }
  return {
    id,
    stream: streamId,
    revision: safe(revision),
    position: safe(position!.commit),
    type,
    data,
    meta: metadata as unknown as Meta,
  };
}
