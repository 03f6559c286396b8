import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { freePort } from './free-port.ts';
import { scratchFolder } from './programs.ts';
import { ServerProcess } from './server-process.ts';

/** A MongoDB that is there already: tests that start no server of their own run on databases of their own there. */
const given = process.env.MONGODB_URL;
const SOURCE = join(import.meta.dirname, '../mongodb/server');
const BUILT = join(import.meta.dirname, '../../node_modules/.cache/zipbob-mongodb');
const LEAST_GO = 24;
const PING_MS = 2000;

const postgres = ['/usr/lib/postgresql', '/usr/local/pgsql']
  .flatMap(root => (existsSync(root) ? readdirSync(root).map(name => join(root, name, 'bin')) : []))
  .findLast(bin => existsSync(join(bin, 'initdb')));
const go = ['go', '/usr/local/go/bin/go'].find(isRecent);

function isRecent(command: string): boolean {
  const { stdout } = spawnSync(command, ['version'], { encoding: 'utf8' });
  return Number(/go1\.(\d+)/.exec(stdout ?? '')?.[1]) >= LEAST_GO;
}

/** Why there is no server to start, if so. */
export const noMongo = !postgres
  ? 'no PostgreSQL on this machine: apt-get install postgresql'
  : !go
    ? `no Go 1.${LEAST_GO} or later on this machine, with which FerretDB is built: https://go.dev/dl`
    : false;
/** Why there is nothing to test with, if so. */
export const skip = given === undefined ? noMongo : false;
export const isFerret = given === undefined;
export const serverName = given === undefined ? 'FerretDB 1.24.2' : 'the MongoDB of MONGODB_URL';
if (noMongo) console.error(`NOT TESTED, ${given === undefined ? 'MongoDB' : 'faults of MongoDB'}: ${noMongo}`);

export interface MongoServer {
  readonly url: string;
  readonly port: number;
  /** kill -9; what it holds stays */
  kill(): Promise<void>;
  /** again, on the same port and database, after `kill` */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** A server of the test's own, gone when the test ends: FerretDB on a PostgreSQL. The first build takes minutes. */
export async function startMongo(t: { after(end: () => Promise<void>): void }): Promise<MongoServer> {
  const program = await build();
  const database = await startPostgres(t);
  const port = await freePort();
  const url = `mongodb://127.0.0.1:${port}/`;
  const ping = () => withMongo(url, client => client.db('admin').command({ ping: 1 }));
  const command = [program, '--listen', `127.0.0.1:${port}`, '--postgres', database] as const;
  const server = new ServerProcess([...command], ping);
  t.after(server.kill);
  await server.start();
  return {
    url,
    port,
    kill: server.kill,
    start: () => server.start(),
    freeze: server.freeze,
    thaw: server.thaw,
  };
}

/** The program, built where its source has changed. */
async function build(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.sum']) hash.update(readFileSync(join(SOURCE, name)));
  const program = join(BUILT, `server-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  mkdirSync(BUILT, { recursive: true });
  const part = `${program}.${process.pid}`;
  await promisify(execFile)(go!, ['build', '-trimpath', '-o', part, '.'], { cwd: SOURCE });
  renameSync(part, program);
  return program;
}

/** @returns its URL */
async function startPostgres(t: { after(end: () => Promise<void>): void }): Promise<string> {
  const folder = scratchFolder();
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  if (isRoot) {
    chmodSync(folder, 0o755);
    execFileSync('chown', ['postgres', folder]);
  }
  const data = join(folder, 'data');
  const [initdb, ...initialise] = [...as, join(postgres!, 'initdb'), '-D', data, '-U', 'zipbob', '-A', 'trust'];
  await promisify(execFile)(initdb!, [...initialise, '-E', 'UTF8', '--no-locale', '--no-sync'], { cwd: '/' });
  const port = await freePort();
  const place = ['-D', data, '-p', String(port), '-k', folder, '-F', '-c', 'max_connections=300'];
  const server = new ServerProcess([...as, join(postgres!, 'postgres'), ...place] as [string, ...string[]], () =>
    promisify(execFile)(join(postgres!, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]),
  );
  t.after(async () => {
    await server.stop('SIGINT'); // without waiting for its clients
    rmSync(folder, { recursive: true, force: true });
  });
  await server.start();
  // FerretDB hangs where one command replaces more rows than it may have connections.
  return `postgres://zipbob@127.0.0.1:${port}/postgres?pool_max_conns=250`;
}

/** The server of a suite: its URL, once the suite runs. */
export function suiteMongo(): () => string {
  const ends: (() => Promise<void>)[] = [];
  let url = given;
  before(async () => {
    url ??= (await startMongo({ after: end => ends.push(end) })).url;
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return () => url!;
}

let count = 0;

/** The URL of a database of its own. */
export function ownDatabase(url: string): { readonly url: string; drop(): Promise<unknown> } {
  const name = `zipbob_test_${process.pid}_${count++}`;
  const own = url.replace(/^([^?]*\/\/[^/?]*)\/?[^/?]*/, `$1/${name}`);
  return { url: own, drop: () => withMongo(own, client => client.db(name).dropDatabase()) };
}

export async function withMongo<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: PING_MS });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
