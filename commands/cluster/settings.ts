import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const FILE = 'servers.json';

/** Ports and passwords of the servers of a data folder, the same at each start. */
export interface Settings {
  readonly ports: Readonly<Record<string, number>>;
  readonly password: string;
}

/** Those of an earlier start, else new ones on free ports. Only the owner may read the file. */
export async function settingsIn(folder: string, names: readonly string[]): Promise<Settings> {
  const file = join(folder, FILE);
  const before = readSettings(file);
  const ports: Record<string, number> = { ...before?.ports };
  for (const name of names) ports[name] ??= await freePort();
  const settings = { ports, password: before?.password ?? randomBytes(18).toString('hex') };
  replaceFile(file, settings);
  return settings;
}

function readSettings(file: string): Settings | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Settings;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Replaces a JSON file as a whole; only its owner may read it. */
export function replaceFile(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
