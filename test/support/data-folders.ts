import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { factsOf, LOG, onEventStore } from './event-log.ts';
import { scratchFolder } from './programs.ts';
import { launch, type Running, startZipBob } from './zipbob.ts';

const STORES = [LOG, 'keys.db', 'views.db', 'kv.db'];
const PATIENCE_MS = 20_000;

const folders: string[] = [];
const servers: Running[] = [];
after(async () => {
  await Promise.all(servers.filter(isRunning).map(server => server.kill()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const isRunning = ({ process }: Running) => process.exitCode === null && process.signalCode === null;

/** A folder that is gone after the tests of the file. */
export function ownFolder(): string {
  const folder = scratchFolder();
  folders.push(folder);
  return folder;
}

/** A server that is gone after the tests of the file, however they end. */
export async function ownServer(folder: string, extra: Record<string, string> = {}): Promise<Running> {
  const server = await startZipBob(folder, extra);
  servers.push(server);
  return server;
}

/** A copy of a stopped server's folder, each store in one file. */
export function copyOf(folder: string): string {
  const copy = ownFolder();
  cpSync(folder, copy, { recursive: true });
  settle(copy);
  return copy;
}

/** Moves what is in write-ahead logs into the stores' own files. */
export function settle(folder: string): void {
  for (const name of STORES) edit(folder, name, 'PRAGMA wal_checkpoint(TRUNCATE)');
}

/** Changes a store as no release of ours would. */
export function edit(folder: string, name: string, sql: string): void {
  if (!statSync(join(folder, name), { throwIfNoEntry: false })?.isFile()) return;
  const db = new DatabaseSync(join(folder, name));
  db.exec(sql);
  db.close();
}

/** What is in each file. Every start of an EventStoreDB leaves a trace in its own: there it is the facts that count. */
export function contents(folder: string, names: readonly string[] = readdirSync(folder)): Record<string, string> {
  const read = (name: string) =>
    onEventStore && name === LOG ? JSON.stringify(factsOf(folder)) : readFileSync(join(folder, name));
  return Object.fromEntries(names.map(name => [name, createHash('sha256').update(read(name)).digest('hex')]));
}

/** A start that ends by itself with 1, and what it told the operator: words, not a stack. */
export async function refusedStart(
  folder: string,
  extra: Record<string, string> = {},
  timeout = PATIENCE_MS,
): Promise<string> {
  const { child, ended } = await launch(folder, ['start.ts'], { extra, options: { timeout, killSignal: 'SIGKILL' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', data => {
      output += String(data);
      if (/^ready /m.test(output)) child.kill('SIGKILL');
    });
  }
  await once(child, 'close');
  const code = await ended;
  assert.equal(code, 1, `it did not end by itself with 1, but said: ${output}`);
  assert.doesNotMatch(output, /^\s+at .+:\d+/m, 'a message, not a stack');
  assert.match(output, /\S/);
  return output;
}
