import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { takeDataFolder } from '../platform/data-folder.ts';
import { faultIn } from '../stores/event-log/eventstoredb/connection-string.ts';
import { LOG_FILE, type Locations, logFile, logPlace } from '../stores/open.ts';

/** A server that is being stopped is gone by then. */
const WAIT_MS = 2000;

/**
 * The log that the operator means: a connection string, a data folder or the log.db in one.
 * @param configured the log of the settings, meant where nothing is given
 * @throws Error where it is none of these
 */
export function locate(given: string | undefined, configured: Locations): Locations {
  if (given === undefined) return configured;
  // Also one that is not quite right: it may hold a password, which no message is to repeat.
  if (/^[a-z+]{2,}:/i.test(given)) {
    const fault = faultIn(given);
    if (fault) throw new Error(`what names the log ${fault}`);
    return { ...configured, eventStoreUrl: given };
  }
  if (basename(given) === LOG_FILE) return { folder: dirname(given) };
  const isFolder = existsSync(given) ? statSync(given).isDirectory() : extname(given) === '';
  if (!isFolder) throw new Error(`${given} is neither a data folder nor the log.db in one`);
  return { folder: given };
}

/** @throws Error where there is nothing to read: opening it would make a new one */
export function requireLog(locations: Locations): void {
  if (locations.eventStoreUrl === undefined && !existsSync(logFile(locations))) {
    throw new Error(`there is no event log at ${logPlace(locations)}`);
  }
}

/**
 * Keeps servers away from the data folders of these logs. That of the settings stands for a log that is in no folder.
 * @throws Error where a server runs on one
 */
export function takeFolders(...logs: readonly Locations[]): { release(): void } {
  const folders = logs.flatMap(({ folder, eventStoreUrl }) =>
    folder !== undefined && (eventStoreUrl === undefined || existsSync(folder)) ? [resolve(folder)] : [],
  );
  const taken: { release(): void }[] = [];
  const release = () => {
    for (const folder of taken.splice(0)) folder.release();
  };
  try {
    for (const folder of new Set(folders)) taken.push(takeDataFolder(folder, WAIT_MS));
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}
