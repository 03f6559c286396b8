import type { Metadata } from '@grpc/grpc-js';
import { wrongPassword } from './refusals.ts';

export interface User {
  readonly name: string;
  readonly password: string;
}

/**
 * Whether the caller named the one user that there is; where there is none, everybody may do everything, as on an
 * insecure server.
 * @throws Refusal for a wrong name or password (golden 13)
 */
export function isKnown(user: User | undefined, headers: Metadata): boolean {
  const [sent] = headers.get('authorization');
  if (!user || sent === undefined) return !user;
  const right = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
  if (sent !== right) throw wrongPassword();
  return true;
}
