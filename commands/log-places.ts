import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { takeDataFolder } from '../platform/data-folder.ts';
import { faultIn } from '../stores/event-log/eventstoredb/connection-string.ts';
import { LOG_FILE, type Locations, logFile, logPlace } from '../stores/open.ts';

/** Time for a server that is being stopped to end. */
const WAIT_MS = 2000;

/**
 * The log named by the operator: a connection string, a data folder or the log.db in one.
 * @param configured the log of the settings, which is the default
 * @throws Error if it is none of these
 */
export function locate(given: string | undefined, configured: Locations): Locations {
  if (given === undefined) return configured;
  // An invalid connection string is caught here too, because it may hold a password, which no message may repeat.
  if (/^[a-z+]{2,}:/i.test(given)) {
    const fault = faultIn(given);
    if (fault) throw new Error(`the address of the log ${fault}`);
    return { ...configured, eventStoreUrl: given };
  }
  if (basename(given) === LOG_FILE) return { folder: dirname(given) };
  const isFolder = existsSync(given) ? statSync(given).isDirectory() : extname(given) === '';
  if (!isFolder) throw new Error(`${given} is neither a data folder nor the log.db in one`);
  return { folder: given };
}

/** @throws Error if there is no log, because opening it would create one */
export function requireLog(locations: Locations): void {
  if (locations.eventStoreUrl === undefined && !existsSync(logFile(locations))) {
    throw new Error(`there is no event log at ${logPlace(locations)}`);
  }
}

/**
 * Locks the data folders of these logs against servers. A log outside any folder stands for the folder of the settings.
 * @throws Error if a server runs on one of them
 */
export function takeFolders(...logs: readonly Locations[]): { release(): void } {
  const folders = logs.flatMap(({ folder, eventStoreUrl }) =>
    folder !== undefined && (eventStoreUrl === undefined || existsSync(folder)) ? [resolve(folder)] : [],
  );
  const locks: { release(): void }[] = [];
  const release = () => {
    for (const lock of locks.splice(0)) lock.release();
  };
  try {
    for (const folder of new Set(folders)) locks.push(takeDataFolder(folder, WAIT_MS));
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}
