import type { Projection } from '../core/projection.ts';
import type { ReadModels } from '../core/read-model/port.ts';
import { type Locations, openReadModels } from './open.ts';

type Stores = Readonly<Record<Projection['store'], ReadModels>>;

/** Read models for a node that only reads them: the projector's thread fills them through handles of its own. */
export async function openViews(locations: Locations): Promise<{ readonly stores: Stores; close(): Promise<void> }> {
  const writing = await openReadModels(locations); // creates what is missing, which a reader cannot
  try {
    for (const models of new Set(Object.values(writing))) await models.prepare?.();
  } finally {
    await closeAll(writing);
  }
  const stores = await openReadModels(locations, { readOnly: true });
  return {
    stores,
    async close() {
      await closeAll(stores);
      // Only a writing connection checkpoints a write-ahead log into its file when it closes last. If that fails, the
      // other stores are still closed, and the next start reports the file.
      await openReadModels(locations).then(closeAll, () => {});
    },
  };
}

async function closeAll(stores: Stores): Promise<void> {
  for (const models of new Set(Object.values(stores))) await models.close();
}
