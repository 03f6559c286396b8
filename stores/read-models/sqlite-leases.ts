import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from '../../core/lease.ts';

export const LEASES = `
  CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT, renewals INTEGER NOT NULL, challenged INTEGER NOT NULL) STRICT, WITHOUT ROWID;`;

export type RawLease = { holder: string | null; renewals: number; challenged: number };

export const leaseOf = ({ holder, renewals, challenged }: RawLease): Lease => ({
  holder: holder ?? undefined,
  renewals,
  challenged: challenged === 1,
});

/** Compare-and-swap of a whole lease row. The caller runs it in a transaction. */
export function swapLease(db: DatabaseSync, name: string, from: Lease | undefined, to: Lease): boolean {
  const values = ({ holder, renewals, challenged }: Lease) => [holder ?? null, renewals, Number(challenged)];
  const swapped = from
    ? db
        .prepare(
          `UPDATE leases SET holder = ?, renewals = ?, challenged = ?
           WHERE name = ? AND holder IS ? AND renewals = ? AND challenged = ?`,
        )
        .run(...values(to), name, ...values(from))
    : db.prepare('INSERT INTO leases VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING').run(name, ...values(to));
  return swapped.changes === 1;
}
