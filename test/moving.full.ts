import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { logFamily, onLog } from '../core/log-identity.ts';
import { openEventStore } from '../stores/open.ts';
import { startEventStore } from './eventstoredb/start.ts';
import { Client, newcomer, type Reply } from './support/client.ts';
import { ownFolder, ownServer, refusedStart } from './support/data-folders.ts';
import { factsOf, fileOnly, LOG, type LoggedFact } from './support/event-log.ts';
import { assertProblem } from './support/problems.ts';
import { launch } from './support/zipbob.ts';

/** `npm run log -- ...` on a data folder. */
async function log(folder: string, args: string[], extra = {}): Promise<{ code: number | null; output: string }> {
  const { child, ended } = await launch(folder, ['commands/log.ts', ...args], { extra });
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  const output = [...out, ...err].join('');
  assert.doesNotMatch(output, /^\s+at .+:\d+/m, 'a message, not a stack');
  return { code: await ended, output };
}
async function done(folder: string, args: string[], extra = {}): Promise<string> {
  const { code, output } = await log(folder, args, extra);
  assert.equal(code, 0, output);
  return output;
}
async function refused(folder: string, args: string[], words: RegExp, extra = {}): Promise<void> {
  const { code, output } = await log(folder, args, extra);
  assert.equal(code, 1, output);
  assert.match(output, words);
}

const logFile = (folder: string) => join(folder, 'log.db');
const moved = (facts: readonly LoggedFact[]) => facts.filter(({ stream }) => stream !== 'log');
const at = (reply: Reply) => ({ 'Wait-For-Position': reply.headers.get('position')! });

/** What a storing that is sent again must not change. */
const identified = ({ body: { actionId, items } }: Reply) => ({
  actionId,
  items: items.map(({ ingredientId, name }: { ingredientId: string; name: string }) => ({ ingredientId, name })),
});

/** An EventStoreDB that is gone after the tests of the file. */
async function eventStore() {
  const server = await startEventStore();
  after(() => server.stop());
  return server;
}

/** An EventStoreDB with a copy that has only just begun. */
async function unfinished(): Promise<string> {
  const { url } = await eventStore();
  const store = await openEventStore({ folder: '.', eventStoreUrl: url });
  const event = { type: 'CopyStarted', data: { from: 'another-log', keyStore: 'keys' } } as const;
  await store.append(logFamily.name, [onLog(event, randomUUID(), new Date())], 'none');
  await store.close();
  return url;
}

/** What a household sees of itself; how an answer came about is left out. */
async function seen(client: Client, list: string, recommendation: string): Promise<unknown> {
  const { items, total } = (await client.get(list)).body;
  const { status, recipes } = (await client.get(recommendation)).body;
  const { memberId, nickname } = (await client.get('/members/me')).body;
  return { items, total, status, recipes, memberId, nickname };
}

