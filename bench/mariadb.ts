import { join } from 'node:path';
import { createPool } from 'mysql2/promise';
import type { Projection } from '../core/projection.ts';
import { catchUp, REBUILD_BATCH } from '../core/projector.ts';
import type { Change, ReadModels } from '../core/read-model/port.ts';
import { openSubscriber } from '../core/subscriber.ts';
import { ingredients } from '../projections/ingredients.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { mariaDbReadModels } from '../stores/read-models/mariadb.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { startServer } from '../test/support/mariadb-server.ts';
import { alternate, type Figure, figure, report, scratch, timed } from './harness.ts';
import { Households, record } from './households.ts';

/**
 * A rebuild of the read model of ingredients in MariaDB, against one event per transaction, and against nothing but bulk
 * inserts of the rows that it ends with; and a page of a fridge, against the same in SQLite. The server is a private one,
 * on a real disk, with its own defaults.
 */
const SEED = 20260310;
const FACTS = 200_000;
const SINGLE_FACTS = 5000;
const FRIDGES = 500;
const ROWS_IN_STATEMENT = 1000;
const PAGES = 300;
const LOG = 'log-of-the-benchmark';
const projection = ingredients as unknown as Projection;

const db = await startServer({
  folder: scratch(),
  args: ['--innodb-log-file-size=96M', '--innodb-buffer-pool-size=128M'],
});
let schemas = 0;

async function schema(): Promise<string> {
  const name = `bench_${++schemas}`;
  await db.run(`CREATE DATABASE ${name}`);
  return name;
}

async function recorded(facts: number): Promise<string> {
  const file = join(scratch(), 'log.db');
  const log = sqliteEventStore(file);
  await record(log, new Households({ seed: SEED, fridges: FRIDGES }), facts);
  await log.close();
  return file;
}

/** Facts a second from a log into a fresh read model. */
async function rebuild(models: ReadModels, logFile: string, facts: number, batch: number): Promise<number> {
  const store = sqliteEventStore(logFile);
  const fed = await openSubscriber(store, models, LOG, projection, 0);
  const ms = await timed(async () => {
    await catchUp(store, LOG, fed, { onError: 'stop', batch });
    await models.serve(projection, 0);
  });
  await store.close();
  return facts / (ms / 1000);
}

async function intoMariaDb(logFile: string, facts: number, batch: number): Promise<number> {
  const models = await mariaDbReadModels(db.url(await schema()));
  try {
    return await rebuild(models, logFile, facts, batch);
  } finally {
    await models.close();
  }
}

/** The rows of the read model as plain values, and how fast the driver alone inserts them into a table with the same columns. */
function bulkLoad(rows: readonly Change<Record<string, unknown>>[], facts: number) {
  const names = Object.keys(projection.columns);
  const TYPES = { text: 'VARCHAR(191)', integer: 'BIGINT', real: 'DOUBLE', boolean: 'TINYINT', json: 'LONGTEXT' };
  const columns = names.map(name => `\`${name}\` ${TYPES[projection.columns[name]!.type]}`);
  const toSql = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : (value ?? null));
  const values = rows.map(({ key, position, row }) => [
    key,
    position,
    row ? 0 : 1,
    ...names.map(name => toSql(row?.[name])),
  ]);
  return async () => {
    const { port } = db;
    const pool = createPool({ host: '127.0.0.1', port, user: 'root', database: await schema(), connectionLimit: 1 });
    await pool.query(
      `CREATE TABLE bare (\`key\` VARCHAR(255) PRIMARY KEY, position BIGINT, deleted TINYINT, ${columns.join()}) CHARACTER SET utf8mb4`,
    );
    const ms = await timed(async () => {
      for (let start = 0; start < values.length; start += ROWS_IN_STATEMENT)
        await pool.query('INSERT INTO bare VALUES ?', [values.slice(start, start + ROWS_IN_STATEMENT)]);
    });
    await pool.end();
    return facts / (ms / 1000);
  };
}

async function pageMs(models: ReadModels, fridgeId: string): Promise<number> {
  const model = await models.generation(ingredients, 0);
  const query = { where: { fridgeId, present: true }, orderBy: 'nameKey', limit: 100 } as const;
  for (let n = 0; n < PAGES / 3; n++) await model.find(query);
  return (
    (await timed(async () => {
      for (let n = 0; n < PAGES; n++) await model.find(query);
    })) / PAGES
  );
}

async function mariadb(): Promise<Figure[]> {
  const [logFile, short] = [await recorded(FACTS), await recorded(SINGLE_FACTS)];
  const sqlite = sqliteReadModels(join(scratch(), 'views.db'));
  await rebuild(sqlite, logFile, FACTS, REBUILD_BATCH);
  const filled = await mariaDbReadModels(db.url(await schema()));
  await rebuild(filled, logFile, FACTS, REBUILD_BATCH);
  const rows = await (await sqlite.generation(projection, 0)).changed(0, FACTS);
  const fridgeId = String(rows[0]!.row!.fridgeId);
  console.log(`${FACTS} facts come to ${rows.length} rows`);
  const { ours, single, bare, page, sqlitePage } = await alternate({
    ours: () => intoMariaDb(logFile, FACTS, REBUILD_BATCH),
    single: () => intoMariaDb(short, SINGLE_FACTS, 1),
    bare: bulkLoad(rows, FACTS),
    page: () => pageMs(filled, fridgeId),
    sqlitePage: () => pageMs(sqlite, fridgeId),
  });
  await Promise.all([filled.close(), sqlite.close()]);
  await db.end();
  return [
    figure('rebuild in MariaDB / one event per transaction', 'facts/s', ours, single, { least: 100 }),
    figure('rebuild in MariaDB / bare bulk load of its rows', 'facts/s', ours, bare, { least: 0.4 }),
    figure('page of a fridge from MariaDB / from SQLite', 'ms', page, sqlitePage),
  ];
}

if (import.meta.main) report(await mariadb());
