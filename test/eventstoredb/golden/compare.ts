import assert from 'node:assert/strict';
import type { Places } from './places.ts';
import type { Json, Status } from './recorded.ts';

/** Values that differ between runs, and their formats. */
const OF_THE_MOMENT: Readonly<Record<string, RegExp>> = {
  created: /^\d{17}$/,
  subscriptionId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};
const POSITIONS = new Set(['commitPosition', 'preparePosition']);
/** Halves of a position that name no place in a log: 0, and 2^64-1 for "before the first record". */
const NO_PLACE = new Set<unknown>(['0', '18446744073709551615']);
/** For servers before 20.6.1: the client does not read them, and generated code cannot write 2^64 - 1 in one. */
const OBSOLETE = /2060$/;

/** @throws AssertionError unless both messages are equal apart from places and timestamps */
export function assertSame(actual: Json, recorded: Json, places: Places, what: string): void {
  assert.deepEqual(strip(actual), adapt(recorded, actual, places), what);
}

const strip = (message: Json): Json => adapt(message, undefined, undefined);

/** The recorded message, with this log's values where they may differ. */
function adapt(recorded: Json, actual: Json, places: Places | undefined): Json {
  if (Array.isArray(recorded)) return recorded.map((part, n) => adapt(part, actual?.[n], places));
  if (typeof recorded !== 'object' || recorded === null) return recorded;
  const entries = Object.entries(recorded).filter(([name]) => !OBSOLETE.test(name));
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const found = actual?.[name];
      if (places && OF_THE_MOMENT[name]?.test(String(found))) return [name, found];
      if (places && POSITIONS.has(name) && !NO_PLACE.has(value) && found !== undefined) {
        places.pair(Number(value), Number(found));
        return [name, found];
      }
      return [name, adapt(value, found, places)];
    }),
  );
}

/**
 * Compares a stream of frames with a recorded one that may have a gap: a known number of omitted frames, or any number if
 * frames of other scenarios were removed.
 */
export function assertSameFrames(
  actual: readonly Json[],
  recorded: readonly (Json | number)[],
  { anyGap, places }: { anyGap: boolean; places: Places },
  what: string,
): void {
  const gap = recorded.findIndex(frame => typeof frame === 'number');
  const head = gap === -1 ? recorded : recorded.slice(0, gap);
  const tail = gap === -1 ? [] : recorded.slice(gap + 1);
  if (gap === -1 || !anyGap) {
    const count = head.length + tail.length + (gap === -1 ? 0 : Number(recorded[gap]));
    assert.equal(actual.length, count, `${what}: ${actual.length} frames instead of ${count}`);
  }
  const ends = [...actual.slice(0, head.length), ...actual.slice(actual.length - tail.length)];
  for (const [n, frame] of [...head, ...tail].entries()) assertSame(ends[n], frame, places, `${what}, frame ${n}`);
}

/** Trailers that depend only on how the status was sent. */
const OF_TRANSPORT = new Set(['content-length', 'content-type', 'date']);

export function assertSameStatus(actual: Omit<Status, 'name'>, recorded: Status, what: string): void {
  const trailers = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !OF_TRANSPORT.has(name)));
  // grpc-js sends the text "OK" with an OK.
  const details = (status: Omit<Status, 'name'>) => (status.code === 0 ? '' : status.details);
  assert.deepEqual(
    { code: actual.code, details: details(actual), trailers: trailers(actual.trailers) },
    { code: recorded.code, details: details(recorded), trailers: trailers(recorded.trailers) },
    what,
  );
}
