import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Appended, EventStore } from '../../core/event-store/port.ts';
import type { Recorded } from '../../core/fact.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { sqliteEventStore } from './sqlite.ts';

const SEED = 20260310;
const LENGTHS = 150;
/** every n-th cut log is also appended to */
const WRITE_EVERY = 8;

async function everything(store: EventStore): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for await (const { events } of store.follow({ after: 0, families: ['box'], live: false })) all.push(...events);
  return all;
}

/** Appends several facts; each states the append that it belongs to and the number of facts in it. */
async function append(store: EventStore, stream: string, n: number, size: number, revision: number): Promise<Appended> {
  const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 };
  const data = { n, size, filling: 'x'.repeat((n * 97) % 700) };
  const facts = Array.from({ length: size }, () => ({ id: randomUUID(), event: { type: 'Added', data }, meta }));
  return store.append(stream, facts, revision < 0 ? 'none' : revision);
}

/** Fills a log with sequential appends and some concurrent ones; the concurrent ones use two streams of their own. */
async function fill(store: EventStore, appends: number): Promise<void> {
  const ends = new Map<string, number>();
  const next = async (n: number, stream: string) => {
    const { revision } = await append(store, stream, n, 1 + (n % 5), ends.get(stream) ?? -1);
    ends.set(stream, revision);
  };
  for (let n = 0; n < appends; n += 3) {
    await next(n, 'box-1');
    await Promise.all([next(n + 1, 'box-2'), next(n + 2, 'box-3')]);
  }
}

/** Appends that are stored only in part. */
function torn(facts: readonly Recorded[]): number[] {
  const missing = new Map<number, number>();
  for (const { data } of facts) {
    const { n, size } = data as { n: number; size: number };
    missing.set(n, (missing.get(n) ?? size) - 1);
  }
  return [...missing].filter(([, left]) => left !== 0).map(([n]) => n);
}

/** Random lengths, and the lengths at which a file is most likely to be cut. */
function lengths(total: number): number[] {
  const frames = [0, 1, 31, 32, 33, 32 + 24, 32 + 24 + 4096, total - 4097, total - 1, total];
  const anywhere = fc.sample(fc.integer({ min: 0, max: total }), { seed: SEED, numRuns: LENGTHS });
  return [...new Set([...frames, ...anywhere])].sort((a, b) => a - b);
}

/** @param kept number of facts that were checkpointed into the file, and so cannot be lost with the write-ahead log */
async function loseTheEnd(t: TestContext, fillLog: (open: () => EventStore) => Promise<EventStore>, kept: number) {
  const { path, keep } = testFolder(t);
  const store = await fillLog(() => keep(sqliteEventStore(path('log.db'))));
  const acknowledged = await everything(store);
  const database = readFileSync(path('log.db'));
  const wal = readFileSync(path('log.db-wal'));
  let shown = kept;
  for (const [n, length] of lengths(wal.length).entries()) {
    const where = `${length} of ${wal.length} bytes`;
    writeFileSync(path('cut.db'), database);
    // The file may also keep its full length, with zeros in the part that was not written.
    writeFileSync(path('cut.db-wal'), n % 2 === 0 ? wal.subarray(0, length) : Buffer.from(wal).fill(0, length));
    const cut = sqliteEventStore(path('cut.db'));
    const facts = await everything(cut);
    assert.deepEqual(facts, acknowledged.slice(0, facts.length), where);
    assert.ok(facts.length >= shown, `${where} hold fewer facts than a shorter file did`);
    assert.deepEqual(torn(facts), [], where);
    shown = facts.length;

    if (n % WRITE_EVERY === 0) {
      const revision = facts.findLast(({ stream }) => stream === 'box-1')?.revision ?? -1;
      await append(cut, 'box-1', 9999, 2, revision);
      assert.equal((await everything(cut)).length, facts.length + 2);
    }
    await cut.close();
  }
  assert.equal(shown, acknowledged.length);
}

test('a log whose last writes were lost opens and ends at a whole append', t =>
  loseTheEnd(
    t,
    async open => {
      const store = open();
      await fill(store, 60);
      return store;
    },
    0,
  ));

test('facts from before the last start are never lost', t =>
  loseTheEnd(
    t,
    async open => {
      const first = open();
      await append(first, 'box-1', 1000, 3, -1);
      await first.close();
      const again = open();
      await append(again, 'box-2', 1001, 4, -1);
      await append(again, 'box-1', 1002, 2, 2);
      return again;
    },
    3,
  ));
