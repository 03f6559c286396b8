import { parseArgs } from 'node:util';
import { readConfig } from '../moleculer.config.ts';
import { RETIRED_KEY_MS } from '../platform/access-token.ts';
import { messageOf } from '../platform/printable.ts';
import { keysExist, keysPlace, openKeyStore } from '../stores/open.ts';

/** `npm run keys -- rotate`: what an operator does to the keys. It may run beside the servers. */
const USAGE = `usage: npm run keys -- rotate [--now]
  rotate     sign access tokens with a fresh key; tokens of the keys before it stay good until they expire
  --now      refuse tokens of the keys before it at once: a signing key has become known to others`;

/** @returns whether the keys before it are refused at once; undefined where it is not one of our commands */
function read(args: string[]): { now: boolean } | undefined {
  try {
    const options = { now: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return positionals.length === 1 && positionals[0] === 'rotate' ? values : undefined;
  } catch {
    return undefined;
  }
}

try {
  const input = read(process.argv.slice(2));
  if (!input) throw new Error(USAGE);
  const { locations } = readConfig();
  if (!keysExist(locations)) throw new Error(`there is no key store at ${keysPlace(locations)}`);
  const keys = await openKeyStore(locations);
  try {
    const kid = await keys.rotateSigningKey(input.now ? 0 : RETIRED_KEY_MS);
    console.log(`access tokens are signed with the key ${kid}, by all nodes within a minute`);
    if (input.now) console.log('tokens of the keys before it are refused by all nodes within a minute');
  } finally {
    await keys.close();
  }
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
