import { createHmac } from 'node:crypto';
import type { ReservationKind } from '../../events/reservation.ts';

/** E-mails and nicknames that differ only in case, spaces around them or how Hangul is composed are the same. */
export const normalName = (name: string): string => name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();

/** Stands for a name wherever the name itself must not be readable. */
export const nameHmac = (secret: Uint8Array, kind: ReservationKind, name: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify([kind, normalName(name)]))
    .digest('hex');
