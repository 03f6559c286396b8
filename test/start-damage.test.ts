import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { freePort } from './eventstoredb/given.ts';
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { contents, copyOf, edit, ownFolder, ownServer, refusedStart, settle } from './support/data-folders.ts';
import { factsIn, fileOnly, LOG, LOG_PLACE, onEventStore, ownFile } from './support/event-log.ts';
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
  /** of a session that has ended */
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

/** Starts on a folder, does something as the member, and stops. */
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

/** Damages a copy, and expects the start to say these words and to leave all as it is. */
async function refuses(damage: (folder: string) => void, ...words: string[]): Promise<void> {
  const folder = copyOf(own.folder);
  damage(folder);
  const stores = () => {
    const there = readdirSync(folder);
    return [LOG, 'keys.db', 'views.db', 'kv.db'].filter(name => there.includes(name) || (onEventStore && name === LOG));
  };
  const before = contents(folder, stores());
  const output = await refusedStart(folder);
  for (const word of words) assert.ok(output.includes(word), `"${word}" is missing in: ${output}`);
  assert.deepEqual(contents(folder, stores()), before);
}
const TEXT = 'a shopping list, not a database\n'.repeat(200);
const overwrite = (name: string, from: number) => (folder: string) => {
  const bytes = readFileSync(join(folder, name));
  bytes.fill(0x5a, from);
  writeFileSync(join(folder, name), bytes);
};

/** What the operator can do about each store. */
const ADVICE = {
  'log.db': 'backup',
  'keys.db': 'backup',
  'views.db': 'delete it',
  'kv.db': 'delete it',
} as const;
for (const [name, advice] of Object.entries(ADVICE)) {
  const concerned = name === 'log.db' ? fileOnly : {};
  for (const [title, damage] of [
    ['is some text', (folder: string) => writeFileSync(join(folder, name), TEXT)],
    ['is damaged behind its first page', overwrite(name, 4096)],
  ] as const) {
    test(`a store that ${title} is named and left alone, with what to do: ${name}`, concerned, async () => {
      await refuses(damage, join('/', name), advice);
    });
  }

  test(`a store of a newer release is named and left alone: ${name}`, concerned, async () => {
    await refuses(
      folder => edit(folder, name, 'PRAGMA user_version = 99'),
      join('/', name),
      'newer release',
      'Upgrade',
    );
  });
}

test('damaged views and sessions can be deleted as a start tells, and nothing else is lost', async () => {
  const folder = copyOf(own.folder);
  for (const name of ['views.db', 'kv.db']) overwrite(name, 4096)(folder);
  for (const name of ['views.db', 'kv.db']) {
    // What a server that was killed leaves beside a file must do no harm to the new one.
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

test('a log that is missing, or empty, is not replaced while its keys are there', ownFile, async () => {
  await refuses(folder => rmSync(join(folder, LOG)), LOG_PLACE, 'backup');
  await refuses(folder => writeFileSync(join(folder, LOG), ''), LOG_PLACE, 'backup');
});

test('a database of another use is no log, and is not touched', fileOnly, async () => {
  await refuses(folder => {
    rmSync(join(folder, 'log.db'));
    edit(folder, 'views.db', `VACUUM INTO '${join(folder, 'log.db')}'`);
  }, 'log.db');
});

test('a lock file that is no lock file is not taken for a holder', async () => {
  const folder = copyOf(own.folder);
  rmSync(join(folder, 'server.json'), { force: true });
  writeFileSync(join(folder, 'lock.db'), TEXT);
  const output = await refusedStart(folder);
  assert.ok(output.includes('lock.db'), output);
  assert.doesNotMatch(output, /in use/);
});

test('a log without its keys is not opened, and no new keys are made', async () => {
  await refuses(folder => rmSync(join(folder, 'keys.db')), 'keys.db', 'backup');
});

test('a log with the keys of another log is not opened', async () => {
  await refuses(folder => cpSync(join(another.folder, 'keys.db'), join(folder, 'keys.db')), 'key store');
});

test('views that are missing are made anew, and missing sessions log everybody out, at once, and nothing more', async () => {
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

test('views of another log are made anew', async () => {
  const folder = copyOf(own.folder);
  cpSync(join(another.folder, 'views.db'), join(folder, 'views.db'));
  const [list, fridges] = await started(folder, async client => [
    await client.get(own.list),
    await client.get('/fridges'),
  ]);
  assert.deepEqual(list.body.items, own.items);
  assert.equal(fridges.body.total, 1);
});

/** Puts back the log as it was when the first server stopped. */
function restoreLog(folder: string): void {
  rmSync(join(folder, LOG), { recursive: true });
  cpSync(join(own.folder, LOG), join(folder, LOG), { recursive: true });
}

test('a log that was restored from an older copy is noticed by newer views', async () => {
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
  // It went on, but otherwise than the views remember.
  await plant(folder, own.fridge);
  assert.ok((await refusedStart(folder)).includes('npm run log -- restored'));
});

/** A client that knows where a server will be, and calls while it starts. Its answers, until the start has ended. */
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

test('a log that was restored takes no command before that is noticed', async () => {
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

test('a server that has to build its views first takes no request before they are there', async () => {
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

test('what a start tells to run can be run', () => {
  assert.ok('log' in packageJson.scripts, 'npm run log -- restored');
});

test('a clock that is far behind the log is refused, unless that is accepted', async () => {
  const folder = copyOf(own.folder);
  const at = new Date(Date.now() + 25 * 3_600_000).toISOString();
  await plant(folder, 'spaceship-1', { like: own.fridge, meta: { at } });
  const facts = factsIn(folder);
  const output = await refusedStart(folder);
  assert.match(output, /clock/);
  assert.ok(output.includes('ZIPBOB_ACCEPT_CLOCK=1'));
  assert.equal(factsIn(folder), facts);
  const accept = { ZIPBOB_ACCEPT_CLOCK: '1' };
  const stored = await started(folder, client => client.post(own.list, { name: 'since then' }), accept);
  assert.equal(stored.status, 201);
});