describe('moving house', fileOnly, async () => {
  const folder = ownFolder();
  const first = await ownServer(folder);
  const { client, fridgeId, email } = await newcomer(first.url);
  const list = `/fridges/${fridgeId}/ingredients`;
  const key = { 'Idempotency-Key': randomUUID() };
  const milk = { items: [{ name: '우유', amount: 2, note: 'for the cake' }, { name: '두부' }] };
  const stored = await client.post(list, milk, key);
  assert.equal(stored.status, 201);
  const request = await client.post(`/fridges/${fridgeId}/recommendations`, {});
  assert.equal(request.status, 202);
  const recommendation = request.headers.get('location')!;
  for (let status = 'requested'; status === 'requested'; ) ({ status } = (await client.get(recommendation)).body);
  const ingredient = `${list}/${stored.body.items[0].ingredientId}`;
  const consumed = await client.post(`${ingredient}/consume`, { amount: 1 });
  assert.equal(consumed.status, 200);
  assert.equal((await client.get(list, at(consumed))).status, 200);
  const answered = await client.post(list, milk, key);
  const before = await seen(client, list, recommendation);
  const lateAsked = await client.post(`/fridges/${fridgeId}/recommendations`, { limit: 1 });
  assert.equal(lateAsked.status, 202);
  await first.kill(); // its last recommendation may still be open work

  const { url, folder: storeFolder } = await eventStore();

  test('a copy is refused while a server runs, and what is not there is not made', async () => {
    const [other, running] = [ownFolder(), ownFolder()];
    const busy = await ownServer(running);
    await refused(other, ['copy', '--from', running, '--to', url], /is in use by process \d+, which serves http/);
    await done(other, ['export', '--from', running, '--to', join(other, 'beside.gz')]);
    await busy.stop();
    const none = join(other, 'none', 'log.db');
    for (const command of ['copy', 'export']) {
      await refused(
        other,
        [command, '--from', none, '--to', join(other, 'x')],
        /there is no event log at .*none\/log\.db/,
      );
    }
    assert.ok(!existsSync(none));
    assert.ok(!existsSync(join(other, 'x')));
  });

  test('an unfinished copy is not started, nor filled from another log', async () => {
    const target = await unfinished();
    assert.match(await refusedStart(ownFolder(), { EVENTSTORE_URL: target }), /unfinished copy.*npm run log -- copy/);
    await refused(folder, ['copy', '--to', target], /unfinished copy of another log \(another-log\)/);
  });

  test('into an EventStoreDB: all facts in their order', async () => {
    const facts = moved(factsOf(folder));
    const output = await done(folder, ['copy', '--from', logFile(folder), '--to', url]);
    assert.match(
      output,
      new RegExp(`^${facts.length} facts are in esdb://127.0.0.1:\\d+, in the same order and checked`),
    );
    assert.match(output, /start with EVENTSTORE_URL/);
    const copied = factsOf(storeFolder);
    assert.deepEqual(moved(copied), facts);
    assert.deepEqual([copied[0]!.type, copied.at(-1)!.type], ['CopyStarted', 'LogOpened']);
    await refused(folder, ['copy', '--from', logFile(folder), '--to', url], /the target is not empty: .*finished copy/);
  });

  test('there it goes on as before', async () => {
    renameSync(logFile(folder), join(folder, 'log.before'));
    for (const name of ['log.db-wal', 'log.db-shm']) rmSync(join(folder, name), { force: true });
    const server = await ownServer(folder, { EVENTSTORE_URL: url });
    client.url = server.url;
    assertProblem(await client.get(list, at(stored)), 400, 'position-unknown');

    const again = await client.post(list, milk, key);
    assert.deepEqual([again.status, again.body], [201, answered.body]);
    assert.deepEqual(identified(again), identified(stored));
    assert.equal((await client.get(list, at(again))).status, 200);
    const late = lateAsked.headers.get('location')!;
    for (let status = 'requested'; status === 'requested'; ) ({ status } = (await client.get(late)).body);
    assert.equal((await client.get(late)).body.status, 'done');
    assert.deepEqual(await seen(client, list, recommendation), before);
    const visitor = new Client(server.url);
    const login = await visitor.post('/auth/login', { email, password: 'correct horse battery' });
    assert.equal(login.status, 200);

    const undone = await client.post(`/fridges/${fridgeId}/undo`, { actionId: consumed.body.actionId });
    assert.equal(undone.status, 200);
    assert.equal((await client.get(ingredient)).body.amount, 2);
    const { body } = await client.get(list, at(undone));
    assert.equal(body.items.find(({ name }: { name: string }) => name === '우유').amount, 2);
    assert.equal(await server.stop(), 0);
    assert.ok(!existsSync(logFile(folder)));
  });

  test('and back again through a file', async () => {
    const facts = moved(factsOf(storeFolder));
    const extra = { EVENTSTORE_URL: url };
    const file = join(folder, 'log.gz');
    assert.match(await done(folder, ['export', '--to', file], extra), new RegExp(`^${facts.length} facts of the log `));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await refused(folder, ['export', '--to', file], /log\.gz exists/, extra);
    assert.match(await done(folder, ['import', '--from', file]), /start without EVENTSTORE_URL/);
    assert.deepEqual(moved(factsOf(folder)), facts);
    await refused(folder, ['import', '--from', file], /the target is not empty/);

    const server = await ownServer(folder);
    client.url = server.url;
    assert.equal((await client.get(ingredient)).body.amount, 2);
    const again = await client.post(list, milk, key);
    assert.equal(again.status, 201);
    assert.deepEqual(identified(again), identified(stored));
    const { body } = await client.get(list, at(again));
    assert.equal(body.total, 2);
    assert.equal(await server.stop(), 0);
  });
});

