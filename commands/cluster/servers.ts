import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { buildFerretDb } from './ferretdb.ts';
import type { ProgramSpec } from './program.ts';
import type { Settings } from './settings.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const HOST = '127.0.0.1';
const INSTALL_MS = 120_000;
/** Debian keeps servers here, outside the path of ordinary users. */
const PATH = `${process.env.PATH ?? ''}${delimiter}/usr/sbin`;
const env = { ...process.env, PATH };

/** A server that the nodes need, and the variable by which they find it. */
interface Server {
  readonly name: string;
  readonly variables: readonly string[];
  /** Makes its folder ready. @returns its programs, in the order of their start, and the values of its variables */
  prepare(folder: string, settings: Settings): Promise<{ programs: ProgramSpec[]; urls: Record<string, string> }>;
}

/** Servers that no variable names, for a data folder. */
export const missingServers = (given: NodeJS.ProcessEnv): Server[] =>
  servers.filter(({ variables }) => !variables.some(name => given[name]));

const nats: Server = {
  name: 'nats',
  variables: ['NATS_URL'],
  async prepare(folder, { ports, password }) {
    requireProgram('nats-server', 'nats-server', 'NATS_URL');
    const file = join(folder, 'nats.conf');
    writeFileSync(file, `listen: "${HOST}:${ports.nats}"\nauthorization { user: zipbob, password: "${password}" }\n`, {
      mode: 0o600,
    });
    return {
      programs: [server('nats', ['nats-server', '-c', file], ports.nats!)],
      urls: { NATS_URL: `nats://zipbob:${password}@${HOST}:${ports.nats}` },
    };
  },
};

const eventStore: Server = {
  name: 'eventstore',
  variables: ['EVENTSTORE_URL'],
  async prepare(folder, { ports }) {
    const program = join(ROOT, 'test/eventstoredb/server.ts');
    const args = [program, '--db', join(folder, 'eventstore.db'), '--port', String(ports.eventstore)];
    return {
      programs: [server('eventstore', [process.execPath, ...args], ports.eventstore!)],
      urls: { EVENTSTORE_URL: `esdb://${HOST}:${ports.eventstore}?tls=false` },
    };
  },
};

const mariaDb: Server = {
  name: 'mariadb',
  variables: ['MARIADB_URL', 'MARIADB_KEYS_URL'],
  async prepare(folder, { ports, password }) {
    requireProgram('mariadbd', 'mariadb-server', 'MARIADB_URL and MARIADB_KEYS_URL');
    const data = join(folder, 'data');
    const own = ['--no-defaults', `--user=${userInfo().username}`, `--datadir=${data}`];
    if (!existsSync(data)) {
      const socketOnly = `--auth-root-socket-user=${userInfo().username}`;
      await run('mariadb-install-db', [...own, socketOnly, '--skip-test-db', '--skip-name-resolve'], {
        env,
        timeout: INSTALL_MS,
      });
    }
    const file = join(folder, 'accounts.sql');
    writeFileSync(file, accounts(password), { mode: 0o600 });
    const port = ports.mariadb!;
    const place = [`--port=${port}`, `--bind-address=${HOST}`, `--socket=${join(folder, 's.sock')}`];
    const args = [...own, ...place, `--pid-file=${join(folder, 'pid')}`, `--init-file=${file}`, '--skip-name-resolve'];
    const url = (schema: string) => `mariadb://zipbob:${password}@${HOST}:${port}/${schema}`;
    return {
      programs: [server('mariadb', ['mariadbd', ...args, '--innodb-buffer-pool-size=64M'], port)],
      urls: { MARIADB_URL: url('zipbob'), MARIADB_KEYS_URL: url('zipbob_keys') },
    };
  },
};

/** One statement a line, as `--init-file` wants them. */
const accounts = (password: string): string =>
  [
    'CREATE DATABASE IF NOT EXISTS zipbob',
    'CREATE DATABASE IF NOT EXISTS zipbob_keys',
    `CREATE USER IF NOT EXISTS 'zipbob'@'${HOST}' IDENTIFIED BY '${password}'`,
    `GRANT ALL ON zipbob.* TO 'zipbob'@'${HOST}'`,
    `GRANT ALL ON zipbob_keys.* TO 'zipbob'@'${HOST}'`,
  ]
    .map(statement => `${statement};\n`)
    .join('');

