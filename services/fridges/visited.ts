import type { Role } from '../../events/fridge.ts';
import type { fridges } from '../../projections/fridges.ts';

export type FridgeRow = NonNullable<ReturnType<(typeof fridges)['fold']>>;

/** A fridge, for one of its members. */
export type Visited = Omit<FridgeRow, 'members' | 'places'> & {
  readonly places: FridgeRow['places'][number][];
  readonly role: Role;
};

/** The fridge of a row, if it exists and the member belongs to it. */
export function visitedBy(memberId: string, row: FridgeRow | undefined): Visited | undefined {
  const role = row?.members.find(member => member.memberId === memberId)?.role;
  if (!row || !role) return undefined;
  const { members: _, places, ...settings } = row;
  return { ...settings, places: [...places], role };
}
