import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { EventStore } from '../core/event-store/port.ts';
import { copyLog, type Origin, originOf, type Progress } from '../core/log-copy.ts';
import { readLogFile, writeLogFile } from '../core/log-file.ts';
import { openLog, readLogIdentity } from '../core/log-identity.ts';
import { readConfig } from '../moleculer.config.ts';
import { messageOf, printable } from '../platform/printable.ts';
import { keysExist, type Locations, logPlace, openEventStore, openKeyStore, withoutLogin } from '../stores/open.ts';
import { locate, requireLog, takeFolders } from './log-places.ts';

/** `npm run log -- ...`: the operator's tools for an event log. */
const usage = `usage: npm run log -- restored
       npm run log -- copy [--from LOG] [--to LOG]
       npm run log -- export [--from LOG] --to FILE
       npm run log -- import --from FILE [--to LOG]
  restored   the log was restored from a backup: give it a new identity, so that every read model is rebuilt
  copy       copy all facts into an empty log, or resume an interrupted copy
  export     write all facts to a new file (JSON lines, gzip)
  import     the same as copy, from such a file
LOG is a data folder, the log.db in one, or esdb://...; the default is the log of the settings.
Stop the server first. Only export may run beside it: it writes the facts that exist when it starts.`;

class BadUsage extends Error {}

/** Names of files and folders and ids of logs are foreign input, so control characters are escaped. */
const print = (line: string) => console.log(printable(line));

const PROGRESS_MS = 1000;
let shown = performance.now();
const onProgress: Progress = (step, count) => {
  if (performance.now() - shown < PROGRESS_MS) return;
  shown = performance.now();
  print(`${count} facts ${step}`);
};

async function restored({ settings }: Given): Promise<void> {
  const folders = takeFolders(settings);
  const store = await openEventStore(settings);
  try {
    if (!(await readLogIdentity(store)) || !keysExist(settings)) {
      throw new Error(`there is no event log with its keys in ${settings.folder ?? logPlace(settings)}`);
    }
    const keys = await openKeyStore(settings);
    const logId = await openLog(store, keys.identity, { renew: true });
    await keys.close();
    print(`the log is now ${logId}; start the server, which rebuilds the read models`);
  } finally {
    await store.close();
    folders.release();
  }
}

async function copy({ from, to, settings }: Given): Promise<void> {
  if (from === undefined && to === undefined) throw new BadUsage();
  const [source, target] = [locate(from, settings), locate(to, settings)];
  requireLog(source);
  if (placeOf(source) === placeOf(target)) throw new Error(`${logPlace(source)} cannot be copied into itself`);
  const folders = takeFolders(source, target);
  try {
    await withOrigin(source, origin => copyInto(target, origin));
  } finally {
    folders.release();
  }
  print(`do not use ${logPlace(source)} any more: facts added to it now are not in the copy`);
}

async function exportLog({ from, to, settings }: Given): Promise<void> {
  if (to === undefined) throw new BadUsage();
  const source = locate(from, settings);
  requireLog(source);
  await withOrigin(source, async origin => {
    const { count } = await writeLogFile(to, origin, onProgress);
    print(`${count} facts of the log ${origin.logId} are in ${to}; the keys are not: back up keys.db separately`);
  });
}

async function importLog({ from, to, settings }: Given): Promise<void> {
  if (from === undefined) throw new BadUsage();
  const target = locate(to, settings);
  const origin = await readLogFile(from, onProgress);
  const folders = takeFolders(target);
  try {
    await copyInto(target, origin);
  } finally {
    folders.release();
  }
}

const placeOf = ({ folder, eventStoreUrl }: Locations): string => eventStoreUrl ?? resolve(folder ?? '');

async function withOrigin(source: Locations, work: (origin: Origin) => Promise<void>): Promise<void> {
  const store = await openEventStore(source);
  try {
    await store.head(); // fails with a better message than the calls after it
    const origin = await originOf(store).catch(error => {
      throw new Error(`${logPlace(source)}: ${error.message}`, { cause: error });
    });
    await work(origin);
  } finally {
    await store.close();
  }
}

async function copyInto(target: Locations, origin: Origin): Promise<void> {
  const store: EventStore = await openEventStore(target);
  try {
    const { count, logId } = await copyLog(origin, store, { onProgress });
    print(`${count} facts are in ${logPlace(target)}, in the same order and checked; this log is now ${logId}`);
  } finally {
    await store.close();
  }
  const next =
    target.eventStoreUrl === undefined ? 'start without EVENTSTORE_URL' : 'start with EVENTSTORE_URL set to it';
  print(`${next}, on a data folder with the previous keys.db; the server rebuilds the read models`);
}

interface Given {
  readonly from?: string;
  readonly to?: string;
  readonly settings: Locations;
}

const commands: Record<string, (given: Given) => Promise<void>> = {
  restored,
  copy,
  export: exportLog,
  import: importLog,
};

/** @throws BadUsage */
function read(args: string[]): { command: (given: Given) => Promise<void>; values: Omit<Given, 'settings'> } {
  try {
    const options = { from: { type: 'string' }, to: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const command = positionals.length === 1 && Object.hasOwn(commands, positionals[0]!) && commands[positionals[0]!];
    if (command && (command !== restored || Object.keys(values).length === 0)) return { command, values };
  } catch {
    // An unknown option.
  }
  throw new BadUsage();
}

try {
  const { command, values } = read(process.argv.slice(2));
  await command({ ...values, settings: readConfig().locations });
} catch (error) {
  if (error instanceof BadUsage) console.error(usage);
  else console.error(withoutLogin(messageOf(error)));
  process.exit(1);
}
