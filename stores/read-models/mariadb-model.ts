import type { Shape } from '../../core/projection.ts';
import type { Change, Checkpoint, Parked, Query, ReadModel, Stored, Where } from '../../core/read-model/port.ts';
import type { Connections, Row as Raw, Session, Value } from '../mariadb/connections.ts';
import { isDuplicate } from '../mariadb/failures.ts';
import { checkpointOf, type RawCheckpoint, requireReached } from './generations.ts';
import {
  columnNames,
  fillsHead,
  quoted,
  rowOf,
  type StoredColumn,
  selected,
  storedColumns,
  valuesOf,
} from './mariadb-columns.ts';
import { countSql, findSql, type Sql, type Table } from './mariadb-query.ts';

/** A statement may have 16 MiB by the server's default (max_allowed_packet). */
const STATEMENT_BYTES = 2 * 1024 * 1024;
const KEYS_IN_STATEMENT = 1000;

/** One generation of one read model. */
export class MariaDbReadModel<Row = Raw> implements ReadModel<Row> {
  readonly #primary: Connections;
  readonly #replica: Connections | undefined;
  readonly #name: string;
  readonly #table: Table;
  readonly #columns: readonly StoredColumn[];
  readonly #list: string;
  readonly #upsert: string;
  /** where this read model stands, as a row before its rows */
  readonly #stamp: string;

