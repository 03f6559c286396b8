import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Projection } from '../core/projection.ts';
import { catchUp, REBUILD_BATCH } from '../core/projector.ts';
import type { Change, Checkpoint, ReadModel, Stored } from '../core/read-model/port.ts';
import { openSubscriber, type Subscriber } from '../core/subscriber.ts';
import { ingredients } from '../projections/ingredients.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { alternate, type Cost, cost, discard, type Figure, figure, report, scratch } from './harness.ts';
import { Households, record } from './households.ts';

/**
 * Facts per second from the log into the read model of ingredients, as in a rebuild, against the bare upserts of the
 * resulting rows with one prepared statement.
 */
const SEED = 20260310;
const FACTS = 200_000;
const FRIDGES = 500;
const ROWS_IN_TRANSACTION = 5000;
const LOG = 'log-of-the-benchmark';

type Row = Record<string, unknown>;
const projection = ingredients as unknown as Projection;

/** A read model in memory that also records every written row. */
class Recorder implements ReadModel<Row> {
  readonly written: Change<Row>[] = [];
  readonly #rows = new Map<string, Stored<Row>>();
  #checkpoint: Checkpoint | undefined;

  checkpoint = async () => this.#checkpoint;
  parked = async () => [];
  find = async () => [];
  count = async () => this.#rows.size;
  changed = async () => [];

  async load(keys: readonly string[]) {
    return new Map(keys.flatMap(key => (this.#rows.has(key) ? [[key, this.#rows.get(key)!]] : [])));
  }

  async commit(changes: readonly Change<Row>[], _parked: unknown, _from: unknown, upTo: Checkpoint) {
    for (const change of changes) {
      this.#rows.set(change.key, change);
      this.written.push(change);
    }
    this.#checkpoint = upTo;
    return 'committed' as const;
  }
}

type Values = readonly SQLInputValue[];
const columns = Object.entries(projection.columns);
const SQL_TYPES = { text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'INTEGER', json: 'TEXT' } as const;

function toSql(type: keyof typeof SQL_TYPES, value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  return type === 'boolean' ? Number(value) : (value as SQLInputValue);
}

const valuesOf = ({ key, position, row }: Change<Row>): Values => [
  key,
  position,
  row ? 0 : 1,
  ...columns.map(([name, { type }]) => toSql(type, row?.[name])),
];

async function rowsWritten(logFile: string): Promise<readonly Values[]> {
  const store = sqliteEventStore(logFile);
  const model = new Recorder();
  const recording: Subscriber = {
    projection,
    generation: 0,
    model,
    checkpoint: undefined,
    parked: new Map(),
    live: false,
  };
  await catchUp(store, LOG, recording, { onError: 'stop', batch: REBUILD_BATCH });
  await store.close();
  return model.written.map(valuesOf);
}

export async function replay(): Promise<Figure[]> {
  const logFile = join(scratch(), 'log.db');
  const log = sqliteEventStore(logFile);
  await record(log, new Households({ seed: SEED, fridges: FRIDGES }), FACTS);
  await log.close();
  const rows = await rowsWritten(logFile);
  console.log(`${FACTS} facts of ${FRIDGES} fridges come to ${rows.length} upserts in batches of ${REBUILD_BATCH}`);

  async function throughProjector(): Promise<Cost> {
    const folder = scratch();
    const store = sqliteEventStore(logFile);
    const models = sqliteReadModels(join(folder, 'views.db'));
    const fed = await openSubscriber(store, models, LOG, projection, 0);
    const result = await cost(async () => {
      await catchUp(store, LOG, fed, { onError: 'stop', batch: REBUILD_BATCH });
      await models.serve(projection, 0); // includes all remaining work until the view can be queried
    });
    await models.close();
    await store.close();
    discard(folder);
    return result;
  }

  async function bareUpserts(indexed: boolean): Promise<Cost> {
    const folder = scratch();
    const db = new DatabaseSync(join(folder, 'views.db'));
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000');
    const names = ['position', 'deleted', ...columns.map(([name]) => name)];
    const types = columns.map(([name, { type }]) => `${name} ${SQL_TYPES[type]}`);
    db.exec(
      `CREATE TABLE rows (key TEXT PRIMARY KEY, position INTEGER NOT NULL, deleted INTEGER NOT NULL, ${types.join()}) STRICT`,
    );
    if (indexed) {
      for (const index of [['position'], ...projection.indexes])
        db.exec(`CREATE INDEX by_${index.join('_')} ON rows (${index.join()}, key)`);
    }
    const upsert = db.prepare(
      `INSERT INTO rows (key, ${names.join()}) VALUES (?, ${names.map(() => '?').join()})
       ON CONFLICT (key) DO UPDATE SET ${names.map(name => `${name} = excluded.${name}`).join()}`,
    );
    const result = await cost(() => {
      for (let start = 0; start < rows.length; start += ROWS_IN_TRANSACTION) {
        db.exec('BEGIN IMMEDIATE');
        for (const values of rows.slice(start, start + ROWS_IN_TRANSACTION)) upsert.run(...values);
        db.exec('COMMIT');
      }
    });
    db.close();
    discard(folder);
    return result;
  }

  const { ours, bare, indexed } = await alternate({
    ours: throughProjector,
    bare: () => bareUpserts(false),
    indexed: () => bareUpserts(true),
  });
  const speed = (costs: readonly Cost[]) => costs.map(({ ms }) => FACTS / (ms / 1000));
  const cpu = (costs: readonly Cost[]) => costs.map(({ cpu }) => (1000 * cpu) / FACTS);
  return [
    figure('replay / bare upserts', 'facts/s', speed(ours), speed(bare), { least: 0.4 }),
    figure('replay / bare upserts, same indexes', 'facts/s', speed(ours), speed(indexed)),
    figure('processor time of a replayed fact / bare', 'us', cpu(ours), cpu(bare), { most: 2.5 }),
    figure('processor time of a replayed fact / bare, same indexes', 'us', cpu(ours), cpu(indexed)),
  ];
}

if (import.meta.main) report(await replay());
