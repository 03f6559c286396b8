import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');
const START_MS = 60_000;

export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'zipbob-'));

export interface Running {
  readonly url: string;
  readonly process: ChildProcess;
  /** SIGTERM, and its exit code */
  stop(): Promise<number | null>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** The environment of a child: nothing of ours leaks in. */
export const environment = (folder: string, extra: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ZIPBOB_DATA: folder,
  ZIPBOB_PORT: '0',
  ...extra,
});

/** Starts the real program on a data folder and a free port. @throws Error with what it said where it does not start */
export async function startZipBob(folder: string, extra: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, ['start.ts'], { cwd: ROOT, env: environment(folder, extra) });
  const said: string[] = [];
  child.stderr.on('data', data => said.push(String(data)));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const exited = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (!line.startsWith('ready ')) continue;
    clearTimeout(timer);
    child.stdout.resume();
    return {
      url: line.slice('ready '.length),
      process: child,
      async stop() {
        child.kill('SIGTERM');
        return ((await exited) as [number | null])[0];
      },
      async kill() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }
  clearTimeout(timer);
  const [code] = (await exited) as [number | null];
  throw new Error(`ended with ${code}: ${said.join('\n')}`);
}

/** Runs a test on a fresh server, and leaves nothing behind. */
export async function withZipBob(work: (server: Running, folder: string) => Promise<void>): Promise<void> {
  const folder = scratchFolder();
  const server = await startZipBob(folder);
  try {
    await work(server, folder);
  } finally {
    if (server.process.exitCode === null && server.process.signalCode === null) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
