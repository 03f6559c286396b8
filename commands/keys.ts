import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { copyKeys, type KeyEntries } from '../core/keys/copy.ts';
import { readConfig } from '../moleculer.config.ts';
import { RETIRED_KEY_MS } from '../platform/access-token.ts';
import { messageOf, printable } from '../platform/printable.ts';
import { keysExist, keysPlace, type Locations, openKeyEntries, openKeyStore, withoutLogin } from '../stores/open.ts';
import { locateKeys } from './key-places.ts';
import { takeFolders } from './log-places.ts';

/** `npm run keys`: the operator's commands for the key store. */
const usage = `usage: npm run keys -- copy [--from KEYS] [--to KEYS]
         copy all keys into an empty key store, or resume an interrupted copy, and compare both; stop the server first
       npm run keys -- rotate [--now]
         sign access tokens with a fresh key; tokens of earlier keys stay valid until they expire; may run beside servers
         --now: refuse tokens of earlier keys at once, because a signing key has become known to others
KEYS is a data folder, the keys.db in one, or mariadb://...; by default the key store of the settings.`;

class BadUsage extends Error {}

interface Input {
  readonly command: 'copy' | 'rotate';
  readonly from?: string;
  readonly to?: string;
  readonly now?: boolean;
}

/** @throws BadUsage */
function read(args: string[]): Input {
  const text = { type: 'string' } as const;
  const options = { from: text, to: text, now: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [command] = positionals;
    if (positionals.length > 1) throw new BadUsage();
    if (command === 'copy' && values.now === undefined && (values.from ?? values.to) !== undefined) {
      return { command, ...values };
    }
    if (command === 'rotate' && (values.from ?? values.to) === undefined) return { command, ...values };
  } catch {
    // Not one of our options.
  }
  throw new BadUsage();
}

async function copy(from: string | undefined, to: string | undefined): Promise<void> {
  const settings = readConfig().locations;
  const [source, target] = [locateKeys(from, settings), locateKeys(to, settings)];
  if (identify(source) === identify(target)) throw new Error(`${keysPlace(source)} cannot be copied into itself`);
  const folders = takeFolders(source, target);
  try {
    await requireKeys(source);
    const { keys, erased } = await using(source, entries => using(target, into => copyKeys(entries, into)));
    print(`${keys} keys and ${erased} tombstones are in ${keysPlace(target)}, compared with ${keysPlace(source)}`);
    const next = target.mariaDbKeysUrl === undefined ? 'without MARIADB_KEYS_URL' : 'with MARIADB_KEYS_URL set to it';
    print(`start ${next}; then destroy ${keysPlace(source)}: keys that are forgotten from now on survive there`);
  } finally {
    folders.release();
  }
}

async function rotate(keepMs: number): Promise<void> {
  const { locations } = readConfig();
  await requireKeys(locations);
  const keys = await openKeyStore(locations);
  try {
    const kid = await keys.rotateSigningKey(keepMs);
    print(`access tokens are signed with the key ${kid}, by all nodes within a minute`);
    if (keepMs === 0) print('tokens of earlier keys are refused by all nodes within a minute');
  } finally {
    await keys.close();
  }
}

/** @throws Error if there is no key store */
async function requireKeys(locations: Locations): Promise<void> {
  if (!(await keysExist(locations))) throw new Error(`there is no key store at ${keysPlace(locations)}`);
}

const identify = ({ folder, mariaDbKeysUrl }: Locations): string => mariaDbKeysUrl ?? resolve(folder ?? '');

async function using<T>(locations: Locations, work: (entries: KeyEntries) => Promise<T>): Promise<T> {
  const entries = await openKeyEntries(locations);
  try {
    return await work(entries);
  } finally {
    await entries.close();
  }
}

const print = (line: string) => console.log(printable(line));

try {
  const { command, from, to, now } = read(process.argv.slice(2));
  if (command === 'copy') await copy(from, to);
  else await rotate(now ? 0 : RETIRED_KEY_MS);
} catch (error) {
  console.error(error instanceof BadUsage ? usage : withoutLogin(messageOf(error)));
  process.exit(1);
}
