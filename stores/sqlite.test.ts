import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, type TestContext, test } from 'node:test';
import { Damaged, Unavailable } from '../core/errors.ts';
import type { EventStore } from '../core/event-store/port.ts';
import { added, note } from '../core/testing/projector-sample.ts';
import { testFolder } from '../core/testing/test-folder.ts';
import { sqliteEventStore } from './event-log/sqlite.ts';
import { sqliteKeyStore } from './keys/sqlite.ts';
import { transaction } from './sqlite.ts';

const BYTES_IN_PAGE = 4096;

async function amounts(store: EventStore, stream: string): Promise<number[]> {
  const all: number[] = [];
  for await (const { data } of store.read(stream)) all.push((data as { amount: number }).amount);
  return all;
}

/** A log of some hundred pages that was closed properly. */
const goodLog = Promise.withResolvers<Buffer>();
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-test-'));
  const store = sqliteEventStore(join(folder, 'log.db'));
  for (let n = 0; n < 5; n++) await note(store, 'box-1', ...Array(200).fill(added('milk'.repeat(100), n)));
  await store.close();
  goodLog.resolve(readFileSync(join(folder, 'log.db')));
  rmSync(folder, { recursive: true });
});

async function damaged(path: string, from: number, to: number): Promise<void> {
  writeFileSync(path, Buffer.from(await goodLog.promise).fill(0xa5, from, to));
}

async function shortened(path: string, share: number): Promise<void> {
  const content = await goodLog.promise;
  writeFileSync(path, content.subarray(0, Math.floor(content.length * share)));
}

function withDatabase(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

interface Unfit {
  make(path: string): void | Promise<void>;
  reason: RegExp;
}

const DAMAGED = { reason: /not a database|malformed|invalid page|btreeInitPage/i };
const FOREIGN = { reason: /not made by ZipBob for this use/ };
const UNFIT: Record<string, Unfit> = {
  'a text file': { make: path => writeFileSync(path, 'milk, rice, tofu\n'.repeat(1000)), ...DAMAGED },
  'a file of zeros': { make: path => writeFileSync(path, Buffer.alloc(3 * BYTES_IN_PAGE)), ...DAMAGED },
  'a log with a damaged header': { make: path => damaged(path, 16, 100), ...DAMAGED },
  'a log with a damaged first page': { make: path => damaged(path, 100, BYTES_IN_PAGE), ...DAMAGED },
  'a log with damaged pages': { make: path => damaged(path, 10 * BYTES_IN_PAGE, 40 * BYTES_IN_PAGE), ...DAMAGED },
  'half a log': { make: path => shortened(path, 0.5), ...DAMAGED },
  'a few bytes of a log': { make: path => shortened(path, 0.0005), ...DAMAGED },
  'another of our files': { make: path => sqliteKeyStore(path).close(), ...FOREIGN },
  'the database of another program': {
    make: path => withDatabase(path, 'CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES (1)'),
    ...FOREIGN,
  },
  'an empty database of another program': {
    make: path => withDatabase(path, 'PRAGMA application_id = 77'),
    ...FOREIGN,
  },
  'a log of a newer release': {
    make: async path => {
      writeFileSync(path, await goodLog.promise);
      withDatabase(path, 'PRAGMA user_version = 2');
    },
    reason: /newer release \(format 2, this one reads 1\)/,
  },
};

async function refusal(
  t: TestContext,
  { make }: Unfit,
): Promise<{ message: string; path: string; untouched: boolean }> {
  const path = testFolder(t).path('log.db');
  await make(path);
  const before = readFileSync(path);
  try {
    await sqliteEventStore(path).close();
  } catch (error) {
    return { message: (error as Error).message, path, untouched: before.equals(readFileSync(path)) };
  }
  throw new Error('the file was opened');
}

describe('a file that cannot be our log', () => {
  for (const [title, unfit] of Object.entries(UNFIT)) {
    test(`${title} is refused with its name and the reason`, async t => {
      const { message, path } = await refusal(t, unfit);
      assert.ok(message.startsWith(`cannot open the event log ${path}: `), message);
      assert.match(message, unfit.reason);
    });

    test(`${title} is not changed`, async t => {
      assert.ok((await refusal(t, unfit)).untouched);
    });
  }

  for (const [title, advice] of [
    ['half a log', /backup/i],
    ['another of our files', /another folder|move it|ZIPBOB_DATA/i],
    ['a log of a newer release', /start|run|install|update|upgrade/i],
  ] as const) {
    test(`the message for ${title} gives advice to the operator`, async t => {
      assert.match((await refusal(t, UNFIT[title]!)).message, advice);
    });
  }

  test('the message names a missing folder', t => {
    const path = testFolder(t).path('missing/log.db');
    assert.throws(() => sqliteEventStore(path), { message: new RegExp(`^cannot open the event log ${path}: `) });
  });
});

/** A log that is too large to be checked completely each time it is opened. */
const largeLog = Promise.withResolvers<Buffer>();
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-test-'));
  const store = sqliteEventStore(join(folder, 'log.db'));
  for (let n = 0; n < 100; n++) await note(store, `box-${n}`, added('x'.repeat(200_000), n));
  await store.close();
  largeLog.resolve(readFileSync(join(folder, 'log.db')));
  rmSync(folder, { recursive: true });
});

