import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { Conflict, Unavailable, Unreadable } from '../../core/errors.ts';
import {
  type Appended,
  type Batch,
  type EventStore,
  type Expected,
  type Follow,
  type Head,
  type Proposed,
  serialize,
} from '../../core/event-store/port.ts';
import { familyOf, type Recorded } from '../../core/fact.ts';
import { dataVersion, type Format, failWhereLocked, openDatabase, reading, transactionWhenFree } from '../sqlite.ts';
import { Bell } from './bell.ts';

const FORMAT: Format = {
  name: 'event log',
  applicationId: 0x7a62_6c67,
  version: 1,
  create: `
    CREATE TABLE streams (stream INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, family TEXT NOT NULL) STRICT;
    CREATE TABLE facts (
      position INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES streams, revision INTEGER NOT NULL,
      id TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, meta TEXT NOT NULL) STRICT;
    CREATE UNIQUE INDEX facts_by_stream ON facts (stream, revision);`,
  mend: 'Put it back from a backup',
};

const PAGE = 500;
/** One fdatasync carries at most this many waiting appends, so that the loop is never blocked for long. */
const GROUP = 100;
const PAGES_OF_AN_APPEND = 16;
/** How often a follower looks for another process's appends; our own ring a bell. */
const LOOK_MS = 200;

interface Waiting {
  stream: string;
  events: readonly Proposed[];
  rows: { data: string; meta: string }[];
  expected: Expected;
  deadline: number;
  resolve(answer: Appended): void;
  reject(error: unknown): void;
}

export interface SqliteEventStoreOptions {
  maxPages?: number;
  /** of a file that is there: nothing can be appended */
  readOnly?: boolean;
}

/**
 * The event log in one SQLite file (or `:memory:`). Appends that wait at the same moment share a transaction, and
 * with it the one fdatasync that makes them durable. Several processes and threads may open the same file.
 */
export function sqliteEventStore(path: string, options: SqliteEventStoreOptions = {}): EventStore {
  const db = openDatabase(path, FORMAT, { synchronous: 'FULL', ...options });
  failWhereLocked(db);
  return new SqliteEventStore(db, path);
}