const redis: Server = {
  name: 'redis',
  variables: ['REDIS_URL'],
  async prepare(folder, { ports, password }) {
    requireProgram('redis-server', 'redis-server', 'REDIS_URL');
    const file = join(folder, 'redis.conf');
    const lines = [`port ${ports.redis}`, `bind ${HOST}`, `dir ${folder}`, 'appendonly yes', `requirepass ${password}`];
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return {
      programs: [server('redis', ['redis-server', file], ports.redis!)],
      urls: { REDIS_URL: `redis://:${password}@${HOST}:${ports.redis}` },
    };
  },
};

/** FerretDB, which speaks MongoDB's protocol, on a PostgreSQL of its own. */
const mongoDb: Server = {
  name: 'mongodb',
  variables: ['MONGODB_URL'],
  async prepare(folder, { ports, password }) {
    const bin = postgresPrograms();
    const program = await buildFerretDb();
    // PostgreSQL refuses to run as root.
    const isRoot = process.getuid?.() === 0;
    const as = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig=TERM'] : [];
    const data = join(folder, 'data');
    const secret = join(folder, 'password');
    if (isRoot) {
      chmodSync(folder, 0o700);
      execFileSync('chown', ['postgres', folder]);
    }
    if (!existsSync(data)) {
      writeFileSync(secret, password, { mode: 0o600 });
      if (isRoot) execFileSync('chown', ['postgres', secret]);
      const initialise = [...as, join(bin, 'initdb'), '-D', data, '-U', 'zipbob', '-A', 'scram-sha-256'];
      const [command, ...args] = [...initialise, `--pwfile=${secret}`, '-E', 'UTF8', '--no-locale'];
      await run(command!, args, { cwd: '/', timeout: INSTALL_MS });
    }
    const place = ['-D', data, '-p', String(ports.postgres), '-h', HOST, '-k', folder, '-c', 'max_connections=300'];
    const [first, ...rest] = [...as, join(bin, 'postgres'), ...place] as [string, ...string[]];
    const database = `postgres://zipbob:${password}@${HOST}:${ports.postgres}/postgres?pool_max_conns=250`;
    const address = `${HOST}:${ports.mongodb}`;
    return {
      programs: [
        // SIGINT: without waiting for its clients.
        { ...server('postgres', [first, ...rest], ports.postgres!), cwd: '/', stopSignal: 'SIGINT' },
        server('mongodb', [program, '--listen', address, '--postgres', database], ports.mongodb!),
      ],
      urls: { MONGODB_URL: `mongodb://${address}/zipbob` },
    };
  },
};

const servers: readonly Server[] = [nats, eventStore, mariaDb, mongoDb, redis];

const server = (name: string, command: readonly [string, ...string[]], port: number): ProgramSpec => ({
  name,
  kind: 'server',
  command,
  env,
  ready: () => connects(port),
});

/** Resolves if a port of this machine takes connections. */
function connects(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, HOST, resolve);
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

/** @throws Error that names the package and the variable */
function requireProgram(program: string, debian: string, variables: string): void {
  if (PATH.split(delimiter).some(folder => existsSync(join(folder, program)))) return;
  throw new Error(`there is no ${program} on this machine: install ${debian}, or set ${variables} to a server`);
}

/** The folder of PostgreSQL's programs. */
function postgresPrograms(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  const found = versions.map(version => join(root, version, 'bin')).findLast(bin => existsSync(join(bin, 'initdb')));
  if (found) return found;
  throw new Error('there is no PostgreSQL on this machine: install postgresql, or set MONGODB_URL to a MongoDB');
}

/** Makes the folders of the servers. That of PostgreSQL belongs to another user, who must be able to enter the others. */
export function makeServerFolder(data: string, name: string): string {
  const folder = join(data, 'servers', name);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (process.getuid?.() === 0) for (const parent of [data, join(data, 'servers')]) chmodSync(parent, 0o711);
  return folder;
}