describe('a large log', () => {
  /** A log with damaged pages between two fractions of the file; the first page is intact. */
  async function damagedPart(t: TestContext, from: number, to: number): Promise<string> {
    const file = testFolder(t).path('log.db');
    const content = Buffer.from(await largeLog.promise);
    const page = (share: number) => Math.max(1, Math.floor((content.length * share) / BYTES_IN_PAGE)) * BYTES_IN_PAGE;
    writeFileSync(file, content.fill(0xa5, page(from), page(to)));
    return file;
  }

  test('with damage inside is opened, but the damaged part is never read as if it were intact', async t => {
    const file = await damagedPart(t, 0.45, 0.55);
    const store = testFolder(t).keep(sqliteEventStore(file));
    assert.deepEqual(await amounts(store, 'box-10'), [10]);
    await assert.rejects(amounts(store, 'box-50'), (error: Error) => {
      assert.ok(error instanceof Damaged);
      assert.ok(error.message.startsWith(`the event log ${file} is damaged: `), error.message);
      assert.match(error.message, /Restore it from a backup$/);
      return true;
    });
  });

  test('with damage at the start of its tables is refused', async t => {
    const file = await damagedPart(t, 0, 0.5);
    assert.throws(() => sqliteEventStore(file), DAMAGED.reason);
  });

  test('with damage at its end is refused', async t => {
    const file = await damagedPart(t, 0.9, 1);
    assert.throws(() => sqliteEventStore(file), DAMAGED.reason);
  });
});

test('an empty file becomes a log', async t => {
  const { path, keep } = testFolder(t);
  writeFileSync(path('log.db'), '');
  const store = keep(sqliteEventStore(path('log.db')));
  assert.equal((await store.head()).position, 0);
});

test('only the owner can access our files', async t => {
  const { path, keep } = testFolder(t);
  const mask = process.umask(0);
  t.after(() => process.umask(mask));
  await note(keep(sqliteEventStore(path('log.db'))), 'box-1', added('milk', 1));
  await keep(sqliteKeyStore(path('keys.db'))).ensure('mina');
  for (const name of ['log.db', 'log.db-wal', 'log.db-shm', 'keys.db', 'keys.db-wal', 'keys.db-shm']) {
    assert.equal((statSync(path(name)).mode & 0o777).toString(8), '600', name);
  }
});

const LOCKS = '/proc/locks';

