import { type ChildProcess, type ChildProcessWithoutNullStreams, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { useLog } from './event-log.ts';
import { schemasOf } from './on-mariadb.ts';
import { COMPILE_CACHE, cramped } from './programs.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHEAP_PASSWORDS = join(import.meta.dirname, 'cheap-passwords.mjs');
const START_MS = 60_000;

export interface Running {
  readonly url: string;
  readonly process: ChildProcess;
  /** sends SIGTERM, and resolves with the exit code */
  stop(): Promise<number | null>;
  /** kill -9 */
  kill(): Promise<void>;
}

export interface Launch {
  readonly extra?: Record<string, string>;
  readonly options?: SpawnOptions;
  /** limit for the size of any one file */
  readonly bytes?: number;
}

export interface Launched {
  readonly child: ChildProcessWithoutNullStreams;
  /** the exit code, once the program has ended and its log is at rest */
  readonly ended: Promise<number | null>;
}

/** Starts one of our programs on a data folder, with the log of this test run (`event-log.ts`) and a clean environment. */
export async function launch(
  folder: string,
  program: readonly string[],
  { extra = {}, options = {}, bytes }: Launch = {},
): Promise<Launched> {
  const log = extra.EVENTSTORE_URL === undefined ? await useLog(folder, bytes) : undefined;
  const place = { ZIPBOB_DATA: folder, ZIPBOB_PORT: '0', ...(log?.url !== undefined && { EVENTSTORE_URL: log.url }) };
  const own = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const env = { ...own, ...place, ...(await schemasOf(folder)), ...extra };
  const whole = ['--import', CHEAP_PASSWORDS, ...program];
  const [command, ...args] = bytes ? cramped(bytes, whole) : [process.execPath, ...whole];
  const child = spawn(command!, args, { ...options, cwd: ROOT, env, stdio: 'pipe' });
  const ended = once(child, 'exit').then(async ([code]) => {
    await log?.release();
    return code as number | null;
  });
  return { child, ended };
}

/** Starts the real program on a data folder and a free port. @throws Error with its output if it does not start */
export async function startZipBob(folder: string, extra: Record<string, string> = {}): Promise<Running> {
  return await started(await launch(folder, ['start.ts'], { extra }));
}

/** The same with a limit for the size of any one file, which the program sees as a full disk. */
export async function startCramped(folder: string, bytes: number): Promise<Running> {
  return await started(await launch(folder, ['start.ts'], { bytes }));
}

async function started({ child, ended }: Launched): Promise<Running> {
  const output: string[] = [];
  child.stderr.on('data', data => output.push(String(data)));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  for await (const line of createInterface(child.stdout)) {
    output.push(line);
    if (!line.startsWith('ready ')) continue;
    clearTimeout(timer);
    child.stdout.resume();
    return {
      url: line.slice('ready '.length),
      process: child,
      async stop() {
        child.kill('SIGTERM');
        return await ended;
      },
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  clearTimeout(timer);
  throw new Error(`ended with ${await ended}: ${output.join('\n')}`);
}
