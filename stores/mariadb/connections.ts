import { readFileSync } from 'node:fs';
import { createPool, type Pool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise';
import { BackOff } from '../../core/back-off.ts';
import { within } from '../../core/deadline.ts';
import { Unavailable } from '../../core/errors.ts';
import { Behind } from '../../core/read-model/port.ts';
import { isContention, NoSuchTable, translated } from './failures.ts';
import { type Endpoint, endpointOf, placeOf } from './url.ts';

export type Value = string | number | null | Uint8Array;
export type Row = Record<string, unknown>;

/** Runs a statement on one connection; resolves to its rows. */
export type Query = (sql: string, values?: readonly (Value | readonly (readonly Value[])[])[]) => Promise<Row[]>;
/** Runs a statement on one connection; resolves to how many rows it found (an update) or added. */
export type Execute = (sql: string, values?: Parameters<Query>[1]) => Promise<number>;

export interface Session {
  readonly query: Query;
  readonly execute: Execute;
}

export interface ConnectionsOptions {
  /** the variable that holds the URL, for messages */
  readonly variable: string;
  /** Does what else each new connection needs; an error closes it. @param where the variable and the place */
  prepare?(session: Session, where: string): Promise<void>;
  readonly limits?: Partial<Limits>;
}

/** In milliseconds, except `connections`. */
export interface Limits {
  readonly connections: number;
  readonly connect: number;
  /** for a free connection */
  readonly acquire: number;
  readonly statement: number;
  readonly lockWait: number;
  /** for statements on tables and indexes, which take as long as there are rows */
  readonly definition: number;
}

const LIMITS: Limits = {
  connections: 10,
  connect: 5000,
  acquire: 5000,
  statement: 10_000,
  lockWait: 3000,
  definition: 600_000,
};

/** A statement that the server does not end by its own limit is ended by ours. */
const GRACE_MS = 1000;
const TRIES = 5;
const PAUSES = { firstMs: 40, longestMs: 320 };
const IDLE_MS = 60_000;
const CLOSE_MS = 5000;
/** for which a server that is away is not asked again, where there is another */
const AWAY_MS = 5000;
/**
 * Strict, so that no value is cut to fit; without NO_BACKSLASH_ESCAPES, by which the driver's quoting would be no quoting.
 * READ COMMITTED takes no locks on gaps between rows. A long IN list must not become a table with another collation.
 */
const SESSION = `SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin,
  SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 1,
  SESSION in_predicate_conversion_threshold = 0`;

/** A bounded pool of connections to one schema of one MariaDB server. All errors are in our words (`failures.ts`). */
export class Connections {
  /** the variable and the place, without what logs in there */
  readonly where: string;
  readonly #pool: Pool;
  readonly #limits: Limits;
  readonly #setUp: string;
  readonly #prepare: ConnectionsOptions['prepare'];
  readonly #ready = new WeakSet<object>();
  readonly #open = new Set<{ destroy(): void }>();
  #closing: Promise<void> | undefined;
  #awayUntil = 0;

  /** @param url one without a fault (`url.ts`) */
  constructor(url: string, { variable, prepare, limits = {} }: ConnectionsOptions) {
    const endpoint = endpointOf(url);
    this.where = `${variable} (${placeOf(endpoint)})`;
    this.#limits = { ...LIMITS, ...limits };
    const { statement, lockWait } = this.#limits;
    this.#setUp = `${SESSION}, SESSION max_statement_time = ${statement / 1000},
      SESSION innodb_lock_wait_timeout = ${Math.ceil(lockWait / 1000)}, SESSION lock_wait_timeout = ${Math.ceil(lockWait / 1000)}`;
    this.#prepare = prepare;
    this.#pool = createPool(poolOptions(endpoint, this.#limits));
    this.#pool.pool.on('connection', connection => {
      this.#open.add(connection);
      connection.once('end', () => this.#open.delete(connection));
    });
  }

  /** @throws Unavailable, Refuses, NoSuchTable */
  query: Query = (sql, values) => this.session(({ query }) => query(sql, values));

  /** @throws Unavailable, Refuses, NoSuchTable; any other error where a value does not fit its column */
  execute: Execute = (sql, values) => this.session(({ execute }) => execute(sql, values));

  /** Does `work` on one connection. @throws as `query`, and what `work` throws */
  async session<T>(work: (session: Session) => Promise<T>, statementMs = this.#limits.statement): Promise<T> {
    let connection: PoolConnection | undefined;
    try {
      connection = await this.#acquire();
      const result = await work(sessionOn(connection, statementMs + GRACE_MS));
      connection.release();
      return result;
    } catch (error) {
      // What is left of a transaction or of an answer must not meet the next user.
      connection?.destroy();
      throw translated(error, this.where);
    }
  }

  /** Like `session`, for statements on tables and indexes. */
  defining<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { definition, statement } = this.#limits;
    return this.session(async session => {
      await session.execute(`SET SESSION max_statement_time = ${definition / 1000}`);
      const result = await work(session);
      await session.execute(`SET SESSION max_statement_time = ${statement / 1000}`);
      return result;
    }, definition);
  }

  /**
   * Does `work` in one transaction, of which any failure undoes all. After a deadlock, or a wait for another's lock that
   * took too long, it is done again, five times in all.
   */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const backOff = new BackOff(PAUSES);
    for (let tries = 1; ; tries++) {
      let contention = false;
      try {
        return await this.session(async session => {
          await session.execute('START TRANSACTION');
          try {
            const result = await work(session);
            await session.execute('COMMIT');
            return result;
          } catch (error) {
            contention = isContention(error);
            await session.execute('ROLLBACK').catch(() => {}); // or the end of the connection does it, a little later
            throw error;
          }
        });
      } catch (error) {
        if (!contention || tries === TRIES) throw error;
      }
      await backOff.pause();
    }
  }

  /**
   * The answer of this server, or where it is away or cannot give it, that of another. After it was away, it is not asked
   * again for some seconds.
   */
  async readOr<T>(read: (server: Connections) => Promise<T>, instead: () => Promise<T>): Promise<T> {
    if (performance.now() < this.#awayUntil) return instead();
    try {
      return await read(this);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      // A replica that is behind, or does not have the table yet, is not away.
      if (!(error instanceof Behind || error instanceof NoSuchTable)) this.#awayUntil = performance.now() + AWAY_MS;
      return instead();
    }
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await within(CLOSE_MS, this.#pool.end(), () => new Unavailable(`${this.where} does not let go`));
    } catch {
      for (const connection of this.#open) connection.destroy();
    }
  }

  async #acquire(): Promise<PoolConnection> {
    if (this.isClosed) throw new Unavailable(`${this.where}: the connections are closed`);
    const { acquire } = this.#limits;
    const acquiring = this.#pool.getConnection();
    const connection = await within(acquire, acquiring, () => {
      acquiring.then(late => late.release()).catch(() => {});
      return new Unavailable(`${this.where} has no free connection within ${acquire} ms`);
    });
    if (this.#ready.has(connection.connection)) return connection;
    try {
      const session = sessionOn(connection, this.#limits.statement + GRACE_MS);
      await session.execute(this.#setUp);
      await session.execute('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await this.#prepare?.(session, this.where);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    this.#ready.add(connection.connection);
    return connection;
  }
}

function sessionOn(connection: PoolConnection, timeout: number): Session {
  const send = (sql: string, values: Parameters<Query>[1] = []) =>
    connection.query({ sql, values: values as unknown[], timeout });
  return {
    query: async (sql, values) => (await send(sql, values))[0] as Row[],
    execute: async (sql, values) => ((await send(sql, values))[0] as ResultSetHeader).affectedRows,
  };
}

function poolOptions({ host, port, user, password, schema, tls, caFile }: Endpoint, limits: Limits) {
  return {
    ...{ host, port, user, password, database: schema },
    ...(tls && { ssl: { verifyIdentity: true, ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }) } }),
    connectTimeout: limits.connect,
    connectionLimit: limits.connections,
    maxIdle: limits.connections,
    idleTimeout: IDLE_MS,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    stringifyObjects: true,
  };
}
