import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from './free-port.ts';

const START_MS = 60_000;
const PAUSE_MS = 50;
const PATH = `${process.env.PATH ?? ''}${delimiter}/usr/sbin`;
/** Debian keeps servers in a folder that is in no user's path. */
export const isInstalled = PATH.split(delimiter).some(folder => existsSync(join(folder, 'mariadbd')));

export interface MariaDbOptions {
  /** more of the server's own arguments, such as `--log-bin` */
  readonly args?: readonly string[];
  /** of the server's own data folder; by default in memory where there is room for it */
  readonly folder?: string;
}

export const WITH_BINLOG = { args: ['--log-bin=binlog', '--server-id=1'] };

/** A private server whose account `root` has no password. */
export interface MariaDb {
  readonly port: number;
  readonly folder: string;
  readonly process: ChildProcess;
  /** of an account in a schema; of `root` where none is named */
  url(schema: string, user?: string, password?: string): string;
  /** Runs statements as an account that may do anything. */
  run(...statements: string[]): Promise<readonly Record<string, unknown>[]>;
  /** SIGTERM, and waits for its end. The data stays until the test file ends. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** on the same port and data */
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** One that lasts until it is ended. */
export interface PrivateMariaDb extends MariaDb {
  /** kill -9, and removes its data */
  end(): Promise<void>;
}

/** Starts a private server on a free port. @throws Error with what it wrote where it does not start */
export async function startServer({ args = [], folder: where }: MariaDbOptions = {}): Promise<PrivateMariaDb> {
  const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = where ?? mkdtempSync(join(memory, 'zipbob-mariadb-'));
  const data = join(folder, 'data');
  const own = ['--no-defaults', `--user=${userInfo().username}`, `--datadir=${data}`, '--innodb-log-file-size=8M'];
  const normal = '--auth-root-authentication-method=normal';
  await promisify(execFile)('mariadb-install-db', [...own, normal, '--skip-test-db', '--skip-name-resolve'], {
    env: { ...process.env, PATH },
    timeout: START_MS,
  });
  const port = await freePort();
  const all = [
    ...own,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 's.sock')}`,
    `--pid-file=${join(folder, 'pid')}`,
    ...['--skip-name-resolve', '--innodb-buffer-pool-size=32M', '--performance-schema=OFF'],
    ...args,
  ];
  let child = await started(all, port);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await once(child, 'exit');
  };
  // Also where a test gives up, and nothing else ends the server.
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = (schema: string, user = 'root', password = '') =>
    `mariadb://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${schema}`;
  return {
    port,
    folder,
    get process() {
      return child;
    },
    url,
    run: (...statements) => running({ host: '127.0.0.1', port, user: 'root' }, statements),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      child = await started(all, port);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async end() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function started(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn('mariadbd', args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PATH } });
  let written = '';
  child.stderr!.on('data', data => {
    written += String(data);
  });
  for (const end = performance.now() + START_MS; performance.now() < end && child.exitCode === null; ) {
    try {
      const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
      await connection.end();
      return child;
    } catch {
      await setTimeout(PAUSE_MS);
    }
  }
  child.kill('SIGKILL');
  throw new Error(`mariadbd does not start: ${written}`);
}

/** Runs statements on one connection; resolves to the rows of the last. */
export async function running(
  place: { host: string; port: number; user: string; password?: string },
  statements: readonly string[],
): Promise<readonly Record<string, unknown>[]> {
  const connection: Connection = await createConnection(place);
  try {
    let rows: unknown;
    for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows as Record<string, unknown>[];
  } finally {
    await connection.end();
  }
}
