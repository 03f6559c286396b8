import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { type EventStore, MAX_BYTES } from './event-store/port.ts';
import type { Happened } from './fact.ts';
import { copyLog, type Origin, originOf } from './log-copy.ts';
import { readLogFile, writeLogFile } from './log-file.ts';
import { openLog, readLogIdentity } from './log-identity.ts';
import { added, note, noted } from './testing/projector-sample.ts';
import { type TestFolder, testFolder } from './testing/test-folder.ts';

const KEYS = 'identity-of-these-keys';

const open = ({ keep, path }: TestFolder, name: string) => keep(sqliteEventStore(path(name)));

/** A log in a file. */
async function exported(
  t: TestContext,
): Promise<{ folder: TestFolder; source: EventStore; origin: Origin; file: string }> {
  const folder = testFolder(t);
  const source = open(folder, 'source.db');
  await openLog(source, KEYS);
  await note(source, 'box-1', added('milk', 1), added('milk', 2));
  await note(source, 'note-1', noted('line one\nline two\u2028line three 두부 💥'));
  await note(source, 'box-1', added('rice', 0.1));
  await note(source, 'note-1', noted(''));
  await openLog(source, KEYS, { renew: true });
  const origin = await originOf(source);
  const file = folder.path('log.gz');
  await writeLogFile(file, origin);
  return { folder, source, origin, file };
}

async function all(origin: Origin, last?: Happened): Promise<Happened[]> {
  const facts: Happened[] = [];
  for await (const stored of origin.facts(last)) facts.push(stored);
  return facts;
}
const placeless = (facts: readonly Happened[]) =>
  facts.map(({ stream, revision, id, type, data, meta }) => ({ stream, revision, id, type, data, meta }));
const linesOf = (file: string) => gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
const write = (file: string, ...lines: string[]) =>
  writeFileSync(file, gzipSync(lines.map(text => `${text}\n`).join('')));

describe('a log in a file', () => {
  test('holds all facts in their order, between a header and what to check them with', async t => {
    const { origin, file } = await exported(t);
    const [header, ...rest] = linesOf(file).map(text => JSON.parse(text));
    const end = rest.pop();
    assert.deepEqual(header, { format: 'zipbob-log', version: 1, logId: origin.logId, keyStore: KEYS });
    assert.deepEqual(rest, placeless(await all(origin)));
    assert.deepEqual([rest.length, end.count, Object.keys(end)], [5, 5, ['count', 'hash']]);
  });

  test('is read as it was written', async t => {
    const { origin, file } = await exported(t);
    const progress: number[] = [];
    const read = await readLogFile(file, (_, count) => progress.push(count));
    assert.deepEqual(await all(read), placeless(await all(origin)));
    assert.deepEqual([read.logId, read.keyStore, read.count], [origin.logId, KEYS, 5]);
    assert.deepEqual(progress, [1, 2, 3, 4, 5]);
  });

  test('is copied into a log as the log itself would be', async t => {
    const { folder, source, origin, file } = await exported(t);
    const [direct, indirect] = [open(folder, 'direct.db'), open(folder, 'indirect.db')];
    const read = await readLogFile(file);
    const one = await copyLog(origin, direct);
    const other = await copyLog(read, indirect);
    assert.deepEqual([other.count, other.hash], [one.count, one.hash]);
    assert.deepEqual([other.count, other.hash], [read.count, read.hash]);
    assert.deepEqual(await readLogIdentity(indirect), { logId: other.logId, keyStore: KEYS, revision: 1 });
    assert.notEqual(other.logId, (await readLogIdentity(source))!.logId);
    const ofBoth = await Promise.all(
      [direct, indirect].map(async store => placeless(await all(await originOf(store)))),
    );
    assert.deepEqual(ofBoth[0], ofBoth[1]);
  });

  test('ends a copy that was begun with the log itself', async t => {
    const { folder, origin, file } = await exported(t);
    const target = open(folder, 'target.db');
    const half: Origin = {
      ...origin,
      async *facts(last) {
        let count = 0;
        for await (const stored of origin.facts(last)) {
          if (++count === 4) throw new Error('the power failed');
          yield stored;
        }
      },
    };
    await assert.rejects(copyLog(half, target), /the power failed/);
    const before = (await target.head()).newest!;
    assert.equal(before.stream, 'box-1');
    await copyLog(await readLogFile(file), target);
    assert.deepEqual(placeless(await all(await originOf(target))), placeless(await all(origin)));
  });

  test('goes on after any of its facts, and after no other', async t => {
    const { origin, file } = await exported(t);
    const read = await readLogFile(file);
    const facts = await all(origin);
    for (const [i, last] of facts.entries()) assert.deepEqual(await all(read, last), placeless(facts.slice(i + 1)));
    for (const other of [{ id: 'another' }, { revision: 7 }, { stream: 'box-7' }]) {
      await assert.rejects(all(read, { ...facts[1]!, ...other }), /does not hold/);
    }
  });

  test('of a log that holds nothing yet holds nothing', async t => {
    const folder = testFolder(t);
    const source = open(folder, 'source.db');
    await openLog(source, KEYS);
    const file = folder.path('empty.gz');
    const { count } = await writeLogFile(file, await originOf(source));
    assert.equal(count, 0);
    assert.deepEqual(await all(await readLogFile(file)), []);
    assert.equal((await copyLog(await readLogFile(file), open(folder, 'target.db'))).count, 0);
  });

  test('may hold the longest fact that there can be', async t => {
    const folder = testFolder(t);
    const source = open(folder, 'source.db');
    await openLog(source, KEYS);
    const text = '\u0001'.repeat(MAX_BYTES / 6 - 100);
    await note(source, 'note-1', noted(text));
    const file = folder.path('long.gz');
    await writeLogFile(file, await originOf(source));
    assert.deepEqual(
      (await all(await readLogFile(file))).map(({ data }) => data),
      [{ text }],
    );
  });
});

