import type { Metadata } from '@grpc/grpc-js';
import type { Node, User } from './node.ts';
import { notLeader, unimplemented, wrongPassword } from './refusals.ts';

/**
 * Whether the caller sent the credentials of the server's one user. A server without a user accepts every caller, like
 * an insecure one.
 * @throws Refusal for a wrong name or password (golden 13)
 */
export function isKnown(user: User | undefined, headers: Metadata): boolean {
  const [sent] = headers.get('authorization');
  if (!user || sent === undefined) return !user;
  const right = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
  if (sent !== right) throw wrongPassword();
  return true;
}

/**
 * Makes a follower redirect calls that require the leader (golden 14).
 * @throws Refusal on a follower
 */
export function requireLeader({ counters, leader }: Node, headers: Metadata): void {
  const isWanted = headers.get('requires-leader').includes('true');
  if (isWanted) counters.add('for-leader');
  if (!leader) return;
  throw isWanted ? notLeader(leader.host, leader.port) : unimplemented('a call to a follower');
}
