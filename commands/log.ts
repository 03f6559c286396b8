import { existsSync } from 'node:fs';
import { openLog, readLogIdentity } from '../core/log-identity.ts';
import { readConfig } from '../moleculer.config.ts';
import { takeDataFolder } from '../platform/data-folder.ts';
import { keyFile, openEventStore, openKeyStore } from '../platform/stores.ts';

/** `npm run log -- restored`: what an operator does to an event log while the server is stopped. */
const usage = `usage: npm run log -- restored
  restored   the log was put back from a backup: give it a new identity, so that every read model is built anew`;

async function restored(): Promise<void> {
  const { locations } = readConfig();
  const folder = takeDataFolder(locations.folder);
  const store = openEventStore(locations);
  try {
    if (!(await readLogIdentity(store)) || !existsSync(keyFile(locations))) {
      throw new Error(`there is no event log with its keys in ${locations.folder}`);
    }
    const keys = openKeyStore(locations);
    const logId = await openLog(store, keys.identity, { renew: true });
    await keys.close();
    console.log(`the log is now ${logId}; start the server, and the read models are built anew`);
  } finally {
    await store.close();
    folder.release();
  }
}

try {
  if (process.argv[2] !== 'restored') throw new Error(usage);
  await restored();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