describe('writing a log to a file', () => {
  test('makes a file for its owner only, and leaves nothing else', async t => {
    const { folder, file } = await exported(t);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(folder.folder).filter(name => name.includes('.gz')),
      ['log.gz'],
    );
  });

  test('never overwrites one', async t => {
    const { folder, origin } = await exported(t);
    const file = folder.path('mine.txt');
    writeFileSync(file, 'mine');
    await assert.rejects(writeLogFile(file, origin), /mine\.txt exists: it is not overwritten/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });

  test('leaves nothing when it fails, and may be done again', async t => {
    const { folder, origin } = await exported(t);
    const file = folder.path('again.gz');
    const failing: Origin = {
      ...origin,
      async *facts() {
        for await (const stored of origin.facts()) {
          assert.ok(existsSync(folder.path('again.gz.part')) || stored.revision === 0);
          yield stored;
        }
        throw new Error('the power failed');
      },
    };
    await assert.rejects(writeLogFile(file, failing), /the power failed/);
    assert.deepEqual(
      readdirSync(folder.folder).filter(name => name.includes('again')),
      [],
    );
    await writeLogFile(file, origin);
    assert.equal((await readLogFile(file)).count, 5);
  });

  test('takes no notice of what an interrupted one left', async t => {
    const { folder, origin } = await exported(t);
    writeFileSync(folder.path('again.gz.part'), 'half of it', { mode: 0o644 });
    await writeLogFile(folder.path('again.gz'), origin);
    assert.equal(statSync(folder.path('again.gz')).mode & 0o777, 0o600);
    assert.equal((await readLogFile(folder.path('again.gz'))).count, 5);
  });

  test('writes the facts that there were when it began', async t => {
    const { folder, source, origin } = await exported(t);
    await note(source, 'box-1', added('late', 1));
    assert.equal((await writeLogFile(folder.path('again.gz'), origin)).count, 5);
  });
});

