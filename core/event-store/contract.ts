import { describe, test } from 'node:test';
import { appending } from './contract/appending.ts';
import { following } from './contract/following.ts';
import { closing, sharing } from './contract/handles.ts';
import { blocking, living, unreadable } from './contract/living.ts';
import { emptiness, reading } from './contract/reading.ts';
import { resending } from './contract/resending.ts';
import { type Cases, type Opened, within } from './contract/tools.ts';

export type { Opened } from './contract/tools.ts';

/**
 * Runs a case on its own log and cleans up afterwards.
 * @returns the reason if the case cannot run on that log
 * @throws AssertionError or any other error if the case fails
 */
export type Run = (open: () => Promise<Opened>) => Promise<string | undefined>;

/** A case that takes longer counts as hanging and fails. */
const LIMIT_MS = 10_000;

const runs = (cases: Cases, lacking: (log: Opened) => string | undefined = () => undefined): [string, Run][] =>
  Object.entries(cases).map(([title, run]) => [
    title,
    async open => {
      const log = await open();
      try {
        const reason = lacking(log);
        if (reason === undefined) await within(LIMIT_MS, title, run(log));
        return reason;
      } finally {
        await log.cleanUp();
      }
    },
  ]);

/** The contract of the port, by title. */
export const cases: ReadonlyMap<string, Run> = new Map([
  ...runs({ ...appending, ...resending, ...reading, ...following, ...living, ...closing }),
  ...runs(blocking, log => (log.writeElsewhere ? undefined : 'needs another process, and this log cannot be shared')),
  ...runs(unreadable, log => (log.corrupt ? undefined : 'needs a damaged event, and none can be written to this log')),
  ...runs(emptiness, log => (log.empty ? undefined : 'needs an empty log, and this one is shared')),
  ...runs(sharing, log => (log.another ? undefined : 'needs a second handle, and this log has only one')),
]);

/** Registers every case for a store. `open` gives each case an empty log, or its own streams in a shared one. */
export function eventStoreContract(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    for (const [title, run] of cases) {
      test(title, async t => {
        const reason = await run(open);
        if (reason) t.skip(reason);
      });
    }
  });
}
