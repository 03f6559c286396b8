import { createHash, createHmac } from 'node:crypto';

/** Canonical JSON: object keys in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** One command's id: who (member, or the HMAC of the e-mail), method, path with its ids, idempotency key. */
export const commandIdOf = (who: string, method: string, path: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([who, method, path, key]))
    .digest('hex');

/**
 * The id of the index-th thing that a command creates. A repeated command gets the same id, and so finds what it
 * created first. Formatted as a UUID of version 8 (RFC 9562, section 5.8).
 */
export function createdId(commandId: string, index: number): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([commandId, index]))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Shows whether two requests under one key are equal, without keeping their content. */
export const fingerprintOf = (key: Uint8Array, request: unknown): string =>
  createHmac('sha256', key).update(canonicalJson(request)).digest('base64url');
