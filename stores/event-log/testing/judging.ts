import type { Wrap } from '../../../core/event-store/contract/tools.ts';
import { cases } from '../../../core/event-store/contract.ts';
import { inFile, inMemory } from './open-sqlite.ts';

/** The named cases that a store fails. A case runs in memory if it can, because files are slow. */
export async function failures(titles: Iterable<string>, wrap?: Wrap): Promise<string[]> {
  const failed: string[] = [];
  for (const title of titles) {
    const run = cases.get(title)!;
    try {
      const skipped = await run(() => inMemory(wrap));
      if (skipped) await run(() => inFile(wrap));
    } catch {
      failed.push(title);
    }
  }
  return failed;
}
