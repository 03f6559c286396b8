import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { Unavailable } from '../../core/errors.ts';
import type { Column, ColumnType, Projection, Shape } from '../../core/projection.ts';
import type {
  Change,
  Checkpoint,
  Parked,
  Query,
  ReadModel,
  ReadModels,
  Stored,
  Where,
} from '../../core/read-model/port.ts';
import { type Format, openDatabase, reading, transaction } from '../sqlite.ts';
import { checkpointOf, modelName, type RawCheckpoint, requireReached, versioned } from './generations.ts';
import { LEASES, leaseOf, type RawLease, swapLease } from './sqlite-leases.ts';
import { countSql, findSql, quoted, type Table } from './sqlite-query.ts';
import { createIndexes, createTable } from './sqlite-schema.ts';

const FORMAT: Format = {
  name: 'read models',
  applicationId: 0x7a62_766d,
  version: 1,
  create: `
    CREATE TABLE checkpoints (model TEXT PRIMARY KEY, log TEXT NOT NULL, position INTEGER NOT NULL, last TEXT) STRICT;
    CREATE TABLE parked (
      model TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, error TEXT NOT NULL, skipped INTEGER NOT NULL,
      PRIMARY KEY (model, key)) STRICT;
    CREATE TABLE served (projection TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT;`,
  added: LEASES,
  mend: 'It is derived from the event log: delete it and restart, and it is rebuilt',
};

/** Small: while a rebuild's pages are written, an append to the log waits for the same disk. */
const CHECKPOINT_EVERY = 1000;

/** Statements kept for the next query of the same shape: preparing one takes five times as long as running it. */
const MOST_STATEMENTS = 200;

/** Returns the rows of a query. @throws Unavailable */
type Find = (sql: string, ...values: SQLInputValue[]) => Record<string, unknown>[];

/**
 * Read models in one SQLite file: a table per projection, version and generation, a column per field.
 * @param options `readOnly`: opens an existing file that another connection writes
 * @throws Error with a message for the operator if the file is damaged, not ours, or of a newer release
 */
