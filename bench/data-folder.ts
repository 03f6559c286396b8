import { openLog } from '../core/log-identity.ts';
import { openEventStore, openKeyStore } from '../stores/open.ts';
import { type Households, record } from './households.ts';

/** A data folder with the facts of these households, whose views are not built yet. */
export async function dataFolder(folder: string, households: Households, facts: number): Promise<void> {
  const locations = { folder };
  const keys = await openKeyStore(locations);
  const store = await openEventStore(locations);
  await openLog(store, keys.identity);
  await record(store, households, facts);
  await store.close();
  await keys.close();
}
