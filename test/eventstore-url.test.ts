import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { type EventStoreServer, startEventStore } from './eventstoredb/start.ts';
import { type Client, newcomer, type Reply } from './support/client.ts';
import { contents, ownFolder, ownServer, refusedStart } from './support/data-folders.ts';
import { assertProblem } from './support/problems.ts';
import { launch, type Running } from './support/zipbob.ts';

/** An EventStoreDB that is gone after the tests of the file. */
async function eventStore(folder = ownFolder()): Promise<EventStoreServer> {
  const log = await startEventStore({ folder });
  after(() => log.stop());
  return log;
}
const at = ({ url }: { url: string }) => ({ EVENTSTORE_URL: url });
const position = ({ headers }: Reply) => ({ 'Wait-For-Position': headers.get('position')! });

/** What a server tells its operator from now on. */
function heard({ process }: Running) {
  const lines: string[] = [];
  const reader = createInterface({ input: process.stderr! }).on('line', line => lines.push(line));
  const until = async (words: RegExp) => {
    while (!lines.some(line => words.test(line))) await once(reader, 'line');
  };
  return { lines, until };
}

async function done(client: Client, { headers }: Reply): Promise<Reply['body']> {
  for (;;) {
    const { status, body } = await client.get(headers.get('location')!);
    assert.equal(status, 200);
    if (body.status !== 'requested') return body;
  }
}

/** A view that has seen what was stored: each time it is asked it waits for two seconds. */
async function seen(client: Client, path: string, stored: Reply): Promise<Reply> {
  for (;;) {
    const reply = await client.get(path, position(stored));
    if (reply.status === 200) return reply;
    assertProblem(reply, 503, 'projection-behind');
  }
}

test('a household on an EventStoreDB finds all that it did after a restart', async () => {
  const folder = ownFolder();
  const log = await eventStore();
  const first = await ownServer(folder, at(log));
  const { client, fridgeId, memberId } = await newcomer(first.url);
  const fridge = `/fridges/${fridgeId}`;
  const stored = await client.post(`${fridge}/ingredients`, { name: '콩나물', amount: 300, unit: 'g', note: 'cold' });
  assert.equal(stored.status, 201);
  const request = await client.post(`${fridge}/recommendations`, {});
  const answer = await done(client, request);
  assert.equal(answer.status, 'done');
  assert.notDeepEqual(answer.recipes, []);
  assert.equal(await first.stop(), 0);

  const second = await ownServer(folder, at(log));
  client.url = second.url;
  assert.equal((await client.get('/members/me')).body.memberId, memberId);
  assert.deepEqual((await client.get(`${fridge}/ingredients`)).body.items, stored.body.items);
  assert.deepEqual(await done(client, request), answer);
  assert.equal(await second.stop(), 0);
});

test('an EventStoreDB that was restored from an older backup is noticed, and gone on with once that is said', async () => {
  const [folder, place, backup] = [ownFolder(), ownFolder(), ownFolder()];
  const db = (where: string) => join(where, 'eventstore.db');
  let log = await eventStore(place);
  let server = await ownServer(folder, at(log));
  const { client, fridgeId } = await newcomer(server.url);
  const list = `/fridges/${fridgeId}/ingredients`;
  const kept = await client.post(list, { name: 'kept' });
  await client.get(list, position(kept));
  await server.stop();
  await log.stop();
  cpSync(db(place), db(backup));

  log = await eventStore(place);
  server = await ownServer(folder, at(log));
  client.url = server.url;
  await client.get(list, position(await client.post(list, { name: 'lost' })));
  await server.stop();
  await log.stop();
  cpSync(db(backup), db(place));

  log = await eventStore(place);
  const before = contents(folder, ['keys.db', 'views.db']);
  assert.ok((await refusedStart(folder, at(log))).includes('npm run log -- restored'));
  assert.deepEqual(contents(folder, ['keys.db', 'views.db']), before);
  const { ended } = await launch(folder, ['commands/log.ts', 'restored'], { extra: at(log) });
  assert.equal(await ended, 0);
  client.url = (await ownServer(folder, at(log))).url;
  const stored = await client.post(list, { name: 'since then' });
  const names = (await client.get(list, position(stored))).body.items.map(({ name }: { name: string }) => name);
  assert.deepEqual(names.toSorted(), ['kept', 'since then']);
});

