import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { faultIn } from '../stores/mariadb/url.ts';
import { KEY_FILE, type Locations } from '../stores/open.ts';

/**
 * The key store that the operator named.
 * @param configured the one of the settings, if none is named
 * @throws Error if it is none
 */
export function locateKeys(given: string | undefined, configured: Locations): Locations {
  if (given === undefined) return configured;
  // An invalid URL is caught here too, because it may hold a password, which no message may repeat.
  if (/^[a-z+]{2,}:/i.test(given)) {
    const fault = faultIn(given);
    if (fault) throw new Error(`the URL of a key store ${fault}`);
    return { ...configured, mariaDbKeysUrl: given };
  }
  if (basename(given) === KEY_FILE) return { folder: dirname(given) };
  const isFolder = existsSync(given) ? statSync(given).isDirectory() : extname(given) === '';
  if (!isFolder) throw new Error(`${given} is neither a data folder nor the ${KEY_FILE} in one`);
  return { folder: given };
}
