import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { contents, copyOf, edit, ownFolder, ownServer, refusedStart, settle } from './support/data-folders.ts';
import { factsIn, fileOnly, LOG, LOG_PLACE, onEventStore, ownFile } from './support/event-log.ts';
import { freePort } from './support/free-port.ts';
import { plant } from './support/planting.ts';
import { assertProblem } from './support/problems.ts';

async function logIn(client: Client, email: string): Promise<void> {
  const { status, body } = await client.post('/auth/login', { email, password: PASSWORD });
  assert.equal(status, 200);
  client.token = body.accessToken;
}

/** A stopped server's folder, with one member and one ingredient. */
async function made(): Promise<{
  folder: string;
  email: string;
  token: string;
  cookie: string;
  /** of an ended session */
  leftToken: string;
  fridge: string;
  list: string;
  items: unknown;
}> {
  const folder = ownFolder();
  const server = await ownServer(folder);
  const { client, fridgeId, email } = await newcomer(server.url);
  const left = new Client(server.url);
  await logIn(left, email);
  await left.post('/auth/logout');
  const list = `/fridges/${fridgeId}/ingredients`;
  const stored = await client.post(list, { name: 'kept', note: 'safe' });
  await client.get(list, { 'Wait-For-Position': stored.headers.get('position')! });
  await server.stop();
  settle(folder);
  return {
    folder,
    email,
    leftToken: left.token!,
    token: client.token!,
    cookie: client.cookie!,
    fridge: `fridge-${fridgeId}`,
    list,
    items: stored.body.items,
  };
}
const [own, another] = await Promise.all([made(), made()]);

/** Starts on a folder, calls the API as the member, and stops. */
async function started<T>(folder: string, work: (client: Client) => Promise<T>, extra = {}): Promise<T> {
  const server = await ownServer(folder, extra);
  try {
    const client = new Client(server.url);
    client.token = own.token;
    return await work(client);
  } finally {
    assert.equal(await server.stop(), 0);
  }
}

/** Damages a copy, then asserts that the start prints these words and changes no file. */
async function refuses(damage: (folder: string) => void, ...words: string[]): Promise<void> {
  const folder = copyOf(own.folder);
  damage(folder);
  const stores = () => {
    const there = readdirSync(folder);
    return [LOG, 'keys.db', 'views.db', 'kv.db'].filter(name => there.includes(name) || (onEventStore && name === LOG));
  };
  const before = contents(folder, stores());
  const message = await refusedStart(folder);
  for (const word of words) assert.ok(message.includes(word), `"${word}" is missing in: ${message}`);
  assert.deepEqual(contents(folder, stores()), before);
}
const TEXT = 'a shopping list, not a database\n'.repeat(200);
const overwrite = (name: string, from: number) => (folder: string) => {
  const bytes = readFileSync(join(folder, name));
  bytes.fill(0x5a, from);
  writeFileSync(join(folder, name), bytes);
};

/** The operator's remedy for each store. */
const ADVICE = {
  'log.db': 'backup',
  'keys.db': 'backup',
  'views.db': 'delete it',
  'kv.db': 'delete it',
} as const;
for (const [name, advice] of Object.entries(ADVICE)) {
  const concerned = name === 'log.db' ? fileOnly : {};
  for (const [title, damage] of [
    ['is plain text', (folder: string) => writeFileSync(join(folder, name), TEXT)],
    ['is damaged after its first page', overwrite(name, 4096)],
  ] as const) {
    test(`a store that ${title} is named with a remedy, and not changed: ${name}`, concerned, async () => {
      await refuses(damage, join('/', name), advice);
    });
  }

  test(`a store of a newer release is named and not changed: ${name}`, concerned, async () => {
    await refuses(
      folder => edit(folder, name, 'PRAGMA user_version = 99'),
      join('/', name),
      'newer release',
      'Upgrade',
    );
  });
}

test('damaged views and sessions can be deleted as the message suggests, and nothing else is lost', async () => {
  const folder = copyOf(own.folder);
  for (const name of ['views.db', 'kv.db']) overwrite(name, 4096)(folder);
  for (const name of ['views.db', 'kv.db']) {
    // Files that a killed server leaves next to a database must not harm the new one.
    writeFileSync(join(folder, `${name}-wal`), TEXT);
    rmSync(join(folder, name));
  }
  const [list, again] = await started(folder, async client => {
    await logIn(client, own.email);
    return [await client.get(own.list), await client.get('/fridges')];
  });
  assert.deepEqual([list.status, list.body.items], [200, own.items]);
  assert.equal(again.body.total, 1);
});

test('a missing or empty log is not replaced while its keys are there', ownFile, async () => {
  await refuses(folder => rmSync(join(folder, LOG)), LOG_PLACE, 'backup');
  await refuses(folder => writeFileSync(join(folder, LOG), ''), LOG_PLACE, 'backup');
});

test('a database of another program is no log, and is not changed', fileOnly, async () => {
  await refuses(folder => {
    rmSync(join(folder, 'log.db'));
    edit(folder, 'views.db', `VACUUM INTO '${join(folder, 'log.db')}'`);
  }, 'log.db');
});

