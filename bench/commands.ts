import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { commandHandler } from '../core/command-handler.ts';
import { fridgeFamily } from '../events/fridge.ts';
import { decider } from '../services/fridges/testing.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { alternate, type Cost, cost, discard, type Figure, figure, report, scratch, spread } from './harness.ts';
import { Households, record, type Step } from './households.ts';

/**
 * Commands per second through the kernel (idempotency, load, decide, append to disk) against a bare transaction with one
 * INSERT of the same bytes, both with synchronous=FULL.
 */
const SEED = 20260310;
const FRIDGES = 20;
const HISTORY = FRIDGES * 300;
const COMMANDS = { 1: 3000, 50: 8000 } as const;

interface Row {
  readonly values: readonly [stream: string, revision: number, id: string, type: string, data: string, meta: string];
}

const rowsOf = ({ stream, events, expected }: Step): Row[] =>
  events.map(({ id, event, meta }, i) => {
    const revision = (expected === 'none' ? 0 : expected + 1) + i;
    return { values: [stream, revision, id, event.type, JSON.stringify(event.data), JSON.stringify(meta)] };
  });

function openBare(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000');
  return db;
}

export async function commands(): Promise<Figure[]> {
  const folder = scratch();
  const households = new Households({ seed: SEED, fridges: FRIDGES });
  const kernelFile = join(folder, 'kernel.db');
  const store = sqliteEventStore(kernelFile);
  await record(store, households, HISTORY);
  await store.close();
  const steps = Array.from({ length: Math.max(...Object.values(COMMANDS)) }, () => households.next());

  const bareFile = join(folder, 'bare.db');
  const past = new Households({ seed: SEED, fridges: FRIDGES });
  const bare = openBare(bareFile);
  bare.exec(`CREATE TABLE facts (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL,
    id TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, meta TEXT NOT NULL) STRICT`);
  const INSERT = 'INSERT INTO facts (stream, revision, id, type, data, meta) VALUES (?, ?, ?, ?, ?, ?)';
  const insert = bare.prepare(INSERT);
  bare.exec('BEGIN');
  for (let i = 0; i < HISTORY; i++) for (const { values } of rowsOf(past.next())) insert.run(...values);
  bare.exec('COMMIT');
  bare.close();

  async function throughKernel(plan: readonly Step[], lanes: number): Promise<Cost> {
    const copy = join(scratch(), 'log.db');
    copyFileSync(kernelFile, copy);
    const log = sqliteEventStore(copy);
    const fridges = commandHandler(log, fridgeFamily, decider);
    // A server that has run for a while has the states of the fridges in use in memory.
    for (const fridgeId of new Set(plan.map(({ fridgeId }) => fridgeId))) await fridges.load(fridgeId, () => {});
    const result = await cost(() =>
      spread(plan, lanes, ({ fridgeId, command, meta }) => fridges.handle(fridgeId, command, meta, () => {})),
    );
    await log.close();
    discard(join(copy, '..'));
    return result;
  }

  async function bareInserts(plan: readonly Step[], lanes: number): Promise<Cost> {
    const copy = join(scratch(), 'bare.db');
    copyFileSync(bareFile, copy);
    const db = openBare(copy);
    const one = db.prepare(INSERT);
    const rows = plan.flatMap(rowsOf);
    const result = await cost(() =>
      spread(rows, lanes, ({ values }) => {
        db.exec('BEGIN IMMEDIATE');
        one.run(...values);
        db.exec('COMMIT');
      }),
    );
    db.close();
    discard(join(copy, '..'));
    return result;
  }

  const figures: Figure[] = [];
  for (const lanes of [1, 50] as const) {
    const plan = steps.slice(0, COMMANDS[lanes]);
    const { kernel, baseline } = await alternate({
      kernel: () => throughKernel(plan, lanes),
      baseline: () => bareInserts(plan, lanes),
    });
    const speed = (costs: readonly Cost[]) => costs.map(({ ms }) => plan.length / (ms / 1000));
    const cpu = (costs: readonly Cost[]) => costs.map(({ cpu }) => (1000 * cpu) / plan.length);
    figures.push(
      figure(`commands, ${lanes} at once / bare insert`, '1/s', speed(kernel), speed(baseline), { least: 0.6 }),
      figure(`processor time of a command, ${lanes} at once / bare insert`, 'us', cpu(kernel), cpu(baseline)),
    );
  }
  return figures;
}

if (import.meta.main) report(await commands());
