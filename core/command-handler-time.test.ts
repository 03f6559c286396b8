import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { Overloaded, Unavailable } from './errors.ts';
import { count, handlerOn, meddled, metaFor, stage, stored } from './testing/command-handler-sample.ts';
import { testFolder } from './testing/test-folder.ts';

/** A handler on a log whose appends wait until they are let go. */
function gated(...[t]: Parameters<typeof stage>) {
  const { store } = stage(t);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let appends = 0;
  const slow = meddled(store, async () => {
    appends++;
    await gate;
  });
  return { store, handler: handlerOn(slow), open, appends: () => appends };
}

/** Nothing begins at such a time, or later. */
const soon = () => performance.now();

test('a command whose time passes while it waits for its stream does not begin', async t => {
  const { store, handler, open } = gated(t);
  const first = handler.handle('1', count(1), metaFor('c1', { deadline: performance.now() + 60_000 }));
  const late = handler.handle('1', count(2), metaFor('c2', { deadline: soon() }));
  const last = handler.handle('1', count(4), metaFor('c3'));
  open();
  assert.equal((await first).state.total, 1);
  await assert.rejects(late, Unavailable);
  assert.equal((await last).revision, 1);
  const commands = (await stored(store, 'tally-1')).map(({ meta }) => meta.commandId);
  assert.deepEqual(commands, ['c1', 'c3']);
});

test('a command whose time passes after a conflict is not decided again', async t => {
  const { store } = stage(t);
  let deadline = Number.POSITIVE_INFINITY;
  const rival = handlerOn(store);
  const handler = handlerOn(
    meddled(store, async () => {
      await rival.handle('1', count(1), metaFor('rival'));
      deadline = soon();
    }),
  );
  const meta = {
    ...metaFor('c1'),
    get deadline() {
      return deadline;
    },
  };
  await assert.rejects(handler.handle('1', count(2), meta), Unavailable);
  assert.deepEqual(
    (await stored(store, 'tally-1')).map(({ meta: { commandId } }) => commandId),
    ['rival'],
  );
});

test('a command refused for its time may come again, and is done once', async t => {
  const { store, handler } = stage(t);
  await assert.rejects(handler.handle('1', count(1), metaFor('c1', { deadline: soon() })), Unavailable);
  assert.deepEqual(await stored(store, 'tally-1'), []);
  assert.equal((await handler.handle('1', count(1), metaFor('c1'))).repeated, false);
  assert.equal((await handler.handle('1', count(1), metaFor('c1'))).repeated, true);
});

test('one hundred commands wait for a stream; what comes then is refused at once, in this stream alone', async t => {
  const { store, handler, open, appends } = gated(t);
  const taken = Array.from({ length: 101 }, (_, n) => handler.handle('1', count(1), metaFor(`c${n}`)));
  const tooMany = handler.handle('1', count(1), metaFor('too many')).catch((error: unknown) => error);
  assert.ok((await Promise.race([tooMany, new Promise(setImmediate)])) instanceof Overloaded);
  const other = handler.handle('2', count(1), metaFor('other'));
  open();
  await Promise.all([...taken, other]);
  assert.equal(appends(), 102);
  assert.equal((await stored(store, 'tally-1')).length, 101);
  assert.equal((await handler.handle('1', count(1), metaFor('too many'))).revision, 101);
});

test('an append that waits for the lock of another process keeps no one waiting, and is not made after its time', async t => {
  const { path, keep } = testFolder(t);
  const store = keep(sqliteEventStore(path('log.db')));
  const handler = handlerOn(store);
  await handler.handle('1', count(1), metaFor('c0'));
  const other = keep(new DatabaseSync(path('log.db')));
  other.exec('BEGIN IMMEDIATE');
  const deadline = performance.now() + 50;
  const outcomes = Promise.allSettled([
    handler.handle('1', count(2), metaFor('c1')),
    handler.handle('2', count(2), metaFor('late', { deadline })),
  ]);
  // Had the thread waited for the lock, it would have given up before the lock is let go.
  while (performance.now() < deadline) await new Promise(setImmediate);
  other.exec('ROLLBACK');
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.deepEqual(await stored(store, 'tally-2'), []);
});