  constructor(primary: Connections, replica: Connections | undefined, name: string, projection: Shape) {
    this.#primary = primary;
    this.#replica = replica;
    this.#name = name;
    this.#columns = storedColumns(projection);
    this.#table = { name: quoted(name), columns: new Map(this.#columns.map(column => [column.name, column])) };
    const names = columnNames(this.#columns);
    const read = selected(this.#columns);
    this.#list = ['`key`', 'position', 'deleted', ...read.map(([value, name]) => `${value} AS ${name}`)].join(', ');
    // `position` comes last: assignments see what those before them have assigned.
    const assigned = ['deleted', ...names, 'position'].map(
      column => `${column} = IF(VALUES(position) > position, VALUES(${column}), ${column})`,
    );
    this.#upsert = `INSERT INTO ${this.#table.name} (\`key\`, position, deleted, ${names.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${assigned.join(', ')}`;
    this.#stamp = `SELECT NULL AS \`key\`, COALESCE(MAX(position), 0) AS position, 1 AS deleted,
      ${read.map(([, name]) => `NULL AS ${name}`).join(', ')} FROM checkpoints WHERE model = ?`;
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    const [row] = await this.#primary.query('SELECT log, position, last FROM checkpoints WHERE model = ?', [
      this.#name,
    ]);
    return row && checkpointOf(row as unknown as RawCheckpoint);
  }

  async load(keys: readonly string[], atLeast?: number): Promise<ReadonlyMap<string, Stored<Row>>> {
    const rows = new Map<string, Stored<Row>>();
    for (let start = 0; start === 0 || start < keys.length; start += KEYS_IN_STATEMENT) {
      const values = keys.slice(start, start + KEYS_IN_STATEMENT);
      const which = values.length > 0 ? `\`key\` IN (${values.map(() => '?').join(', ')})` : 'FALSE';
      const sql = `SELECT ${this.#list} FROM ${this.#table.name} WHERE ${which}`;
      for (const raw of await this.#read({ sql, values }, atLeast)) rows.set(raw.key, this.#stored(raw));
    }
    return rows;
  }

  async commit(
    changes: readonly Change<Row>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'> {
    const statements = inStatements(changes.map(change => this.#valuesOf(change)));
    const entries = parked.map(({ key, position, error, skipped }) => [this.#name, key, position, error, skipped]);
    return this.#primary.transaction(async session => {
      if (!(await this.#moveCheckpoint(session, from, upTo))) return 'fenced';
      for (const rows of statements) await session.execute(this.#upsert, [rows]);
      if (entries.length > 0) await session.execute(PARK, [entries]);
      return 'committed';
    });
  }

  async #moveCheckpoint({ execute }: Session, from: Checkpoint | undefined, upTo: Checkpoint): Promise<boolean> {
    const place = [upTo.log, upTo.position, upTo.last ? JSON.stringify(upTo.last) : null];
    if (from) {
      const sql = 'UPDATE checkpoints SET log = ?, position = ?, last = ? WHERE model = ? AND log = ? AND position = ?';
      return (await execute(sql, [...place, this.#name, from.log, from.position])) === 1;
    }
    try {
      return (await execute('INSERT INTO checkpoints VALUES (?, ?, ?, ?)', [this.#name, ...place])) === 1;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async parked(): Promise<readonly Parked[]> {
    const sql = 'SELECT `key`, position, error, skipped FROM parked WHERE model = ? ORDER BY `key`';
    return (await this.#primary.query(sql, [this.#name])) as unknown as Parked[];
  }

  async find(query: Query<Row> = {}): Promise<readonly Row[]> {
    const { orderBy, after, atLeast } = query;
    const isHead = orderBy !== undefined && this.#table.columns.get(orderBy)?.whole !== undefined;
    if (!isHead) return (await this.#read(findSql(this.#table, this.#list, query), atLeast)).map(raw => this.#row(raw));
    if (!fillsHead(after?.[0])) {
      const found = await this.#read(findSql(this.#table, this.#list, query), atLeast);
      if (!found.some(raw => fillsHead(raw[orderBy]))) return found.map(raw => this.#row(raw));
    }
    const found = await this.#read(findSql(this.#table, this.#list, query, 'exact'), atLeast);
    return found.map(raw => this.#row(raw));
  }

  /** Reads the primary: the number beside a list must not be older than the list. */
  async count(where?: Where<Row>, atLeast?: number): Promise<number> {
    await this.#require(atLeast);
    const { sql, values } = countSql(this.#table, where);
    return Number((await this.#primary.query(sql, values))[0]!.n);
  }

  /** Reads the primary, because an index in memory needs every change. */
  async changed(after: number, limit: number, atLeast?: number): Promise<readonly Change<Row>[]> {
    await this.#require(atLeast);
    const { name } = this.#table;
    const sql = `SELECT ${this.#list} FROM ${name} WHERE position > ? AND position <= (
        SELECT max(position) FROM (SELECT position FROM ${name} WHERE position > ? ORDER BY position LIMIT ${limit}) AS page)
      ORDER BY position, \`key\``;
    const found = (await this.#primary.query(sql, [after, after])) as Stamped[];
    return found.map(raw => ({ key: raw.key, ...this.#stored(raw) }));
  }

  /** @throws Behind if the primary, which is never older in a later read, is below `atLeast` */
  async #require(atLeast: number | undefined): Promise<void> {
    if (atLeast === undefined) return;
    requireReached(this.#name, (await this.checkpoint())?.position ?? 0, atLeast);
  }

  /** Asks the replica first, if there is one. @throws Behind where the primary has not seen `atLeast` either */
  async #read({ sql, values }: Sql, atLeast: number | undefined): Promise<readonly Stamped[]> {
    const read = (server: Connections) => this.#readFrom(server, { sql, values }, atLeast);
    return this.#replica ? this.#replica.readOr(read, () => read(this.#primary)) : read(this.#primary);
  }

  /** One statement, so that rows and checkpoint are of one moment, whichever server a proxy sends it to. */
  async #readFrom(server: Connections, { sql, values }: Sql, atLeast: number | undefined): Promise<readonly Stamped[]> {
    if (atLeast === undefined) return (await server.query(sql, values)) as Stamped[];
    const found = await server.query(`(${this.#stamp}) UNION ALL (${sql})`, [this.#name, ...values]);
    const [stamp, ...rows] = found as Stamped[];
    requireReached(this.#name, stamp!.position, atLeast);
    return rows;
  }

  #valuesOf({ key, position, row }: Change<Row>): Value[] {
    return [key, position, row ? 0 : 1, ...valuesOf(this.#columns, row as Raw | undefined)];
  }

  #stored(raw: Stamped): Stored<Row> {
    return { row: raw.deleted === 1 ? undefined : this.#row(raw), position: raw.position };
  }

  #row(raw: Raw): Row {
    return rowOf(this.#columns, raw) as Row;
  }
}

type Stamped = Raw & { key: string; position: number; deleted: number };

const PARK = `INSERT INTO parked (model, \`key\`, position, error, skipped) VALUES ?
  ON DUPLICATE KEY UPDATE skipped = VALUES(skipped)`;

/** Rows in as few statements as may be: one for a batch of usual size. */
function inStatements(rows: readonly Value[][]): Value[][][] {
  const statements: Value[][][] = [];
  let size = STATEMENT_BYTES;
  for (const row of rows) {
    const bytes = row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? 3 * value.length : 24), 0);
    if (size + bytes > STATEMENT_BYTES) {
      statements.push([]);
      size = 0;
    }
    statements.at(-1)!.push(row);
    size += bytes;
  }
  return statements;
}