test('an invalid lock file does not count as a holder', async () => {
  const folder = copyOf(own.folder);
  rmSync(join(folder, 'server.json'), { force: true });
  writeFileSync(join(folder, 'lock.db'), TEXT);
  const message = await refusedStart(folder);
  assert.ok(message.includes('lock.db'), message);
  assert.doesNotMatch(message, /in use/);
});

test('a log without its keys is not opened, and no new keys are made', async () => {
  await refuses(folder => rmSync(join(folder, 'keys.db')), 'keys.db', 'backup');
});

test('a log with the keys of another log is not opened', async () => {
  await refuses(folder => cpSync(join(another.folder, 'keys.db'), join(folder, 'keys.db')), 'key store');
});

test('missing views are rebuilt, and missing sessions only log every member out, at once', async () => {
  const folder = copyOf(own.folder);
  for (const name of ['views.db', 'kv.db']) rmSync(join(folder, name));
  const [list, refresh] = await started(folder, async client => {
    for (const token of [own.token, own.leftToken]) {
      client.token = token;
      assertProblem(await client.get(own.list), 401, 'token-revoked');
    }
    client.cookie = own.cookie;
    const refresh = await client.post('/auth/refresh');
    await logIn(client, own.email);
    return [await client.get(own.list), refresh];
  });
  assert.deepEqual([list.status, list.body.items], [200, own.items]);
  assertProblem(refresh, 401, 'token-invalid');
});

test('views of another log are rebuilt', async () => {
  const folder = copyOf(own.folder);
  cpSync(join(another.folder, 'views.db'), join(folder, 'views.db'));
  const [list, fridges] = await started(folder, async client => [
    await client.get(own.list),
    await client.get('/fridges'),
  ]);
  assert.deepEqual(list.body.items, own.items);
  assert.equal(fridges.body.total, 1);
});

/** Restores the log as it was when the first server stopped. */
function restoreLog(folder: string): void {
  rmSync(join(folder, LOG), { recursive: true });
  cpSync(join(own.folder, LOG), join(folder, LOG), { recursive: true });
}

test('newer views detect a log that was restored from an older copy', async () => {
  const folder = copyOf(own.folder);
  await started(folder, async client => {
    const { headers } = await client.post(own.list, { name: 'lost' });
    await client.get(own.list, { 'Wait-For-Position': headers.get('position')! });
  });
  settle(folder);
  restoreLog(folder);
  const before = contents(folder, [LOG, 'views.db']);
  assert.ok((await refusedStart(folder)).includes('npm run log -- restored'));
  assert.deepEqual(contents(folder, [LOG, 'views.db']), before);
  // It continued, but with other facts than the views have seen.
  await plant(folder, own.fridge);
  assert.ok((await refusedStart(folder)).includes('npm run log -- restored'));
});

/** A client that keeps calling while a server starts. @returns its answers, until the start has ended */
async function callingWhile<T>(port: string, call: (client: Client) => Promise<Reply>, start: Promise<T>) {
  const client = new Client(`http://127.0.0.1:${port}`);
  client.token = own.token;
  let ended = false;
  const outcome = start.finally(() => {
    ended = true;
  });
  const answers: Reply[] = [];
  while (!ended) {
    const answer = await call(client).catch(() => undefined);
    if (answer) answers.push(answer);
  }
  return { outcome: await outcome, answers };
}

test('a restored log accepts no command before it is detected', async () => {
  const folder = copyOf(own.folder);
  await started(folder, async client => {
    const { headers } = await client.post(own.list, { name: 'lost' });
    await client.get(own.list, { 'Wait-For-Position': headers.get('position')! });
  });
  settle(folder);
  restoreLog(folder);
  const facts = factsIn(folder);
  const port = String(await freePort());
  const start = refusedStart(folder, { ZIPBOB_PORT: port });
  const { outcome, answers } = await callingWhile(port, client => client.post(own.list, { name: 'on top' }), start);
  assert.ok(outcome.includes('npm run log -- restored'), outcome);
  assert.deepEqual([answers.length, factsIn(folder)], [0, facts]);
});

test('a server that has to build its views accepts no request before they are complete', async () => {
  const folder = copyOf(own.folder);
  rmSync(join(folder, 'views.db'));
  const port = String(await freePort());
  const start = ownServer(folder, { ZIPBOB_PORT: port });
  const { outcome, answers } = await callingWhile(port, client => client.get(own.list), start);
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  );
  assert.equal(await outcome.stop(), 0);
});

test('the command that a failed start suggests exists', () => {
  assert.ok('log' in packageJson.scripts, 'npm run log -- restored');
});

test('a clock far behind the log is refused, unless the operator accepts it', async () => {
  const folder = copyOf(own.folder);
  const at = new Date(Date.now() + 25 * 3_600_000).toISOString();
  await plant(folder, 'spaceship-1', { like: own.fridge, meta: { at } });
  const facts = factsIn(folder);
  const message = await refusedStart(folder);
  assert.match(message, /clock/);
  assert.ok(message.includes('ZIPBOB_ACCEPT_CLOCK=1'));
  assert.equal(factsIn(folder), facts);
  const accept = { ZIPBOB_ACCEPT_CLOCK: '1' };
  const stored = await started(folder, client => client.post(own.list, { name: 'since then' }), accept);
  assert.equal(stored.status, 201);
});