export function sqliteReadModels(path: string, options: { maxPages?: number; readOnly?: boolean } = {}): ReadModels {
  const db = openDatabase(path, FORMAT, { synchronous: 'NORMAL', checkpointEvery: CHECKPOINT_EVERY, ...options });
  const open = new Map<string, SqliteReadModel<never>>();
  const exists = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?');
  let closed = false;
  const usable = () => {
    if (closed) throw new Unavailable('the read models are closed');
    return db;
  };
  const statements = new LRUCache<string, StatementSync>({ max: MOST_STATEMENTS });
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const find: Find = (sql, ...values) => reading(usable(), () => prepared(sql).all(...values));
  const tables = () =>
    find("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map(({ name }) => String(name));
  const dropTable = (name: string) => {
    open.delete(name);
    db.exec(`DROP TABLE IF EXISTS ${quoted(name)}`);
    db.prepare('DELETE FROM checkpoints WHERE model = ?').run(name);
    db.prepare('DELETE FROM parked WHERE model = ?').run(name);
  };
  return {
    async build(projection, generation) {
      const name = modelName(projection, generation);
      if (!reading(usable(), () => exists.get(name))) createTable(db, name, projection);
    },
    async generation<Row>(projection: Projection<Row>, generation: number) {
      const name = modelName(projection, generation);
      return reading(usable(), () => {
        // Another handle may have dropped it since.
        if (!exists.get(name)) throw new Unavailable(`${name} is not built yet`);
        const model = open.get(name) ?? new SqliteReadModel(db, name, projection, usable, find);
        open.set(name, model);
        return model as unknown as ReadModel<Row>;
      });
    },
    async served(projection) {
      const [row] = find('SELECT generation FROM served WHERE projection = ?', versioned(projection));
      return row && Number(row.generation);
    },
    async serve(projection, generation) {
      const name = modelName(projection, generation);
      transaction(usable(), () => {
        if (exists.get(name)) createIndexes(db, name, projection);
        db.prepare(
          'INSERT INTO served VALUES (?, ?) ON CONFLICT (projection) DO UPDATE SET generation = excluded.generation',
        ).run(versioned(projection), generation);
      });
    },
    async drop(projection, generation) {
      const name = modelName(projection, generation);
      transaction(usable(), () => {
        dropTable(name);
        db.prepare('DELETE FROM served WHERE projection = ? AND generation = ?').run(versioned(projection), generation);
      });
    },
    async versions(name) {
      const all = tables().flatMap(table => versionOf(name, table) ?? []);
      return [...new Set(all)].sort((a, b) => a - b);
    },
    async retire(name, version) {
      const all = tables().filter(table => versionOf(name, table) === version);
      transaction(usable(), () => {
        for (const table of all) dropTable(table);
        db.prepare('DELETE FROM served WHERE projection = ?').run(versioned({ name, version }));
      });
    },
    async checkpoints() {
      return (find('SELECT log, position, last FROM checkpoints') as RawCheckpoint[]).map(checkpointOf);
    },
    async lease(name) {
      const [row] = find('SELECT holder, renewals, challenged FROM leases WHERE name = ?', name);
      return row && leaseOf(row as RawLease);
    },
    async swapLease(name, from, to) {
      return transaction(usable(), () => swapLease(db, name, from, to));
    },
    async close() {
      if (!closed) db.close();
      closed = true;
    },
  };
}

/** Parses the version from a table name, if the table is a generation of this projection. */
function versionOf(projection: string, table: string): number | undefined {
  const rest = table.startsWith(`${projection}@`) ? table.slice(projection.length + 1) : '';
  const [, version] = /^(\d+)#\d+$/.exec(rest) ?? [];
  return version === undefined ? undefined : Number(version);
}

class SqliteReadModel<Row extends Record<string, unknown>> implements ReadModel<Row> {
  readonly #db: DatabaseSync;
  readonly #name: string;
  readonly #table: Table;
  readonly #columns: readonly (readonly [string, Column])[];
  readonly #usable: () => DatabaseSync;
  readonly #find: Find;
  readonly #upsert: StatementSync;
  readonly #load: StatementSync;
  readonly #loadOne: StatementSync;
  /** where the checkpoint was when a position was last asked for */
  #seen = 0;

  constructor(db: DatabaseSync, name: string, projection: Shape, usable: () => DatabaseSync, find: Find) {
    this.#db = db;
    this.#name = name;
    this.#table = { name: quoted(name), columns: projection.columns };
    this.#columns = Object.entries(projection.columns);
    this.#usable = usable;
    this.#find = find;
    const names = this.#columns.map(([column]) => quoted(column));
    this.#upsert = db.prepare(
      `INSERT INTO ${this.#table.name} (key, position, deleted, ${names.join(', ')})
       VALUES (?, ?, ?, ${names.map(() => '?').join(', ')})
       ON CONFLICT (key) DO UPDATE SET position = excluded.position, deleted = excluded.deleted,
       ${names.map(column => `${column} = excluded.${column}`).join(', ')} WHERE excluded.position > position`,
    );
    this.#load = db.prepare(`SELECT * FROM ${this.#table.name} WHERE key IN (SELECT value FROM json_each(?))`);
    this.#loadOne = db.prepare(`SELECT * FROM ${this.#table.name} WHERE key = ?`);
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    const [row] = this.#find('SELECT log, position, last FROM checkpoints WHERE model = ?', this.#name);
    return row && checkpointOf(row as RawCheckpoint);
  }

  async load(keys: readonly string[], atLeast?: number): Promise<ReadonlyMap<string, Stored<Row>>> {
    this.#require(atLeast);
    const found = reading(this.#usable(), () =>
      keys.length === 1 ? this.#loadOne.all(keys[0]!) : this.#load.all(JSON.stringify(keys)),
    ) as Raw[];
    return new Map(
      found.map(raw => [raw.key, { row: raw.deleted ? undefined : this.#row(raw), position: raw.position }]),
    );
  }

  /** A handle never sees an older state than before, so a position that it has seen needs no further look. @throws Behind */
  #require(atLeast = 0): void {
    if (atLeast <= this.#seen) return;
    const [row] = this.#find('SELECT position FROM checkpoints WHERE model = ?', this.#name);
    this.#seen = Number(row?.position ?? 0);
    requireReached(this.#name, this.#seen, atLeast);
  }

  async commit(
    changes: readonly Change<Row>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'> {
    return transaction(this.#usable(), () => {
      if (!this.#moveCheckpoint(from, upTo)) return 'fenced';
      for (const { key, position, row } of changes) {
        this.#upsert.run(
          key,
          position,
          row ? 0 : 1,
          ...this.#columns.map(([name, { type }]) => toSql(type, row?.[name])),
        );
      }
      for (const { key, position, error, skipped } of parked) {
        this.#db
          .prepare(
            `INSERT INTO parked VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (model, key) DO UPDATE SET skipped = excluded.skipped`,
          )
          .run(this.#name, key, position, error, skipped);
      }
      return 'committed';
    });
  }

  #moveCheckpoint(from: Checkpoint | undefined, upTo: Checkpoint): boolean {
    const last = upTo.last ? JSON.stringify(upTo.last) : null;
    const moved = from
      ? this.#db
          .prepare(
            'UPDATE checkpoints SET log = ?, position = ?, last = ? WHERE model = ? AND log = ? AND position = ?',
          )
          .run(upTo.log, upTo.position, last, this.#name, from.log, from.position)
      : this.#db
          .prepare('INSERT INTO checkpoints VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
          .run(this.#name, upTo.log, upTo.position, last);
    return moved.changes === 1;
  }

  async parked(): Promise<readonly Parked[]> {
    const sql = 'SELECT key, position, error, skipped FROM parked WHERE model = ? ORDER BY key';
    return this.#find(sql, this.#name) as unknown as Parked[];
  }

  async find(query: Query<Row> = {}): Promise<readonly Row[]> {
    this.#require(query.atLeast);
    const { sql, values } = findSql(this.#table, query);
    const found = this.#find(sql, ...values) as Raw[];
    return found.map(raw => this.#row(raw));
  }

  async count(where?: Where<Row>, atLeast?: number): Promise<number> {
    this.#require(atLeast);
    const { sql, values } = countSql(this.#table, where);
    return Number(this.#find(sql, ...values)[0]!.n);
  }

  async changed(after: number, limit: number, atLeast?: number): Promise<readonly Change<Row>[]> {
    this.#require(atLeast);
    const found = this.#find(
      `SELECT * FROM ${this.#table.name} WHERE position > ? AND position <= (
         SELECT max(position) FROM (SELECT position FROM ${this.#table.name} WHERE position > ? ORDER BY position LIMIT ?))
       ORDER BY position, key`,
      after,
      after,
      limit,
    ) as Raw[];
    return found.map(raw => ({
      key: raw.key,
      position: raw.position,
      row: raw.deleted ? undefined : this.#row(raw),
    }));
  }

  #row(raw: Raw): Row {
    const row: Record<string, unknown> = {};
    for (const [name, { type }] of this.#columns) if (raw[name] !== null) row[name] = fromSql(type, raw[name]);
    return row as Row;
  }
}

type Raw = Record<string, unknown> & { key: string; position: number; deleted: number };
function toSql(type: ColumnType, value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  return type === 'boolean' ? Number(value) : (value as SQLInputValue);
}

function fromSql(type: ColumnType, value: unknown): unknown {
  if (type === 'json') return JSON.parse(value as string);
  return type === 'boolean' ? value === 1 : value;
}
