import type { RecordedEvent } from '@eventstore/db-client';
import type { Meta, Recorded } from '../../fact.ts';

/** The streams of the server itself begin with a dollar sign. */
const NOT_ITS_OWN = '^[^$]';

/**
 * As a regular expression: the streams of these families, all but the server's own where none are named. Anchored, and up
 * to the hyphen: what the client calls a prefix also means all longer words.
 */
export const streamsOf = (families?: readonly string[]): string =>
  families ? `^(${families.join('|')})(-|$)` : NOT_ITS_OWN;

/** Positions are offsets in bytes: 2^53 of them are 9 PB. */
export function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond what this release can count to`);
  return number;
}

export const recorded = ({ id, streamId, revision, position, type, data, metadata }: RecordedEvent): Recorded => ({
  id,
  stream: streamId,
  revision: safe(revision),
  position: safe(position!.commit),
  type,
  data,
  meta: metadata as unknown as Meta,
});
