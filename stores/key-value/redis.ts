import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { BackOff } from '../../core/back-off.ts';
import { requireTime } from '../../core/deadline.ts';
import { Unavailable } from '../../core/errors.ts';
import type { Counted, KeyValue } from '../../core/key-value/port.ts';
import { NO_COUNT, SCRIPTS } from './redis-scripts.ts';
import { faultIn } from './redis-url.ts';

/** Until a command counts as lost. */
const COMMAND_MS = 1000;
/** Until a connection counts as failed, with the server's first answer on it. */
const CONNECT_MS = 2000;
/** Until a start gives up. */
const START_MS = 5000;
const PAUSES = { firstMs: 100, longestMs: 1000 };
const PREFIX = 'zipbob:';
const OLDEST_MAJOR = 7;

type Text = string | number;
type Command = (...args: Text[]) => Promise<[at: number, ...rest: unknown[]]>;
type Commands = Record<Exclude<keyof typeof SCRIPTS, 'identify'>, Command> & {
  identify(key: string, identity: string): Promise<string>;
};

/**
 * The key-value store in Redis 7 or later, which all nodes share. Its time is that of the Redis server.
 * @param clock instead of the server's
 * @throws Unavailable with a message for the operator, within seven seconds
 */
export async function redisKeyValue(url: string, clock?: () => Date): Promise<KeyValue> {
  const fault = faultIn(url);
  if (fault) throw new Unavailable(`REDIS_URL ${fault}`);
  const connection = new Connection(url);
  const store = new RedisKeyValue(connection, clock);
  try {
    await connection.open();
    await store.add('readiness', 1, 60); // a user that only reads would be found out by the first member
  } catch (error) {
    await connection.close();
    throw error;
  }
  return store;
}

class RedisKeyValue implements KeyValue {
  readonly #connection: Connection;
  readonly #clock: (() => Date) | undefined;
  /** the latest time that was read here: it never goes back, though nothing was written since */
  #seen = 0;

  constructor(connection: Connection, clock?: () => Date) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async get(key: string): Promise<string | undefined> {
    const [value] = await this.#run('read', [key]);
    return (value as string | null) ?? undefined;
  }

  async set(key: string, value: string, seconds: number): Promise<void> {
    await this.#run('write', [key], value, seconds * 1000);
  }

