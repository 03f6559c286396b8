import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { after, before, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { scratchFolder } from './programs.ts';
import { ServerProcess } from './server-process.ts';

/** A Redis that is there already: tests that start no server of their own run on its empty databases. */
const given = process.env.REDIS_URL;
const isInstalled = spawnSync('redis-server', ['--version']).status === 0;
const HOW_TO = 'no redis-server on this machine: apt-get install redis-server';
/** Why there is no server to start, if so. */
export const noRedis = isInstalled ? false : HOW_TO;
/** Why there is nothing to test with, if so. */
export const skip = given === undefined ? noRedis : false;
export const serverName = given === undefined ? 'redis-server' : 'the Redis of REDIS_URL';
if (noRedis) console.error(`NOT TESTED, ${given === undefined ? 'Redis' : 'faults of Redis'}: ${HOW_TO}`);

const DATABASES = 16;

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** kill -9; its append-only file stays */
  kill(): Promise<void>;
  /** again, on the same port and file, after `stop` or `kill` */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Sends one command, as an operator would. */
  command(name: string, ...args: string[]): Promise<unknown>;
}

/** A Redis of the test's own with an append-only file, gone when the test ends. */
export async function startRedis(
  t: { after(end: () => Promise<void>): void },
  ...options: string[]
): Promise<RedisServer> {
  const folder = scratchFolder();
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const command = async (name: string, ...args: string[]) => withClient(url, client => client.call(name, ...args));
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const server = new ServerProcess(['redis-server', ...place, '--save', '', '--appendonly', 'yes', ...options], () =>
    command('PING').catch(error => /NOAUTH/.test(String(error)) || Promise.reject(error as Error)),
  );
  t.after(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await server.start();
  return {
    url,
    port,
    stop: () => server.stop(),
    kill: server.kill,
    start: () => server.start(),
    freeze: server.freeze,
    thaw: server.thaw,
    command,
  };
}

const inUse = new Set<string>();

/** The URL of an empty database, which is emptied again when the test ends. Others are left alone. */
export async function emptyDatabase(t: TestContext, url: string): Promise<string> {
  for (let number = 0; number < DATABASES; number++) {
    const database = new URL(String(number), `${url.replace(/\/\d*$/, '')}/`).href;
    if (inUse.has(database) || (await withClient(database, client => client.dbsize())) > 0) continue;
    inUse.add(database);
    t.after(async () => {
      await withClient(database, client => client.flushdb());
      inUse.delete(database);
    });
    return database;
  }
  throw new Error('no database of this Redis is empty');
}

/** The server of a suite: its URL, once the suite runs. */
export function suiteRedis(): () => string {
  const ends: (() => Promise<void>)[] = [];
  let url = given;
  before(async () => {
    url ??= (await startRedis({ after: end => ends.push(end) })).url;
  });
  after(async () => {
    for (const end of ends) await end();
  });
  return () => url!;
}

async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}
