import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import type { EventStore } from './event-store/port.ts';
import type { Fact, Happened, Recorded } from './fact.ts';
import { Chain, copyLog, type Origin, originOf } from './log-copy.ts';
import { openLog, readLogIdentity } from './log-identity.ts';
import { positionKey, positionOf, positionToken } from './position-token.ts';
import { added, note, noted } from './testing/projector-sample.ts';
import { type TestFolder, testFolder } from './testing/test-folder.ts';

const KEYS = 'identity-of-these-keys';
const clock = () => new Date('2026-04-01T12:00:00.000Z');

const open = ({ keep, path }: TestFolder, name: string) => keep(sqliteEventStore(path(name)));

async function factsOf(store: EventStore): Promise<Recorded[]> {
  const facts: Recorded[] = [];
  for await (const { events } of store.follow({ after: 0, live: false })) facts.push(...events);
  return facts;
}
const kept = (facts: readonly Recorded[]): Omit<Recorded, 'position'>[] =>
  facts.filter(({ stream }) => stream !== 'log').map(({ position: _, ...rest }) => rest);
const types = async (store: EventStore) => (await factsOf(store)).map(({ type }) => type);

/** Streams take turns, as they do in a real log. */
async function filled(folder: TestFolder, name = 'source.db', keys = KEYS): Promise<EventStore> {
  const store = open(folder, name);
  await openLog(store, keys, { clock });
  await note(store, 'box-1', added('milk', 1), added('milk', 2));
  await note(store, 'box-1', added('tofu \u2028 두부 💥', 0.1));
  await note(store, 'note-1', noted('first'));
  await note(store, 'box-1', added('rice', 4));
  await note(store, 'other', noted('a stream without a hyphen'));
  await note(store, 'log-1', noted('nearly the stream of the log itself'));
  await note(store, 'note-1', noted('second'), noted(''));
  return store;
}

/** A target that fails with its n-th append, which it carries out or not. */
function failing(target: EventStore, nth: number, isWritten: boolean): EventStore {
  let appends = 0;
  return {
    async append(...append) {
      if (++appends !== nth) return await target.append(...append);
      if (isWritten) await target.append(...append);
      throw new Error('the power failed');
    },
    read: (...read) => target.read(...read),
    follow: options => target.follow(options),
    head: () => target.head(),
    headPosition: () => target.headPosition(),
    ready: () => target.ready(),
    close: () => target.close(),
  };
}

/** Appends as they are counted by a target. */
async function appendsOf(origin: Origin, target: EventStore): Promise<number> {
  let appends = 0;
  await copyLog(origin, {
    ...failing(target, -1, false),
    append: (...append) => {
      appends++;
      return target.append(...append);
    },
  });
  return appends;
}

/** A copy that stopped with its n-th append, if it has so many. */
async function interrupted(origin: Origin, target: EventStore, nth: number, isWritten = false): Promise<void> {
  await assert.rejects(copyLog(origin, failing(target, nth, isWritten)), { message: 'the power failed' });
}

