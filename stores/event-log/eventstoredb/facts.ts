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
 * A regular expression for the streams of these families, or for all streams except the server's own if none are named.
 * It is anchored at both ends of the family name, because the client's own prefix filter also matches longer words.
 */
export const streamsOf = (families?: readonly string[]): string =>
  families ? `^(${families.join('|')})(-|$)` : NOT_SYSTEM;

/** @throws RangeError above 2^53. Positions are offsets in bytes, so that is a log of 9 PB. */
export function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`${value} is above 2^53, the largest number that this release supports`);
  return number;
}

const isNone = (value: bigint): boolean => value === NONE || value < 0n;

/** A position in the log; 0 if the server reports a position before the first record. @throws RangeError above 2^53 */
export const placeOf = (value: bigint): number => (isNone(value) ? 0 : safe(value));

/** The actual revision of a stream, as the client reports it. @throws RangeError above 2^53 */
export const revisionOf = (value: bigint | string): Expected =>
  typeof value === 'string' || isNone(value) ? 'none' : safe(value);

/** False for events that the server itself writes into a stream, such as the tombstone of a deleted one. */
export const isFact = ({ type }: RecordedEvent): boolean => !type.startsWith(SYSTEM);

/** Whether it is JSON with metadata, as every fact is. The client returns unparsable data as text or bytes. */
export const isReadable = ({ isJson, data, metadata, position }: RecordedEvent): boolean =>
  isJson &&
  typeof data === 'object' &&
  typeof metadata === 'object' &&
  !(metadata instanceof Uint8Array) &&
  position !== undefined;

/** @throws Unreadable if the event is not a fact, RangeError if a number is above 2^53 */
export function recorded(event: RecordedEvent): Recorded {
  const { id, streamId, revision, position, type, data, metadata } = event;
  if (!isReadable(event)) {
    throw new Unreadable(
      `${streamId} holds an event at revision ${revision} that is not a fact of ZipBob (${type}, ${id})`,
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