describe('a file is refused', () => {
  /** @param change of the lines */
  async function refuses(t: TestContext, change: (lines: string[]) => string[], words: RegExp) {
    const { file } = await exported(t);
    const lines = linesOf(file);
    const changed = change([...lines]);
    assert.notDeepEqual(changed, lines);
    write(file, ...changed);
    await assert.rejects(readLogFile(file), error => {
      assert.match((error as Error).message, words);
      assert.ok((error as Error).message.includes(file));
      return true;
    });
  }
  const edited = (lines: string[], number: number, from: string | RegExp, to: string) =>
    lines.map((text, i) => (i === number ? text.replace(from, to) : text));

  for (const [title, change, words] of [
    ['without its end', l => l.slice(0, -1), /is cut off: its end is missing/],
    ['with its header alone', l => l.slice(0, 1), /is cut off/],
    ['without its header', l => l.slice(1), /is no log that was exported by ZipBob/],
    [
      'with a newer format',
      l => edited(l, 0, '"version":1', '"version":2'),
      /newer release \(format 2, this one reads 1\)/,
    ],
    ['with a header of another program', l => edited(l, 0, 'zipbob-log', 'dump'), /is no log/],
    ['with a header that names no log', l => edited(l, 0, '"logId"', '"id"'), /is no log/],
    ['without a fact', l => l.toSpliced(1, 1), /line 2: box-1 goes on with revision 1 instead of 0/],
    ['without the last fact', l => l.toSpliced(-2, 1), /holds 4 facts, and says that it holds 5/],
    ['with a fact twice', l => l.toSpliced(1, 0, l[1]!), /line 3: box-1 goes on with revision 0 instead of 1/],
    [
      'with facts in another order',
      l => [l[0]!, l[1]!, l[3]!, l[2]!, ...l.slice(4)],
      /were changed after it was written/,
    ],
    ['with a changed fact', l => edited(l, 1, 'milk', 'silk'), /were changed after it was written/],
    ['with another time', l => edited(l, 2, '2026', '2025'), /were changed after it was written/],
    ['with another hash', l => edited(l, 6, /"hash":"./, '"hash":"x'), /were changed after it was written/],
    ['with a line that is no JSON', l => l.toSpliced(2, 0, 'milk'), /line 3: this is no fact/],
    ['with an empty line', l => l.toSpliced(2, 0, ''), /line 3: this is no fact/],
    ['with a list for a fact', l => l.toSpliced(2, 0, '[]'), /line 3: this is no fact/],
    ['with a fact on the log itself', l => edited(l, 1, 'box-1', 'log'), /line 2: this is no fact/],
    ['with a stream of the server', l => edited(l, 1, 'box-1', '$box-1'), /line 2: this is no fact/],
    ['that goes on after its end', l => [...l, l[1]!], /line 8: it goes on after its end/],
  ] as [string, (lines: string[]) => string[], RegExp][]) {
    test(title, t => refuses(t, change, words));
  }

  test('that is not there, or a folder', async t => {
    const { folder, path } = testFolder(t);
    for (const file of [path('none.gz'), folder])
      await assert.rejects(readLogFile(file), /cannot be read: E(NOENT|ISDIR)/);
  });

  test('that is something else', async t => {
    const { path } = testFolder(t);
    const file = path('other');
    for (const content of [
      '',
      'a shopping list',
      gzipSync(''),
      gzipSync('a shopping list'),
      gzipSync('{"stream":"box-1"}\n'),
      gzipSync('null\n'),
      gzipSync('x'.repeat(5 * 1024 * 1024)),
    ]) {
      writeFileSync(file, content);
      await assert.rejects(readLogFile(file), /is no log that was exported by ZipBob|is cut off/);
    }
  });

  test('wherever it is cut off, and whichever byte is damaged', async t => {
    const { file } = await exported(t);
    const bytes = readFileSync(file);
    const { hash } = await readLogFile(file);
    // The gzip header holds a time and a system, which nobody checks.
    const anyPlace = fc.integer({ min: 10, max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(anyPlace, fc.integer({ min: 1, max: 255 }), fc.boolean(), async (place, flip, isCut) => {
        const damaged = Buffer.from(isCut ? bytes.subarray(0, place) : bytes);
        if (!isCut) damaged[place]! ^= flip;
        writeFileSync(file, damaged);
        const outcome = await readLogFile(file).then(
          read => read.hash,
          (error: Error) => error.message,
        );
        // Compressed data has bits without a meaning, such as those behind the last block: all is well without them.
        if (isCut || outcome !== hash) assert.match(outcome, /is cut off|is damaged|is no log/);
      }),
      { seed: 20260310, numRuns: 200, examples: [[bytes.length - 9, 128, false]] },
    );
  });

  test('and nothing is taken from it', async t => {
    const { folder, file } = await exported(t);
    const target = open(folder, 'target.db');
    const read = await readLogFile(file);
    write(file, ...edited(linesOf(file), 5, '""', '"x"'));
    await assert.rejects(copyLog(read, target), /were changed after it was written/);
    await assert.rejects(readLogIdentity(target), /unfinished copy/);
  });
});
