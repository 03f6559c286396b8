import { Unavailable } from '../../core/errors.ts';
import type { Projection } from '../../core/projection.ts';
import type { ReadModel, ReadModels } from '../../core/read-model/port.ts';
import { Connections, type Limits, type Session } from '../mariadb/connections.ts';
import { answers, opening, requireRights } from '../mariadb/opening.ts';
import { prepareSchema } from '../mariadb/schema.ts';
import { checkpointOf, modelName, type RawCheckpoint, versioned } from './generations.ts';
import { quoted } from './mariadb-columns.ts';
import { leasesIn } from './mariadb-leases.ts';
import { MariaDbReadModel } from './mariadb-model.ts';
import { CHANGES_NOTHING, createIndexes, createTable, FORMAT, RIGHTS } from './mariadb-schema.ts';

/** Seconds that a statement on tables waits for another of the same kind. */
const DEFINING_WAIT_S = 60;

/** Short: the primary is asked next, and a request waits for both. */
const REPLICA_LIMITS = { connect: 1000, acquire: 1000, statement: 1000 };

export interface MariaDbOptions {
  /** of a replica, which is asked for rows; the primary is asked where that is away or behind */
  readonly readUrl?: string;
  /** only reads: the account needs no more than SELECT, once the schema is ready */
  readonly readOnly?: boolean;
  readonly limits?: Partial<Limits>;
}

/**
 * Read models in one schema of a MariaDB server: a table per projection, version and generation, a column per field. A
 * generation that another handle drops is noticed by the next read of it, which throws Unavailable.
 * @throws Error with a message for the operator
 */
export function mariaDbReadModels(url: string, options: MariaDbOptions = {}): Promise<ReadModels> {
  const { readUrl, readOnly = false, limits = {} } = options;
  return opening(url, { variable: 'MARIADB_URL', limits }, async primary => {
    await prepareSchema(primary, FORMAT);
    if (!readOnly) await requireRights(primary, RIGHTS, CHANGES_NOTHING);
    if (readUrl === undefined) return readModelsOn(primary);
    const replica = new Connections(readUrl, {
      variable: 'MARIADB_READ_URL',
      limits: { ...limits, ...REPLICA_LIMITS },
    });
    try {
      await answers(replica); // one that is away comes back; one that refuses us does not
    } catch (error) {
      await replica.close();
      throw error;
    }
    return readModelsOn(primary, replica);
  });
}

function readModelsOn(primary: Connections, replica?: Connections): ReadModels {
  const open = new Map<string, MariaDbReadModel>();
  const exists = async ({ query }: Pick<Session, 'query'>, name: string) =>
    (await query('SELECT 1 FROM generations WHERE model = ?', [name])).length > 0;
  const dropTable = async (session: Session, name: string) => {
    open.delete(name);
    // A table without its entry is dropped by the next build; an entry without its table could not be read.
    for (const table of ['generations', 'checkpoints', 'parked'])
      await session.execute(`DELETE FROM ${table} WHERE model = ?`, [name]);
    await session.execute(`DROP TABLE IF EXISTS ${quoted(name)}`);
  };
  return {
    ...leasesIn(primary),
    async build(projection, generation) {
      const name = modelName(projection, generation);
      if (await exists(primary, name)) return;
      await alone(primary, async session => {
        if (await exists(session, name)) return;
        await session.execute(`DROP TABLE IF EXISTS ${quoted(name)}`);
        await createTable(session.execute, name, projection);
        await session.execute('INSERT INTO generations VALUES (?, ?, ?)', [name, projection.name, projection.version]);
      });
    },
    async generation<Row>(projection: Projection<Row>, generation: number) {
      const name = modelName(projection, generation);
      const known = primary.isClosed ? undefined : open.get(name);
      if (known) return known as unknown as ReadModel<Row>;
      if (!(await exists(primary, name))) throw new Unavailable(`${name} is not built yet`);
      const model = new MariaDbReadModel(primary, replica, name, projection);
      open.set(name, model);
      return model as unknown as ReadModel<Row>;
    },
    async served(projection) {
      const [row] = await primary.query('SELECT generation FROM served WHERE projection = ?', [versioned(projection)]);
      return row && Number(row.generation);
    },
    async serve(projection, generation) {
      const name = modelName(projection, generation);
      await alone(primary, async session => {
        if (await exists(session, name)) await createIndexes(session.execute, name, projection);
        await session.execute(
          'INSERT INTO served VALUES (?, ?) ON DUPLICATE KEY UPDATE generation = VALUES(generation)',
          [versioned(projection), generation],
        );
      });
    },
    async drop(projection, generation) {
      const name = modelName(projection, generation);
      await alone(primary, async session => {
        const pointer = [versioned(projection), generation];
        await session.execute('DELETE FROM served WHERE projection = ? AND generation = ?', pointer);
        await dropTable(session, name);
      });
    },
    async versions(name) {
      const sql = 'SELECT DISTINCT version FROM generations WHERE projection = ? ORDER BY version';
      return (await primary.query(sql, [name])).map(({ version }) => Number(version));
    },
    async retire(name, version) {
      await alone(primary, async session => {
        await session.execute('DELETE FROM served WHERE projection = ?', [versioned({ name, version })]);
        const sql = 'SELECT model FROM generations WHERE projection = ? AND version = ?';
        for (const { model } of await session.query(sql, [name, version])) await dropTable(session, String(model));
      });
    },
    async checkpoints() {
      const rows = await primary.query('SELECT log, position, last FROM checkpoints');
      return rows.map(row => checkpointOf(row as unknown as RawCheckpoint));
    },
    async close() {
      await Promise.all([primary.close(), replica?.close()]);
    },
  };
}

/** Does `work` while no other process changes tables of this schema: such statements cannot be undone as a whole. */
function alone(primary: Connections, work: (session: Session) => Promise<void>): Promise<void> {
  return primary.defining(async session => {
    const [row] = await session.query("SELECT GET_LOCK(concat('zipbob ', database()), ?) AS free", [DEFINING_WAIT_S]);
    if (row?.free !== 1) throw new Unavailable(`${primary.where}: another process changes its tables`);
    await work(session);
    await session.query("SELECT RELEASE_LOCK(concat('zipbob ', database()))");
  });
}