describe('npm run log', fileOnly, () => {
  test('says how it is used where it is used otherwise', async () => {
    const folder = ownFolder();
    for (const args of [
      [],
      ['move'],
      ['constructor'],
      ['copy'],
      ['copy', 'more', '--to', folder],
      ['copy', '--into', folder],
      ['copy', '--to'],
      ['export'],
      ['import', '--to', folder],
      ['restored', '--from', folder],
    ]) {
      await refused(folder, args, /^usage: npm run log -- restored/);
    }
    assert.ok(!existsSync(join(folder, LOG)));
  });

  test('refuses what is no log, in words', async () => {
    const folder = ownFolder();
    const server = await ownServer(folder);
    await server.stop();
    const facts = factsOf(folder);
    await refused(folder, ['copy', '--to', 'esdb://?'], /is not a connection string/);
    await refused(folder, ['copy', '--to', join(folder, 'log.gz')], /log\.gz is neither a data folder nor the log\.db/);
    await refused(folder, ['copy', '--to', join(folder, 'keys.db')], /keys\.db is neither a data folder/);
    await refused(folder, ['copy', '--to', folder], /cannot be copied into itself/);
    await refused(folder, ['import', '--from', logFile(folder), '--to', ownFolder()], /is no log that was exported/);
    assert.deepEqual(factsOf(folder), facts);
  });

  test('names no password when the server is away', async () => {
    const folder = ownFolder();
    const server = await ownServer(folder);
    await server.stop();
    const gone = await startEventStore();
    await gone.stop();
    const target = `esdb://cook:secret-word@127.0.0.1:${gone.port}?tls=false`;
    const { code, output } = await log(folder, ['copy', '--to', target]);
    assert.equal(code, 1);
    assert.match(output, /the event log does not answer/);
    assert.doesNotMatch(output, /secret-word/);
  });

  test('copies from folder to folder; the keys do not come along', async () => {
    const [folder, target] = [ownFolder(), join(ownFolder(), 'new')];
    const server = await ownServer(folder);
    await server.stop();
    await done(folder, ['copy', '--to', target]);
    assert.deepEqual(moved(factsOf(target)), moved(factsOf(folder)));
    assert.match(await refusedStart(target), /keys of this event log are missing/);
    cpSync(join(folder, 'keys.db'), join(target, 'keys.db'));
    const there = await ownServer(target);
    assert.equal(await there.stop(), 0);
  });

  test('goes on with a copy that was interrupted, from a log or from a file', async () => {
    const folder = ownFolder();
    const server = await ownServer(folder);
    await newcomer(server.url);
    await server.stop();
    const facts = moved(factsOf(folder));
    const file = join(folder, 'log.gz');
    await done(folder, ['export', '--to', file]);
    for (const again of [
      ['copy', '--from', folder],
      ['import', '--from', file],
    ]) {
      const target = await eventStore();
      const extra = { EVENTSTORE_URL: target.url };
      // It takes so many appends, and then no more.
      await target.fault({ on: 'append', do: 'late', ms: 1, times: 3 });
      await target.fault({ on: 'append', do: 'refuse', as: 'not-ready', times: 1000 });
      await refused(folder, again, /the event log does not answer/, extra);
      const copied = moved(factsOf(target.folder));
      assert.ok(copied.length > 0 && copied.length < facts.length, `${copied.length} of ${facts.length}`);
      assert.deepEqual(copied, facts.slice(0, copied.length));
      await target.clear();
      assert.match(await refusedStart(folder, extra), /unfinished copy/);
      await done(folder, again, extra);
      assert.deepEqual(moved(factsOf(target.folder)), facts);
    }
  });
});
