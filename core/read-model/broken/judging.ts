import type { Run } from '../contract.ts';
import type { ReadModels } from '../port.ts';
import { emptyShared, MemoryReadModels, type Shared } from './memory.ts';

/** Opens a handle on a store. */
export type Make = (shared: Shared) => ReadModels;

/** Titles of the cases that a store fails. */
export async function failures(
  cases: ReadonlyMap<string, Run>,
  make: Make = shared => new MemoryReadModels(shared),
): Promise<string[]> {
  const failed: string[] = [];
  for (const [title, run] of cases) {
    const shared = emptyShared();
    const handles: ReadModels[] = [];
    const another = async () => {
      const handle = make(shared);
      handles.push(handle);
      return handle;
    };
    const close = async () => {
      for (const handle of handles) await handle.close();
    };
    try {
      await run(async () => ({ models: await another(), reopen: another, close }));
    } catch {
      failed.push(title);
    }
  }
  return failed;
}
