import { randomUUID } from 'node:crypto';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type Format, openDatabase, transaction } from '../../stores/sqlite.ts';

const FORMAT: Format = {
  name: 'EventStoreDB stand-in',
  applicationId: 0x7a62_6573,
  version: 1,
  create: `
    -- position: its first byte; next: the byte after it; revision: NULL for an append of nothing, which is no event
    CREATE TABLE records (
      position INTEGER PRIMARY KEY, next INTEGER NOT NULL, stream TEXT NOT NULL, revision INTEGER,
      id TEXT, type TEXT, content_type TEXT, created TEXT, data BLOB, metadata BLOB) STRICT;
    CREATE UNIQUE INDEX by_stream ON records (stream, revision);`,
  mend: 'Put it back from a backup',
};

export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface Stored extends Proposed {
  readonly position: number;
  readonly next: number;
  readonly stream: string;
  readonly revision: number;
  /** in units of 100 ns since 1970 */
  readonly created: string;
}

/** Bytes of a record besides its names and contents, as on a real 24.6, whose positions are byte offsets. */
const RECORD_BYTES = 90;
/** Stream of the record that a new leader writes. The real server considers it in filters, but shows it to no reader. */
export const EPOCHS = '$epoch-information';
const NOTHING = [null, null, null, null, null, null, null];

/** The records in their SQLite file. This class knows neither the rules nor the protocol. */
export class Log {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** position of the newest record */
  last: number;
  /** where the next record will be */
  end: number;

  constructor(path: string) {
    this.#db = openDatabase(path, FORMAT, { synchronous: 'FULL' });
    // A second program on this file would overwrite our records, so it must fail at once.
    this.#db.exec('PRAGMA locking_mode = EXCLUSIVE');
    const newest = this.#all('SELECT position, next FROM records ORDER BY position DESC LIMIT 1')[0];
    this.last = newest?.position ?? 0;
    this.end = newest?.next ?? 0;
    this.beginEpoch();
    if (!newest) this.transaction(() => this.insert('$$$scavenges', 0, [system('$metadata', { $maxAge: 2592000 })]));
  }

  /** Begins the epoch of a new leader, after a start or an election: a hidden record that takes up a position. */
  beginEpoch(): void {
    const epoch = system(EPOCHS, { writerCheckpoint: this.end });
    this.transaction(() => this.insert(EPOCHS, this.lastRevision(EPOCHS) + 1, [epoch]));
  }

  /** Runs `work` in a transaction: its records are on disk when this returns, or none is if it throws. */
  transaction<T>(work: () => T): T {
    const { last, end } = this;
    try {
      return transaction(this.#db, work);
    } catch (error) {
      Object.assign(this, { last, end });
      throw error;
    }
  }

  /** Stores the events from that revision on. An append without events takes a record too (golden 10). */
  insert(stream: string, revision: number, events: readonly Proposed[]): void {
    if (events.length === 0) this.#place(stream, 0, NOTHING);
    const now = BigInt(Date.now()) * 10_000n;
    for (const [n, { id, type, contentType, data, metadata }] of events.entries()) {
      const bytes = Buffer.byteLength(type) + data.length + metadata.length;
      this.#place(stream, bytes, [revision + n, id, type, contentType, String(now + BigInt(n)), data, metadata]);
    }
  }

  #place(stream: string, bytes: number, rest: readonly SQLInputValue[]): void {
    const next = this.end + RECORD_BYTES + Buffer.byteLength(stream) + bytes;
    this.#prepared('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(this.end, next, stream, ...rest);
    this.last = this.end;
    this.end = next;
  }

  /** -1 for an unknown stream */
  lastRevision(stream: string): number {
    return this.#all('SELECT coalesce(max(revision), -1) AS revision FROM records WHERE stream = ?', stream)[0]!
      .revision;
  }

  /** The event at that revision, hidden or not. */
  at(stream: string, revision: number): Stored | undefined {
    const [event] = this.stream(stream, revision, false, 1);
    return event?.revision === revision ? event : undefined;
  }

  /** The first visible revision: the stream's metadata may hide earlier ones (golden 16). */
  firstLive(stream: string): number | 'deleted' {
    const [newest] = this.stream(`$$${stream}`, Number.MAX_SAFE_INTEGER, true, 1);
    if (!newest) return 0;
    const { $tb = 0, $maxCount = Number.POSITIVE_INFINITY } = JSON.parse(Buffer.from(newest.data).toString());
    return $tb > Number.MAX_SAFE_INTEGER ? 'deleted' : Math.max($tb, this.lastRevision(stream) - $maxCount + 1);
  }

  /** Up to `limit` events of a stream, `from` included. */
  stream(stream: string, from: number, backwards: boolean, limit: number): Stored[] {
    const where = backwards ? 'revision <= ? ORDER BY revision DESC' : 'revision >= ? ORDER BY revision';
    return this.#events(`stream = ? AND ${where} LIMIT ?`, stream, from, limit);
  }

  /** Up to `limit` events of the whole log: `from` is included forwards, but not backwards. */
  everything(from: number, backwards: boolean, limit: number): Stored[] {
    const where = backwards ? 'position < ? ORDER BY position DESC' : 'position >= ? ORDER BY position';
    return this.#events(`revision NOT NULL AND ${where} LIMIT ?`, from, limit);
  }

  /** Whether a read may start there: at a record, or anywhere after the start of the newest one (golden 20). */
  isReadable(position: number): boolean {
    return position > this.last || this.#all('SELECT position FROM records WHERE position = ?', position).length > 0;
  }

  close(): void {
    this.#db.close();
  }

  #events(where: string, ...values: SQLInputValue[]): Stored[] {
    return this.#all(
      `SELECT position, next, stream, revision, id, type, content_type AS contentType, created, data, metadata
       FROM records WHERE ${where}`,
      ...values,
    );
  }

  #all(sql: string, ...values: SQLInputValue[]): Stored[] {
    return this.#prepared(sql).all(...values) as unknown as Stored[];
  }

  #prepared(sql: string): StatementSync {
    const prepared = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

const system = (type: string, data: object): Proposed => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(),
});