describe('a copy of a log', () => {
  test('holds the same facts in the same order, and is another log with the same keys', async t => {
    const folder = testFolder(t);
    const [source, target] = [await filled(folder), open(folder, 'target.db')];
    const before = await factsOf(source);
    const progress: [string, number][] = [];
    const onProgress = (step: string, count: number) => progress.push([step, count]);
    const { count, hash, logId } = await copyLog(await originOf(source), target, { clock, onProgress });
    const facts = await factsOf(target);
    assert.deepEqual(kept(facts), kept(before));
    assert.equal(kept(facts).length, 9);
    assert.equal(count, 9);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      [progress.find(([step]) => step === 'copied'), progress.at(-1)],
      [
        ['copied', 3],
        ['checked', 9],
      ],
    );
    const old = (await readLogIdentity(source))!;
    assert.notEqual(logId, old.logId);
    assert.deepEqual(await readLogIdentity(target), { logId, keyStore: KEYS, revision: 1 });
    assert.deepEqual(
      facts.filter(({ stream }) => stream === 'log').map(({ type, data, meta }) => [type, data, meta.at]),
      [
        ['CopyStarted', { from: old.logId, keyStore: KEYS }, '2026-04-01T12:00:00.000Z'],
        ['LogOpened', { logId, keyStore: KEYS }, '2026-04-01T12:00:00.000Z'],
      ],
    );
    assert.deepEqual([facts[0]!.type, facts.at(-1)!.type], ['CopyStarted', 'LogOpened']);
    assert.deepEqual(await factsOf(source), before);
  });

  test('can be started; a position from before is unknown there', async t => {
    const folder = testFolder(t);
    const [source, target] = [await filled(folder), open(folder, 'target.db')];
    const { logId: before } = (await readLogIdentity(source))!;
    const { logId } = await copyLog(await originOf(source), target);
    assert.equal(await openLog(target, KEYS), logId);
    await assert.rejects(openLog(target, 'other-keys'), /the key store does not belong to this event log/);
    const [keyBefore, key] = [before, logId].map(id => positionKey(new Uint8Array(32), id));
    assert.throws(() => positionOf(key!, positionToken(keyBefore!, 3)), { code: 'position-unknown' });
  });

  test('is a log that can be copied again, also once it was renewed', async t => {
    const folder = testFolder(t);
    const [source, second, third] = [await filled(folder), open(folder, 'second.db'), open(folder, 'third.db')];
    await copyLog(await originOf(source), second);
    await openLog(second, KEYS, { renew: true });
    await copyLog(await originOf(second), third);
    assert.deepEqual(kept(await factsOf(third)), kept(await factsOf(source)));
    assert.deepEqual((await types(third)).filter(type => type === 'LogOpened').length, 1);
  });

  test('of a log that holds nothing yet holds nothing', async t => {
    const folder = testFolder(t);
    const [source, target] = [open(folder, 'source.db'), open(folder, 'target.db')];
    await openLog(source, KEYS);
    assert.equal((await copyLog(await originOf(source), target)).count, 0);
    assert.deepEqual(await types(target), ['CopyStarted', 'LogOpened']);
  });

  test('takes long runs of one stream in as many appends as they need', async t => {
    const folder = testFolder(t);
    const [source, target] = [open(folder, 'source.db'), open(folder, 'target.db')];
    await openLog(source, KEYS);
    const facts = (count: number, text: string): Fact[] => Array.from({ length: count }, () => noted(text));
    await note(source, 'note-1', ...facts(400, 'short'));
    await note(source, 'note-1', ...facts(400, 'short'));
    await note(source, 'note-2', ...facts(2, '두'.repeat(80_000)));
    await note(source, 'note-2', ...facts(2, '두'.repeat(80_000)));
    // CopyStarted, 500 + 300 facts, 2 + 2 facts, LogOpened
    assert.equal(await appendsOf(await originOf(source), target), 6);
    assert.deepEqual(kept(await factsOf(target)), kept(await factsOf(source)));
  });
});

