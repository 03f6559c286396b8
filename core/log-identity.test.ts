import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { LogBehindViews } from './errors.ts';
import type { Recorded } from './fact.ts';
import { continues, logFamily, onLog, openLog, readLogIdentity } from './log-identity.ts';
import { added, LOG, note } from './testing/projector-sample.ts';
import { testFolder } from './testing/test-folder.ts';

const KEYS = 'identity-of-these-keys';
const clock = () => new Date('2026-03-10T08:00:00.000Z');

function logIn(t: TestContext) {
  const { path, keep } = testFolder(t);
  const open = () => keep(sqliteEventStore(path('log.db')));
  return { store: open(), open };
}

describe('opening a log', () => {
  test('an empty log has no identity and gets one', async t => {
    const { store } = logIn(t);
    assert.equal(await readLogIdentity(store), undefined);
    const logId = await openLog(store, KEYS, { clock });
    assert.match(logId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(await readLogIdentity(store), { logId, keyStore: KEYS, revision: 0 });
    const { newest } = await store.head();
    assert.deepEqual(
      [newest?.stream, newest?.type, newest?.data, newest?.meta.at],
      ['log', 'LogOpened', { logId, keyStore: KEYS }, '2026-03-10T08:00:00.000Z'],
    );
  });

  test('a reopened log keeps its identity', async t => {
    const { store, open } = logIn(t);
    const logId = await openLog(store, KEYS);
    const { position } = await store.head();
    assert.equal(await openLog(store, KEYS), logId);
    assert.equal(await openLog(open(), KEYS), logId);
    assert.equal((await store.head()).position, position);
  });

  test('a log gets a new identity on request, and keeps it', async t => {
    const { store, open } = logIn(t);
    const before = await openLog(store, KEYS);
    const after = await openLog(store, KEYS, { renew: true });
    assert.notEqual(after, before);
    assert.deepEqual(await readLogIdentity(store), { logId: after, keyStore: KEYS, revision: 1 });
    assert.equal(await openLog(open(), KEYS), after);
  });

  test('two logs never share an identity', async t => {
    assert.notEqual(await openLog(logIn(t).store, KEYS), await openLog(logIn(t).store, KEYS));
  });

  test('a log with the keys of another log is refused, even on renewal', async t => {
    const { store } = logIn(t);
    const logId = await openLog(store, KEYS);
    for (const renew of [false, true]) {
      await assert.rejects(openLog(store, 'other-keys', { renew }), {
        message: /the key store does not belong to this event log.*Put the two back together, from one backup/,
      });
    }
    assert.deepEqual(await readLogIdentity(store), { logId, keyStore: KEYS, revision: 0 });
  });

  test('an unfinished copy is refused, even on renewal, and is not changed', async t => {
    const { store } = logIn(t);
    const event = { type: 'CopyStarted', data: { from: 'log-before', keyStore: KEYS } } as const;
    await store.append(logFamily.name, [onLog(event, LOG, clock())], 'none');
    const refused = { message: /unfinished copy of the log log-before.*npm run log -- copy.*goes on where it stopped/ };
    await assert.rejects(readLogIdentity(store), refused);
    for (const renew of [false, true]) await assert.rejects(openLog(store, KEYS, { renew }), refused);
    assert.equal((await store.head()).newest?.type, 'CopyStarted');
  });

  test('two processes that open an empty log at once agree on its identity', async t => {
    const { store, open } = logIn(t);
    const [one, two] = await Promise.all([openLog(store, KEYS), openLog(open(), KEYS)]);
    assert.equal(one, two);
  });
});

describe('whether a read model may continue', () => {
  const seen = ({ stream, revision, id, position }: Recorded) => ({
    log: LOG,
    position,
    last: { stream, revision, id },
  });

  async function withFacts(t: TestContext) {
    const { store } = logIn(t);
    await note(store, 'box-1', added('milk', 1), added('milk', 2), added('milk', 3));
    const facts: Recorded[] = [];
    for await (const stored of store.read('box-1')) facts.push(stored);
    return { store, facts };
  }

  test('it may if the log holds its last fact', async t => {
    const { store, facts } = await withFacts(t);
    for (const stored of facts) assert.equal(await continues(store, LOG, seen(stored)), true);
  });

  test('it may without a last fact, up to the end of the log', async t => {
    const { store } = await withFacts(t);
    const { position, newest } = await store.head();
    assert.equal(await continues(store, LOG, { log: LOG, position }), true);
    for (const last of [{}, { last: newest! }]) {
      await assert.rejects(continues(store, LOG, { log: LOG, position: position + 1, ...last }), LogBehindViews);
    }
  });

  test('it must be rebuilt if it belongs to another log', async t => {
    const { store, facts } = await withFacts(t);
    assert.equal(await continues(store, 'log-b', seen(facts[0]!)), false);
  });

  for (const [title, last] of [
    ['in a missing stream', { stream: 'box-9', revision: 0, id: 'x' }],
    ['beyond the end of its stream', { stream: 'box-1', revision: 3, id: 'x' }],
    ['at a place where the log holds another fact', { stream: 'box-1', revision: 1, id: 'x' }],
  ] as const) {
    test(`it must not if its last fact is ${title}`, async t => {
      const { store } = await withFacts(t);
      await assert.rejects(continues(store, LOG, { log: LOG, position: 2, last }), error => {
        assert.ok(error instanceof LogBehindViews);
        assert.match(error.message, /older backup.*npm run log -- restored/);
        return true;
      });
    });
  }
});