  async replace(
    key: string,
    expected: string | undefined,
    next: string,
    seconds: number,
    deadline?: number,
  ): Promise<boolean> {
    const latest = deadline === undefined ? '' : (await this.now()) + Math.floor(deadline - performance.now());
    requireTime(key, deadline);
    const compared = expected === undefined ? [] : [expected];
    const id = randomUUID();
    const swap = () => this.#run('swap', [key], next, seconds * 1000, latest, id, ...compared);
    const [outcome] = await swap().catch(async error => {
      // Its answer may be lost with the connection: a token that was replaced must not seem to be used twice.
      if (!(await this.#connection.isBack())) throw error;
      return swap();
    });
    if (outcome === 'late') throw new Unavailable(`the time for ${key} is over`);
    return outcome === 'done';
  }

  async add(key: string, by: number, seconds: number): Promise<Counted> {
    const [count, left] = await this.#run('count', [key], by, seconds * 1000);
    return { count: count as number, left: left as number };
  }

  async delete(key: string): Promise<void> {
    await this.#connection.ask(redis => redis.del(`${PREFIX}entry:${key}`));
  }

  async identity(): Promise<string> {
    const identity = await this.#connection.ask(redis => redis.identify(`${PREFIX}identity`, randomUUID()));
    return identity + (await this.#connection.run());
  }

  async now(): Promise<number> {
    await this.#run('now', []);
    return this.#seen;
  }

  async #run(name: keyof typeof SCRIPTS, entries: string[], ...args: Text[]): Promise<unknown[]> {
    const keys = [`${PREFIX}time`, ...entries.map(key => `${PREFIX}entry:${key}`)];
    const wall = this.#clock?.().getTime() ?? '';
    const command = (redis: Commands) => (redis[name] as Command)(...keys, wall, this.#seen, ...args);
    const [at, ...rest] = await this.#connection.ask(command);
    this.#seen = Math.max(this.#seen, at);
    return rest;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** One connection, made again whenever it is lost. While there is none, commands fail at once. */
class Connection {
  readonly #redis: Redis & Commands;
  #closed = false;
  #failure = 'it does not answer';
  #server: string | undefined;

  constructor(url: string) {
    const backOff = new BackOff(PAUSES);
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      commandTimeout: COMMAND_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => backOff.next(),
      // After a failover this may be a replica.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
      scripts: SCRIPTS,
    }) as Redis & Commands;
    redis.on('error', error => {
      this.#failure = reasonOf(error);
    });
    // A server that accepts and never answers.
    let timer: NodeJS.Timeout | undefined;
    redis.on('connect', () => {
      timer = setTimeout(() => redis.disconnect(true), CONNECT_MS);
    });
    redis.on('ready', () => backOff.reset());
    for (const event of ['ready', 'close']) redis.on(event, () => clearTimeout(timer));
    redis.on('close', () => {
      this.#server = undefined;
    });
    this.#redis = redis;
  }

  /**
   * Names the present run of a server without an append-only file, which may have forgotten what it answered before it
   * was started; empty for others.
   */
  async run(): Promise<string> {
    return (await this.#info('aof_enabled')) === '1' ? '' : `-${await this.#info('run_id')}`;
  }

  /** Of the server that is connected now. */
  async #info(field: string): Promise<string> {
    this.#server ??= await this.ask(redis => redis.info());
    return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(this.#server)?.[1] ?? '';
  }

  /** Waits until it is connected. @throws Unavailable */
  async open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => reject(away(this.#failure));
    const timer = setTimeout(giveUp, START_MS);
    this.#redis.on('ready', resolve);
    this.#redis.on('error', error => isFinal(error) && giveUp());
    this.#redis.connect().catch(error => {
      this.#failure = reasonOf(error);
    });
    await promise.finally(() => clearTimeout(timer));
    // The client overlooks a database that is not there, and uses the first one.
    await this.ask(redis => redis.select(redis.options.db ?? 0));
    const version = await this.#info('redis_version');
    if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
      throw away(`this is Redis ${version}; ZipBob needs Redis ${OLDEST_MAJOR} or later`);
    }
  }

  /** @throws Unavailable; then a command that writes may have been carried out */
  async ask<T>(command: (redis: Redis & Commands) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Unavailable('the session store is closed');
    try {
      return await command(this.#redis);
    } catch (error) {
      const { message } = error as Error;
      if (message === NO_COUNT) throw new Error('the value is no count');
      // What follows on this connection would wait as long.
      if (message === TIMED_OUT && !this.#closed) this.#redis.disconnect(true);
      throw new Unavailable(
        `the session store (REDIS_URL): ${OFFLINE.test(message) ? this.#failure : reasonOf(error)}`,
      );
    }
  }

  /** Whether it is connected again, or soon will be. */
  async isBack(): Promise<boolean> {
    if (this.#closed) return false;
    if (this.#redis.status === 'ready') return true;
    const signal = AbortSignal.timeout(COMMAND_MS);
    return once(this.#redis, 'ready', { signal }).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#redis.disconnect();
  }
}

const away = (reason: string) => new Unavailable(`the session store (REDIS_URL): ${reason}`);

/** of ioredis */
const TIMED_OUT = 'Command timed out';
const OFFLINE = /^Stream isn't writeable|^Connection is closed/;
/** No further attempt helps. */
const isFinal = ({ message }: Error): boolean => /^(WRONGPASS|NOAUTH|NOPERM)|certificate|altnames|SSL/.test(message);

/** The errors of ioredis hold the arguments of their command: only their words are passed on. */
function reasonOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  if (message.startsWith('WRONGPASS')) return 'it refuses the user name or the password';
  if (message.startsWith('NOAUTH')) return 'it wants a password, and there is none in the URL';
  if (message.startsWith('NOPERM')) return `its user may not do what is needed: ${message}`;
  if (message === TIMED_OUT) return `nothing came for ${COMMAND_MS} ms`;
  return message || code || 'it does not answer';
}