describe('an interrupted copy', () => {
  /** where it stops, and whether what it stopped at was written */
  const anyStop = fc.tuple(fc.integer({ min: 2, max: 20 }), fc.boolean());
  const anyStreams = fc.array(fc.constantFrom('box-1', 'box-2', 'note-1'), { maxLength: 15 });

  test('goes on where it stopped, however often and wherever that was', async t => {
    const folder = testFolder(t);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(anyStreams, fc.array(anyStop, { maxLength: 4 }), async (streams, stops) => {
        const source = open(folder, `source-${++runs}.db`);
        const target = open(folder, `target-${runs}.db`);
        await openLog(source, KEYS);
        for (const [i, stream] of streams.entries()) await note(source, stream, added('milk', i));
        const origin = await originOf(source);
        let isDone = false;
        for (const [nth, isWritten] of stops) {
          const stopped = await copyLog(origin, failing(target, nth, isWritten)).then(
            () => false,
            error => error.message === 'the power failed',
          );
          isDone = !stopped || (await types(target)).includes('LogOpened');
          if (isDone) break;
          await assert.rejects(readLogIdentity(target), /unfinished copy/);
        }
        if (!isDone) await copyLog(origin, target);
        assert.deepEqual(kept(await factsOf(target)), kept(await factsOf(source)));
        const own = (await types(target)).filter(type => type !== 'Added');
        assert.deepEqual(own, ['CopyStarted', 'LogOpened']);
      }),
      { seed: 20260310, numRuns: 40 },
    );
  });

  test('at every append, written or not, copies no fact twice', async t => {
    const folder = testFolder(t);
    const source = await filled(folder);
    const origin = await originOf(source);
    const appends = await appendsOf(origin, open(folder, 'whole.db'));
    assert.equal(appends, 8);
    for (let nth = 1; nth < appends; nth++) {
      for (const isWritten of [false, true]) {
        const target = open(folder, `target-${nth}-${isWritten}.db`);
        await interrupted(origin, target, nth, isWritten);
        const { position } = await target.head();
        assert.equal(position > 0, nth > 1 || isWritten);
        let copied = 0;
        const onProgress = (step: string, count: number) => {
          if (step === 'copied') copied = count;
        };
        await copyLog(origin, target, { onProgress });
        assert.equal(copied, 9 - Math.max(position - 1, 0));
        assert.deepEqual(kept(await factsOf(target)), kept(await factsOf(source)));
      }
    }
  });

  test('takes facts that were added to the log since', async t => {
    const folder = testFolder(t);
    const [source, target] = [await filled(folder), open(folder, 'target.db')];
    await interrupted(await originOf(source), target, 4);
    await note(source, 'box-7', added('late', 1));
    assert.equal((await copyLog(await originOf(source), target)).count, 10);
    assert.deepEqual(kept(await factsOf(target)), kept(await factsOf(source)));
  });
});

describe('a target is refused, and left as it is,', () => {
  /** @param words in the message */
  async function refuses(t: TestContext, prepare: (folder: TestFolder, target: EventStore) => unknown, words: RegExp) {
    const folder = testFolder(t);
    const [source, target] = [await filled(folder), open(folder, 'target.db')];
    const origin = await originOf(source);
    await prepare(folder, target);
    const before = await factsOf(target);
    assert.ok(before.length > 0);
    await assert.rejects(copyLog(origin, target), { message: words });
    assert.deepEqual(await factsOf(target), before);
  }
  const ofOrigin = async (folder: TestFolder) => await originOf(open(folder, 'source.db'));

  test('that is a log of its own', t =>
    refuses(t, (_, target) => openLog(target, KEYS), /not empty: it is the log [0-9a-f-]{36}\. Choose an empty one/));

  test('that is a finished copy', t =>
    refuses(t, async (folder, target) => copyLog(await ofOrigin(folder), target), /not empty: .*, a finished copy/));

  test('that holds facts and no log', t =>
    refuses(t, (_, target) => note(target, 'box-1', added('milk', 1)), /not empty: it holds box-1/));

  test('that is an unfinished copy of another log', t =>
    refuses(
      t,
      async (folder, target) => interrupted(await originOf(await filled(folder, 'another.db')), target, 3),
      /unfinished copy of another log/,
    ));

  test('that is an unfinished copy with other keys', t =>
    refuses(
      t,
      async (folder, target) => interrupted({ ...(await ofOrigin(folder)), keyStore: 'other' }, target, 3),
      /belongs to other keys/,
    ));

  test('that is an unfinished copy to which somebody has added', t =>
    refuses(
      t,
      async (folder, target) => {
        await interrupted(await ofOrigin(folder), target, 3);
        await note(target, 'box-1', added('foreign', 1));
      },
      /box-1 at revision 3, which the log to be copied does not hold/,
    ));

  test('that is an unfinished copy with a stream that nobody knows', t =>
    refuses(
      t,
      async (folder, target) => {
        await interrupted(await ofOrigin(folder), target, 3);
        await note(target, 'box-9', added('foreign', 1));
      },
      /box-9 at revision 0, which the log to be copied does not hold/,
    ));
});

