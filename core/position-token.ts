import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { Refused } from './errors.ts';

const CIPHER = 'aes-256-ecb';
const BLOCK_BYTES = 16;
const PLACE_AT = 8;

/** The key of a log's position tokens, equal on all nodes with this secret and different for each log. */
export const positionKey = (secret: Uint8Array, logId: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', `zipbob position in log ${logId}`, 32));

/**
 * A place in a log for clients, opaque and useless in another log. It is one encrypted block: zeros in one half, which
 * identify our tokens, and the position. Equal positions give equal tokens.
 */
export function positionToken(key: Uint8Array, position: number): string {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeBigUInt64BE(BigInt(position), PLACE_AT);
  return createCipheriv(CIPHER, key, null).setAutoPadding(false).update(block).toString('base64url');
}

/** @throws Refused `position-unknown` if the token was not made with this key */
export function positionOf(key: Uint8Array, token: string): number {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length === BLOCK_BYTES && bytes.toString('base64url') === token) {
    const block = createDecipheriv(CIPHER, key, null).setAutoPadding(false).update(bytes);
    const place = Number(block.readBigUInt64BE(PLACE_AT));
    if (block.readBigUInt64BE(0) === 0n && Number.isSafeInteger(place)) return place;
  }
  throw new Refused('malformed', 'position-unknown', 'this position is not of this log');
}