// Closing any descriptor of a file releases all locks of the process on it (POSIX). Without its lock, the log loses its
// write-ahead log as soon as another program (a backup, the sqlite3 shell) has opened and closed it.
test('a second handle does not release the lock of the first', {
  skip: !existsSync(LOCKS) && `no ${LOCKS} here`,
}, async t => {
  const { path, keep } = testFolder(t);
  const open = () => keep(sqliteEventStore(path('log.db')));
  const locks = () =>
    readFileSync(LOCKS, 'utf8')
      .split('\n')
      .filter(line => line.includes(`:${statSync(path('log.db')).ino} `) && line.includes(` ${process.pid} `));
  await note(open(), 'box-1', added('milk', 1));
  assert.equal(locks().length, 1);
  await note(open(), 'box-1', added('milk', 2));
  assert.equal(locks().length, 1);
});

test('a transaction that fails is rolled back', t => {
  const db = testFolder(t).keep(new DatabaseSync(':memory:'));
  db.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)');
  const insert = db.prepare('INSERT INTO numbers VALUES (?)');
  const failing = (last: () => void) => () => {
    insert.run(1);
    last();
  };
  const mistake = new TypeError('our own');
  const throwing = failing(() => {
    throw mistake;
  });
  assert.throws(() => transaction(db, throwing), mistake);
  const twice = failing(() => insert.run(1));
  assert.throws(() => transaction(db, twice), /UNIQUE/);
  assert.equal(db.prepare('SELECT count(*) AS n FROM numbers').get()!.n, 0);
  assert.equal(db.isTransaction, false);
  assert.equal(
    transaction(db, () => insert.run(7).changes),
    1,
  );
});

describe('a full disk', () => {
  const large = 'x'.repeat(20_000);

  /** Appends until the disk is full. @returns the number of facts stored */
  async function fill(store: EventStore): Promise<number> {
    for (let n = 0; n < 1000; n++) {
      try {
        await note(store, 'box-1', added(large, n));
      } catch (error) {
        assert.ok(error instanceof Unavailable, String(error));
        return n;
      }
    }
    throw new Error('the disk was never full');
  }

  test('refuses an append and keeps the stored facts', async t => {
    const { path, keep } = testFolder(t);
    const store = keep(sqliteEventStore(path('log.db'), { maxPages: 60 }));
    const stored = await fill(store);
    assert.ok(stored > 2);
    const expected = Array.from({ length: stored }, (_, n) => n);
    assert.deepEqual(await amounts(store, 'box-1'), expected);

    await assert.rejects(note(store, 'box-2', added('milk', 1), added(large, 2)), Unavailable);
    assert.deepEqual(await amounts(store, 'box-2'), []);
    assert.deepEqual(await amounts(store, 'box-1'), expected);
    const head = await store.head();
    assert.equal(head.newest?.revision, stored - 1);
  });

  test('refuses appends as a whole, and stores nothing of the refused ones', async t => {
    const { path, keep } = testFolder(t);
    const store = keep(sqliteEventStore(path('log.db'), { maxPages: 60 }));
    await fill(store);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, (_, n) => note(store, `new-${n}`, added(n === 3 ? large : 'milk', n))),
    );
    for (const [n, outcome] of outcomes.entries()) {
      const expected = outcome.status === 'fulfilled' ? [n] : [];
      assert.deepEqual(await amounts(store, `new-${n}`), expected);
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof Unavailable);
    }
    assert.equal(outcomes[3]!.status, 'rejected');
  });

  test('with free space again accepts appends', async t => {
    const { path, keep } = testFolder(t);
    const small = sqliteEventStore(path('log.db'), { maxPages: 60 });
    const stored = await fill(small);
    await small.close();
    const roomy = keep(sqliteEventStore(path('log.db')));
    await note(roomy, 'box-1', added(large, stored), added(large, stored + 1));
    assert.deepEqual(
      await amounts(roomy, 'box-1'),
      Array.from({ length: stored + 2 }, (_, n) => n),
    );
  });
});