describe('a copy is not opened', () => {
  for (const [title, sql] of Object.entries({
    data: `UPDATE facts SET data = replace(data, 'milk', 'silk') WHERE position = 2`,
    metadata: `UPDATE facts SET meta = replace(meta, '2026', '2025') WHERE position = 3`,
    'a type': `UPDATE facts SET type = 'Removed' WHERE position = 2`,
    'an id': `UPDATE facts SET id = 'another' WHERE position = 2`,
    'the order': 'UPDATE facts SET position = 100 WHERE position = 4',
    'a fact less': 'DELETE FROM facts WHERE position = 2',
  })) {
    test(`when it differs in ${title}`, async t => {
      const folder = testFolder(t);
      const [source, target] = [await filled(folder), open(folder, 'target.db')];
      const origin = await originOf(source);
      await interrupted(origin, target, 4);
      const db = new DatabaseSync(folder.path('target.db'));
      assert.equal(db.prepare(sql).run().changes, 1);
      db.close();
      await assert.rejects(copyLog(origin, target), /the copy is not the same: \d facts instead of 9/);
      assert.ok(!(await types(target)).includes('LogOpened'));
      await assert.rejects(readLogIdentity(target), /unfinished copy/);
    });
  }

  test('when facts are added to the log meanwhile', async t => {
    const folder = testFolder(t);
    const [source, target] = [await filled(folder), open(folder, 'target.db')];
    const origin = await originOf(source);
    await note(source, 'box-1', added('late', 1));
    await assert.rejects(
      copyLog(origin, target),
      /facts were added to the log while it was copied\. Stop every server/,
    );
    assert.ok(!(await types(target)).includes('LogOpened'));
    await copyLog(await originOf(source), target);
    assert.deepEqual(kept(await factsOf(target)), kept(await factsOf(source)));
  });
});

describe('a log is not copied', () => {
  test('when there is none', async t => {
    await assert.rejects(originOf(open(testFolder(t), 'source.db')), /there is no event log in it/);
  });

  test('when it is an unfinished copy itself', async t => {
    const folder = testFolder(t);
    const target = open(folder, 'target.db');
    await interrupted(await originOf(await filled(folder)), target, 4);
    await assert.rejects(originOf(target), /unfinished copy/);
  });

  test('when it holds streams that no ZipBob writes', async t => {
    for (const odd of ['Box-1', 'b.x', 'box|note', '-1']) {
      const folder = testFolder(t);
      const source = await filled(folder);
      await note(source, odd, noted('of another program'));
      const target = open(folder, 'target.db');
      await assert.rejects(copyLog(await originOf(source), target), /which no ZipBob writes/);
      await assert.rejects(readLogIdentity(target), /unfinished copy/);
    }
  });
});

describe('the chain of facts', () => {
  const one: Happened = {
    ...{ stream: 'box-1', revision: 0, id: 'a', type: 'Added', data: { item: 'milk' } },
    meta: { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 },
  };
  const chained = (...facts: Happened[]) => {
    const chain = new Chain();
    for (const stored of facts) chain.add(stored);
    return chain.summary;
  };

  test('is the same for the same facts, wherever they stand in their log', () =>
    assert.deepEqual(chained(one), chained({ ...one, position: 9 } as Recorded)));

  test('differs with every part of a fact, and with their order', () => {
    const others: Partial<Happened>[] = [
      { stream: 'box-2' },
      { revision: 1 },
      { id: 'b' },
      { type: 'Lost' },
      { data: { item: 'tofu' } },
      { meta: { ...one.meta, actor: 'mina' } },
    ];
    const two = { ...one, id: 'z' };
    const hashes = [
      chained(),
      chained(one),
      chained(one, two),
      chained(two, one),
      ...others.map(other => chained({ ...one, ...other })),
    ].map(({ hash }) => hash);
    assert.equal(new Set(hashes).size, hashes.length);
  });
});
