import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { copyKeys, type KeyEntries } from '../core/keys/copy.ts';
import { readConfig } from '../moleculer.config.ts';
import { messageOf, printable } from '../platform/printable.ts';
import { faultIn } from '../stores/mariadb/url.ts';
import { hasKeys, keyFile, keyPlace, type Locations, openKeyEntries, withoutLogin } from '../stores/open.ts';
import { takeFolders } from './log-places.ts';

/** `npm run keys -- copy`: moves the key store. */
const usage = `usage: npm run keys -- copy [--from KEYS] [--to KEYS]
  copy all keys into an empty key store, or go on with a copy that was interrupted, and compare both
KEYS is a data folder, the keys.db in one, or mariadb://...; where none is given, the keys of the settings.
Stop the server first.`;

class BadUsage extends Error {}

/**
 * The key store that the operator means.
 * @param settings the one that is meant where nothing is given
 * @throws Error where it is none
 */
function locate(given: string | undefined, settings: Locations): Locations {
  if (given === undefined) return settings;
  // Also one that is not quite right: it may hold a password, which no message is to repeat.
  if (/^[a-z+]{2,}:/i.test(given)) {
    const fault = faultIn(given);
    if (fault) throw new Error(`the URL of a key store ${fault}`);
    return { folder: settings.folder, mariaDbKeysUrl: given };
  }
  if (basename(given) === basename(keyFile(settings))) return { folder: dirname(given) };
  const isFolder = existsSync(given) ? statSync(given).isDirectory() : extname(given) === '';
  if (!isFolder) throw new Error(`${given} is neither a data folder nor the keys.db in one`);
  return { folder: given };
}

async function copy(from: string | undefined, to: string | undefined): Promise<void> {
  if (from === undefined && to === undefined) throw new BadUsage();
  const settings = readConfig().locations;
  const [source, target] = [locate(from, settings), locate(to, settings)];
  if (identify(source) === identify(target)) throw new Error(`${keyPlace(source)} cannot be copied into itself`);
  const folders = takeFolders(source, target);
  try {
    if (!(await hasKeys(source))) throw new Error(`there are no keys in ${keyPlace(source)}`);
    const { keys, erased } = await using(source, entries => using(target, into => copyKeys(entries, into)));
    console.log(
      printable(`${keys} keys and ${erased} tombstones are in ${keyPlace(target)}, compared with ${keyPlace(source)}`),
    );
    const next = target.mariaDbKeysUrl === undefined ? 'without MARIADB_KEYS_URL' : 'with MARIADB_KEYS_URL set to it';
    console.log(
      printable(`start ${next}; then destroy ${keyPlace(source)}: a key that is forgotten now lives on there`),
    );
  } finally {
    folders.release();
  }
}

const identify = ({ folder, mariaDbKeysUrl }: Locations): string => mariaDbKeysUrl ?? resolve(folder);

async function using<T>(locations: Locations, work: (entries: KeyEntries) => Promise<T>): Promise<T> {
  const entries = await openKeyEntries(locations);
  try {
    return await work(entries);
  } finally {
    await entries.close();
  }
}

/** @throws BadUsage */
function read(args: string[]): { from?: string; to?: string } {
  try {
    const options = { from: { type: 'string' }, to: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length === 1 && positionals[0] === 'copy') return values;
  } catch {
    // Not one of our options.
  }
  throw new BadUsage();
}

try {
  const { from, to } = read(process.argv.slice(2));
  await copy(from, to);
} catch (error) {
  if (error instanceof BadUsage) console.error(usage);
  else console.error(withoutLogin(messageOf(error)));
  process.exit(1);
}
