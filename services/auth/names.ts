import { createHmac } from 'node:crypto';
import type { ReservationKind } from '../../events/reservation.ts';

/**
 * Invisible characters, and those that only turn their neighbours: zero-width characters, fillers, directional
 * controls.
 */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
/** The ones of these that join letters or shape emoji and flags. The others are not allowed in a nickname. */
const MISLEADING =
  /[[\p{Default_Ignorable_Code_Point}\p{Cf}]--[\u200c\u200d\p{Variation_Selector}\u{e0020}-\u{e007f}]]/v;
/** the Braille blank is not a space in Unicode, but looks like one */
const SPACES = /[\s\u2800]+/g;

/** Whether a name has characters that only make it look like another. */
export const isMisleading = (name: string): boolean => MISLEADING.test(name);

// Upper case and back comes closest to case folding: "ß" and "SS", both small sigmas and "Σ" become equal.
const folded = (name: string): string =>
  name.normalize('NFKC').replaceAll(HIDDEN, '').replaceAll(SPACES, ' ').trim().toUpperCase().toLowerCase();

/**
 * E-mails and nicknames that look equal are equal: they may differ in case, width, spaces, invisible characters and the
 * composition of Hangul. One step may enable another, so they are repeated until nothing changes.
 */
export function normalName(name: string): string {
  const next = folded(name);
  return next === name ? name : normalName(next);
}

/** Replaces a name where the name itself must not be readable. */
export const nameHmac = (secret: Uint8Array, kind: ReservationKind, name: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify([kind, normalName(name)]))
    .digest('hex');
