import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from './free-port.ts';

/** MARIADB_URL: the tests that need no server of their own run on this one; its account must be allowed to make schemas. */
const given = process.env.MARIADB_URL;
const START_MS = 60_000;
const PAUSE_MS = 50;
const PATH = `${process.env.PATH ?? ''}${delimiter}/usr/sbin`;
const isInstalled = PATH.split(delimiter).some(folder => existsSync(join(folder, 'mariadbd')));

/** Why suites on MariaDB are skipped, if they are. */
export const noMariaDb = {
  skip:
    !isInstalled &&
    given === undefined &&
    'there is no mariadbd: apt-get install mariadb-server, or set MARIADB_URL to a server',
};
/** The same for suites that stop, freeze or configure their server. */
export const noOwnMariaDb = { skip: !isInstalled && 'there is no mariadbd: apt-get install mariadb-server' };
if (noMariaDb.skip) console.warn(`SKIPPED: ${noMariaDb.skip}`);

/** For names of tests: which server they saw. */
export const SERVER = given === undefined ? 'a private mariadbd' : 'the server of MARIADB_URL';

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

let shared: Promise<MariaDb> | undefined;
let schemas = 0;
const ends: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** One server for all tests of a file, or the one of MARIADB_URL. */
export function sharedMariaDb(): Promise<Pick<MariaDb, 'url' | 'run'>> {
  if (given !== undefined) return Promise.resolve(elsewhere(given));
  shared ??= startMariaDb();
  return shared;
}

/** An empty schema on the shared server, by its URL. */
export async function emptySchema(): Promise<{ url: string; schema: string; drop(): Promise<void> }> {
  const { url, run } = await sharedMariaDb();
  const schema = `zipbob_test_${process.pid}_${++schemas}`;
  await run(`CREATE DATABASE ${schema}`);
  return {
    url: url(schema),
    schema,
    drop: async () => void (await run(`DROP DATABASE IF EXISTS ${schema}`)),
  };
}

/** Starts a private server, which ends with the test file. @throws Error with what it wrote where it does not start */
export async function startMariaDb({ args = [], folder: where }: MariaDbOptions = {}): Promise<MariaDb> {
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
  ends.push(async () => {
    await end('SIGKILL');
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
  };
}

/** A replica of a server that was started with `WITH_BINLOG`. */
export async function startReplica(primary: MariaDb): Promise<MariaDb> {
  const replica = await startMariaDb({ args: ['--server-id=2', '--read-only=1'] });
  await replica.run(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port}, MASTER_USER = 'root',
     MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos`,
    'START SLAVE',
  );
  return replica;
}

/** Resolves when a replica has done all that its primary has. */
export async function caughtUp(primary: MariaDb, replica: MariaDb): Promise<void> {
  const [row] = await primary.run('SELECT @@gtid_binlog_pos AS place');
  const [waited] = await replica.run(`SELECT MASTER_GTID_WAIT('${row!.place}', 30) AS result`);
  if (waited!.result !== 0) throw new Error('the replica does not catch up');
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

function elsewhere(url: string): Pick<MariaDb, 'url' | 'run'> {
  const { hostname, port, username, password } = new URL(url);
  const place = {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  return {
    url(schema, user, secret) {
      const other = new URL(url);
      other.pathname = `/${schema}`;
      if (user !== undefined) [other.username, other.password] = [user, secret ?? ''];
      return other.href;
    },
    run: (...statements) => running(place, statements),
  };
}

async function running(
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
