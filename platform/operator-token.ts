import { createHmac, randomBytes } from 'node:crypto';
import type { KeyStore } from '../core/keys/port.ts';

/** An operator's token that only the owner of a data folder can read; new at each start. */
export const newOperatorToken = (): string => randomBytes(32).toString('base64url');

/** The operator's token of nodes without a data folder: the same for all programs that may read their key store. */
export const sharedOperatorToken = ({ hmacSecret }: Pick<KeyStore, 'hmacSecret'>): string =>
  createHmac('sha256', hmacSecret).update('operator token').digest('base64url');