class SqliteEventStore implements EventStore {
  readonly #db: DatabaseSync;
  readonly #bellName: string;
  readonly #bell: BroadcastChannel;
  readonly #sql: ReturnType<typeof statements>;
  #waiting: Waiting[] = [];
  /** the writing of what waits, while it lasts */
  #flushing: Promise<void> | undefined;
  #closed = false;
  /** the last append could not be written */
  #failed = false;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#bellName = `log ${path === ':memory:' ? randomUUID() : realpathSync(path)}`;
    this.#bell = new BroadcastChannel(this.#bellName);
    this.#bell.unref();
    this.#sql = statements(db);
  }

  append(
    stream: string,
    events: readonly Proposed[],
    expected: Expected,
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const rows = serialize(stream, events);
      if (this.#closed) throw new Unavailable('the event log is closed');
      this.#waiting.push({ stream, events, rows, expected, deadline, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Writes what waits, a group in each turn of the event loop. */
  async #flush(): Promise<void> {
    do {
      await setImmediate();
      await this.#writeGroup(this.#waiting.splice(0, GROUP));
    } while (this.#waiting.length > 0);
    this.#flushing = undefined;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const answers = await transactionWhenFree(this.#db, () => group.map(append => this.#write(append)));
      this.#failed = false;
      this.#bell.postMessage(null);
      group.forEach(({ resolve, reject }, i) => {
        const answer = answers[i]!;
        answer instanceof Error ? reject(answer) : resolve(answer);
      });
    } catch (error) {
      this.#failed = true;
      for (const { reject } of group) reject(error);
    }
  }

  #write({ stream, events, rows, expected, deadline }: Waiting): Appended | Conflict | Unavailable {
    // It may have waited for the lock of another process.
    if (performance.now() >= deadline) return new Unavailable(`the time for ${stream} is over`);
    const known = this.#sql.stream.get(stream) as { stream: number; revision: number } | undefined;
    const actual = known?.revision ?? -1;
    const first = expected === 'none' ? 0 : expected + 1;
    if (actual !== first - 1) {
      return this.#alreadyWritten(known?.stream, first, events) ?? new Conflict(stream, known ? actual : 'none');
    }
    const id = known?.stream ?? Number(this.#sql.newStream.run(stream, familyOf(stream)).lastInsertRowid);
    let position = 0;
    events.forEach(({ id: eventId, event }, i) => {
      const { data, meta } = rows[i]!;
      position = Number(this.#sql.insert.run(id, first + i, eventId, event.type, data, meta).lastInsertRowid);
    });
    return { revision: first + events.length - 1, position };
  }

  /** The same ids in the same order, or the first of them, where this append would have put them the first time. */
  #alreadyWritten(stream: number | undefined, first: number, events: readonly Proposed[]): Appended | undefined {
    if (stream === undefined) return undefined;
    const last = first + events.length - 1;
    const stored = this.#sql.ids.all(stream, first, last) as { id: string; position: number }[];
    const same = stored.length === events.length && stored.every(({ id }, i) => id === events[i]!.id);
    return same ? { revision: last, position: stored.at(-1)!.position } : undefined;
  }

  async *read(stream: string, { from = 0, upTo = Number.MAX_SAFE_INTEGER }: { from?: number; upTo?: number } = {}) {
    for (let next = from; ; ) {
      const page = this.#query(this.#sql.read, stream, next, upTo, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      next = page.at(-1)!.revision + 1;
      await setImmediate(); // a long stream does not keep others waiting
    }
  }

  async *follow({ after, families, live, batch = PAGE, signal }: Follow): AsyncIterable<Batch> {
    const names = families ? JSON.stringify(families) : null;
    const bell = new Bell(this.#bellName, signal);
    try {
      for (let upTo = after, hasYielded = false; !signal?.aborted; ) {
        this.#usable();
        bell.arm();
        const version = this.#dataVersion();
        // The head is read before the page: what comes in between them must not be skipped by `upTo`.
        const head = this.#headPosition();
        if (head > upTo || !hasYielded) {
          const events = this.#query(this.#sql.page, upTo, head, names, batch);
          const caughtUp = events.length < batch;
          hasYielded = caughtUp;
          upTo = caughtUp ? Math.max(upTo, head) : events.at(-1)!.position;
          yield { events, upTo, caughtUp };
          if (!caughtUp) continue;
        }
        if (!live) return;
        while (!(await bell.rung(LOOK_MS)) && !this.#closed && this.#dataVersion() === version);
      }
    } finally {
      bell.close();
    }
  }

  async head(): Promise<Head> {
    const newest = this.#query(this.#sql.newest)[0];
    return newest ? { position: newest.position, newest } : { position: 0 };
  }

  async headPosition(): Promise<number> {
    return this.#headPosition();
  }

  /** Writes pages that stay as they are: one, or after an append failed as many as an append needs. */
  async ready(): Promise<void> {
    this.#usable();
    for (let pages = this.#failed ? PAGES_OF_AN_APPEND : 1; pages > 0; pages--) {
      await transactionWhenFree(this.#db, () => this.#db.exec(`PRAGMA user_version = ${FORMAT.version}`));
    }
    this.#failed = false;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    this.#bell.postMessage(null); // whoever follows ends now
    this.#bell.close();
    this.#db.close();
  }

  /** @throws Unavailable */
  #usable(): void {
    if (this.#closed) throw new Unavailable('the event log is closed');
  }

  #headPosition(): number {
    this.#usable();
    return reading(this.#db, () => (this.#sql.head.get() as { position: number | null }).position ?? 0);
  }

  #dataVersion(): number {
    return reading(this.#db, () => dataVersion(this.#db));
  }

  #query(statement: StatementSync, ...values: (string | number | null)[]): Recorded[] {
    this.#usable();
    return reading(this.#db, () => (statement.all(...values) as unknown as Row[]).map(recorded));
  }
}

/** In the order of `columns`: an array is made, and read, faster than an object. */
type Row = readonly [
  id: string,
  stream: string,
  revision: number,
  position: number,
  type: string,
  data: string,
  meta: string,
];

/** @throws Unreadable */
function recorded([id, stream, revision, position, type, data, meta]: Row): Recorded {
  try {
    return { id, stream, revision, position, type, data: JSON.parse(data), meta: JSON.parse(meta) };
  } catch (error) {
    throw new Unreadable(`${stream} holds an event at revision ${revision} that is not JSON (${type}, ${id})`, {
      cause: error,
    });
  }
}

function statements(db: DatabaseSync) {
  const columns = 'f.id, s.name AS stream, f.revision, f.position, f.type, f.data, f.meta';
  const facts = 'facts f JOIN streams s ON s.stream = f.stream';
  const rows = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    stream: db.prepare(
      `SELECT stream, (SELECT max(revision) FROM facts WHERE stream = s.stream) AS revision FROM streams s WHERE name = ?`,
    ),
    newStream: db.prepare('INSERT INTO streams (name, family) VALUES (?, ?)'),
    insert: db.prepare('INSERT INTO facts (stream, revision, id, type, data, meta) VALUES (?, ?, ?, ?, ?, ?)'),
    ids: db.prepare('SELECT id, position FROM facts WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision'),
    read: rows(
      `SELECT ${columns} FROM ${facts} WHERE s.name = ? AND f.revision BETWEEN ? AND ? ORDER BY f.revision LIMIT ?`,
    ),
    page: rows(
      `SELECT ${columns} FROM ${facts} WHERE f.position > ?1 AND f.position <= ?2
       AND (?3 IS NULL OR s.family IN (SELECT value FROM json_each(?3))) ORDER BY f.position LIMIT ?4`,
    ),
    head: db.prepare('SELECT max(position) AS position FROM facts'),
    newest: rows(`SELECT ${columns} FROM ${facts} ORDER BY f.position DESC LIMIT 1`),
  };
}
