import type { Lease, Leases } from '../../core/lease.ts';
import type { Connections, Value } from '../mariadb/connections.ts';
import { isDuplicate } from '../mariadb/failures.ts';

const valuesOf = ({ holder, renewals, challenged }: Lease): Value[] => [holder ?? null, renewals, Number(challenged)];

export const leasesIn = (primary: Connections): Leases => ({
  async lease(name) {
    const [row] = await primary.query('SELECT holder, renewals, challenged FROM leases WHERE name = ?', [name]);
    if (!row) return undefined;
    const { holder, renewals, challenged } = row as { holder: string | null; renewals: number; challenged: number };
    return { holder: holder ?? undefined, renewals, challenged: challenged === 1 };
  },
  async swapLease(name, from, to) {
    if (from) {
      const swapped = await primary.execute(
        `UPDATE leases SET holder = ?, renewals = ?, challenged = ?
         WHERE name = ? AND holder <=> ? AND renewals = ? AND challenged = ?`,
        [...valuesOf(to), name, ...valuesOf(from)],
      );
      return swapped === 1;
    }
    return primary.session(async ({ execute }) => {
      try {
        return (await execute('INSERT INTO leases VALUES (?, ?, ?, ?)', [name, ...valuesOf(to)])) === 1;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    });
  },
});
