import { isAway } from '../../core/errors.ts';
import { type Limit, limiter } from '../../platform/limiter.ts';
import type { Parts } from '../../platform/parts.ts';
import type { Route } from '../../platform/route.ts';

export const isCommand = ({ access, keyed }: Pick<Route, 'access' | 'keyed'>): boolean => access === 'member' && keyed;

/**
 * Counts the commands of members, including refused ones. While the store of the counts is away, commands are accepted.
 * @throws Problem 429 `too-many-requests`
 */
export function commandLimit(parts: Pick<Parts, 'keyValue' | 'keys'>, perHour: number) {
  const { take } = limiter(parts);
  const limit: Limit = {
    name: 'commands',
    most: perHour,
    seconds: 60 * 60,
    code: 'too-many-requests',
    what: 'commands',
  };
  return async (route: Route, member: { memberId: string } | undefined): Promise<void> => {
    if (!member || !isCommand(route)) return;
    await take(limit, member.memberId).catch(error => {
      if (!isAway(error)) throw error;
    });
  };
}
