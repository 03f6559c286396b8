import { createHmac } from 'node:crypto';
import type { ReservationKind } from '../../events/reservation.ts';

/** What cannot be seen, or only turns its neighbours: zero-width characters, fillers, controls of direction. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
/** Of these, what joins letters, or shapes emoji and flags. The others have no place in a nickname. */
const MISLEADING =
  /[[\p{Default_Ignorable_Code_Point}\p{Cf}]--[\u200c\u200d\p{Variation_Selector}\u{e0020}-\u{e007f}]]/v;
/** the blank of Braille is no space to Unicode, but looks like one */
const SPACES = /[\s\u2800]+/g;

/** Whether a name has characters in it that only make it look like another. */
export const isMisleading = (name: string): boolean => MISLEADING.test(name);

// Upper case and back is what comes nearest to folding: "ß" and "SS", both small sigmas and "Σ" become the same.
const folded = (name: string): string =>
  name.normalize('NFKC').replaceAll(HIDDEN, '').replaceAll(SPACES, ' ').trim().toUpperCase().toLowerCase();

/**
 * E-mails and nicknames that look the same are the same: those that differ only in case, width, spaces, what cannot
 * be seen, or how Hangul is composed. One step makes room for another, so they are taken until nothing changes.
 */
export function normalName(name: string): string {
  const next = folded(name);
  return next === name ? name : normalName(next);
}

/** Stands for a name wherever the name itself must not be readable. */
export const nameHmac = (secret: Uint8Array, kind: ReservationKind, name: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify([kind, normalName(name)]))
    .digest('hex');