test('keys that were used are not taken for those of an empty EventStoreDB, which is named without its password', async () => {
  const folder = ownFolder();
  const [used, empty] = await Promise.all([eventStore(), eventStore()]);
  const server = await ownServer(folder, at(used));
  await newcomer(server.url);
  await server.stop();
  for (const login of ['somebody:secret', 'somebody:/sec/ret']) {
    const output = await refusedStart(folder, at({ url: empty.url.replace('//', `//${login}@`) }));
    assert.match(output, /missing.*backup/);
    assert.ok(output.includes(`esdb://127.0.0.1:${empty.port}`), output);
    assert.doesNotMatch(output, /somebody|sec|ret\b/);
  }
});

describe('what moves logs names none with its password', () => {
  const places: Readonly<Record<string, readonly string[]>> = {
    'an EventStoreDB that is away': ['copy', '--to', 'esdb://somebody:sec/ret@127.0.0.1:9?tls=false'],
    'a file that cannot be written': ['export', '--to', 'esdb://somebody:sec/ret@127.0.0.1:9'],
    'a slash too few': ['copy', '--to', 'esdb:/somebody:sec/ret@127.0.0.1:9'],
    'an option that is not known': ['copy', '--to', 'esdb://somebody:sec/ret@127.0.0.1:9?tsl=true'],
    'an @ that is not escaped': ['copy', '--to', 'esdb://somebody:sec@ret@127.0.0.1:9'],
    'a ? that is not escaped': ['export', '--to', 'esdb://somebody:sec?/ret@127.0.0.1:9'],
  };
  const folder = ownFolder();
  before(async () => void (await (await ownServer(folder)).stop()));
  for (const [what, args] of Object.entries(places)) {
    test(what, async () => {
      const { child, ended } = await launch(folder, ['commands/log.ts', ...args]);
      const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
      assert.equal(await ended, 1);
      assert.match(output, /\S/);
      assert.doesNotMatch(output, /somebody|sec|ret\b/);
    });
  }
});

test('a start whose EventStoreDB is away ends with words', async () => {
  const away = await eventStore();
  await away.stop();
  const output = await refusedStart(ownFolder(), at(away));
  assert.match(output, new RegExp(`^esdb://127.0.0.1:${away.port}: the event log does not answer`, 'm'));
});

test('the log of a server tells of an outage of its EventStoreDB once, and that it is over', async () => {
  const log = await eventStore();
  const server = await ownServer(ownFolder(), at(log));
  const { client, fridgeId } = await newcomer(server.url);
  const list = `/fridges/${fridgeId}/ingredients`;
  const output = heard(server);
  await log.kill();
  await output.until(/WARN projector: the event log cannot be followed, what is shown stands still: \S/);
  assertProblem(await client.post(list, { name: 'later' }), 503, 'unavailable');
  await log.restart();
  await output.until(/WARN projector: the event log is followed again/);
  assert.equal(output.lines.filter(line => /WARN projector:/.test(line)).length, 2, output.lines.join('\n'));
  assert.equal(await server.stop(), 0);
});

test('an EventStoreDB whose password was changed is named as the reason why a server stands still', async () => {
  const log = await startEventStore({ folder: ownFolder(), tls: 'right', user: 'admin', password: 'first-secret' });
  after(() => log.stop());
  const server = await ownServer(ownFolder(), at(log));
  const output = heard(server);
  await log.kill();
  await log.restart({ password: 'other-secret' });
  await output.until(/WARN projector: .* it refuses the user name or the password of EVENTSTORE_URL/);
  assert.ok(output.lines.every(line => !/secret/.test(line)));
  assert.equal(await server.stop(), 0);
});

test('while its EventStoreDB is away a server says so, and it goes on by itself once that is back', async () => {
  const log = await eventStore();
  const server = await ownServer(ownFolder(), at(log));
  const { client, fridgeId } = await newcomer(server.url);
  const list = `/fridges/${fridgeId}/ingredients`;
  await log.kill();
  assertProblem(await client.post(list, { name: 'later' }, { 'Idempotency-Key': 'later' }), 503, 'unavailable');
  const ready = await fetch(`${server.url}/readyz`);
  const { checks } = (await ready.json()) as { checks: Record<string, string> };
  assert.deepEqual([ready.status, checks.log], [503, 'unavailable']);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);

  await log.restart();
  const stored = await client.post(list, { name: 'later' }, { 'Idempotency-Key': 'later' });
  assert.equal(stored.status, 201, JSON.stringify(stored.body));
  assert.deepEqual((await seen(client, list, stored)).body.items, stored.body.items);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal(await server.stop(), 0);
});
