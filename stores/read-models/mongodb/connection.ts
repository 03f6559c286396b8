import {
  type Collection,
  type Db,
  type Document,
  MongoClient,
  MongoClientClosedError,
  MongoError,
  MongoInvalidArgumentError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  ReadConcern,
} from 'mongodb';
import { BackOff } from '../../../core/back-off.ts';
import { within } from '../../../core/deadline.ts';
import { isAway, Unavailable } from '../../../core/errors.ts';
import { databaseOf, faultIn } from './url.ts';

/** Until an operation counts as lost, the search for a server included. The driver has no limit of its own. */
const OPERATION_MS = 4000;
/** Indexes of a large read model. */
export const INDEX_MS = 30 * 60_000;
const CONNECT_MS = 3000;

const ATTEMPTS = 5;
const PAUSES = { firstMs: 40, longestMs: 320 };
const DUPLICATE_KEY = 11000;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
/** BadValue, FailedToParse, TypeMismatch, BSONObjectTooLarge, KeyTooLong */
const MISTAKES = [2, 9, 14, 10334, 17280];
const CLOSED = [MongoClientClosedError, MongoNotConnectedError, MongoTopologyClosedError];

/**
 * The database of a URL. Writes wait for the majority of a replica set, and reads ask its primary for what the majority
 * has: what was read once is never rolled back. A standalone server and a sharded cluster take the same commands.
 */
export class Connection {
  readonly #client: MongoClient;
  readonly db: Db;
  #closed = false;

  /** @throws Unavailable where something is wrong with the URL */
  constructor(url: string) {
    const fault = faultIn(url);
    if (fault) throw new Unavailable(`MONGODB_URL ${fault}`);
    try {
      this.#client = new MongoClient(url, {
        serverSelectionTimeoutMS: CONNECT_MS,
        connectTimeoutMS: CONNECT_MS,
        waitQueueTimeoutMS: CONNECT_MS,
        // What hangs on a server that is silent is cut off when its monitor finds out.
        heartbeatFrequencyMS: 2000,
        maxPoolSize: 10,
        ignoreUndefined: true,
      });
    } catch (error) {
      throw away(error);
    }
    this.db = this.#client.db(databaseOf(url), {
      readPreference: 'primary',
      readConcern: new ReadConcern('majority'),
      writeConcern: { w: 'majority' },
    });
  }

  collection<T extends Document>(name: string): Collection<T> {
    return this.db.collection<T>(name);
  }

  /** @throws Unavailable; then what was to be written may have been, or may still be */
  async ask<T>(work: () => Promise<T>, ms = OPERATION_MS): Promise<T> {
    if (this.#closed) throw new Unavailable('the read models are closed');
    try {
      return await within(ms, work(), () => new MongoError(`nothing came for ${ms} ms`));
    } catch (error) {
      throw isFromOutside(error) ? away(error) : error;
    }
  }

  /**
   * The same, again and again with exponential back-off and jitter while the server is away: `work` bears repetition.
   * @throws Unavailable
   */
  async persist<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    const backOff = new BackOff(PAUSES);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.ask(() => work(attempt));
      } catch (error) {
        if (this.#closed || !isAway(error) || attempt === ATTEMPTS) throw error;
      }
      await backOff.pause();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
  }
}

export const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === DUPLICATE_KEY;

/** False for what a further attempt would meet again: a mistake of ours, or a row that is too large. */
function isFromOutside(error: unknown): boolean {
  if (!(error instanceof MongoError)) return isOfNetwork(error);
  if (CLOSED.some(kind => error instanceof kind)) return true;
  return !(error instanceof MongoInvalidArgumentError) && !MISTAKES.includes(Number(error.code));
}

/** The driver passes on some errors of its sockets as they are. */
const isOfNetwork = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EPIPE', 'ECONNRESET', 'ECONNABORTED'].includes(String(error.code));

const away = (error: unknown): Unavailable =>
  new Unavailable(`the document views (MONGODB_URL): ${reasonOf(error as MongoError)}`);

function reasonOf(error: MongoError): string {
  if (error.code === AUTHENTICATION_FAILED) return 'it refuses the user name or the password';
  if (error.code === UNAUTHORIZED) return `its user may not do what is needed: ${error.message}`;
  return error.message.replaceAll(/\s+/g, ' ') || 'it does not answer';
}
