import { openLog } from '../core/log-identity.ts';
import { openEventStore, openKeyStore } from '../stores/open.ts';
import { type Households, record } from './households.ts';

/** A data folder in which these households have lived, and whose views are still to be built. */
export async function dataFolder(folder: string, households: Households, facts: number): Promise<void> {
  const locations = { folder };
  const keys = await openKeyStore(locations);
  const store = await openEventStore(locations);
  await openLog(store, keys.identity);
  await record(store, households, facts);
  await store.close();
  await keys.close();
}
