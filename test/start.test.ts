import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { readConfig } from '../moleculer.config.ts';
import { RemoteErrors } from '../platform/remote-errors.ts';
import { Client, newcomer, PASSWORD } from './support/client.ts';
import { ownFolder, ownServer, refusedStart } from './support/data-folders.ts';
import { LOG, ownFile } from './support/event-log.ts';

process.umask(0); // files are private to their owner all the same
const heldFolder = ownFolder();
chmodSync(heldFolder, 0o755);
const holder = await ownServer(heldFolder);
/** It waits ten seconds; the other tests run meanwhile. */
const second = refusedStart(heldFolder).then(
  message => ({ message, error: undefined }),
  (error: unknown) => ({ message: '', error }),
);
const nested = join(ownFolder(), 'made', 'by', 'start');

function assertOwnerOnly(folder: string): void {
  const mode = (...path: string[]) => (statSync(join(...path)).mode & 0o777).toString(8);
  const names = readdirSync(folder);
  for (const name of [LOG, 'keys.db', 'views.db', 'kv.db', 'server.json']) assert.ok(names.includes(name));
  const modes = Object.fromEntries(names.map(name => [name, mode(folder, name)]));
  assert.deepEqual([mode(folder), modes], ['700', Object.fromEntries(names.map(name => [name, '600']))]);
}

test('a start prints its address and is ready there; SIGTERM closes every store and ends it with exit code 0', async () => {
  const folder = ownFolder();
  const server = await ownServer(folder);
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(await (await fetch(`${server.url}/livez`)).json(), { status: 'ok' });
  const ready = await fetch(`${server.url}/readyz`);
  const checks = { log: 'ok', keys: 'ok', sessions: 'ok', views: 'ok', work: 'ok' };
  assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ok', checks }]);
  const { pid, address } = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'));
  assert.deepEqual([pid, address], [server.process.pid, server.url]);
  assert.equal(await server.stop(), 0);
  await assert.rejects(fetch(`${server.url}/livez`));
  const left = readdirSync(folder).filter(name => name === 'server.json' || /-(wal|shm|journal)$/.test(name));
  assert.deepEqual(left, []);
});

test('SIGTERM ends a server whose clients never pause', async () => {
  const server = await ownServer(ownFolder());
  const { client, fridgeId } = await newcomer(server.url);
  const exit = once(server.process, 'exit');
  let answered = 0;
  const store = async () => {
    while (answered < 200) {
      const reply = await client.post(`/fridges/${fridgeId}/ingredients`, { name: 'more' }).catch(() => undefined);
      if (!reply) return;
      if (++answered === 20) server.process.kill('SIGTERM');
    }
  };
  await Promise.all(Array.from({ length: 8 }, store));
  assert.ok(answered < 200, 'it keeps serving on its open connections');
  assert.deepEqual(await exit, [0, null]);
});

/** A login of which the server has received only the first half. */
async function halfSent(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const headers = ['Host: x', 'Content-Type: application/json', 'Content-Length: 2', 'Expect: 100-continue'];
  socket.write(['POST /api/v1/auth/login HTTP/1.1', ...headers, '', ''].join('\r\n'));
  assert.match(String(await once(socket, 'data')), /100 Continue/);
  socket.write('{');
  return socket;
}

test('SIGTERM waits for a request that completes, but only for a limited time for one that does not', async () => {
  const server = await ownServer(ownFolder());
  const slow = await halfSent(server.url);
  const never = await halfSent(server.url);
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(silent, 'connect');
  for (const socket of [never, silent]) socket.on('error', () => {});
  const answer = text(slow);
  const exit = once(server.process, 'exit', { signal: AbortSignal.timeout(10_000) });
  server.process.kill('SIGTERM');
  while (await fetch(server.url).catch(() => undefined)); // until it accepts no new connections
  slow.write('}');
  assert.match(await answer, /^HTTP\/1\.1 422 .*"path":"email"/s);
  assert.deepEqual(await exit, [0, null]);
});

test('a start during the stop of another waits for its folder, takes over and finds everything stored', async () => {
  const folder = ownFolder();
  const first = await ownServer(folder);
  const { client, fridgeId, email } = await newcomer(first.url);
  const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { name: '우유', note: 'half full' });
  const [next, code] = await Promise.all([ownServer(folder), first.stop()]);
  assert.equal(code, 0);
  const visitor = new Client(next.url);
  const login = await visitor.post('/auth/login', { email, password: PASSWORD });
  visitor.token = login.body.accessToken;
  const list = await visitor.get(`/fridges/${fridgeId}/ingredients`);
  assert.deepEqual(list.body, { items: stored.body.items, total: 1 });
  assert.equal(await next.stop(), 0);
});

test('a port in use is named', async () => {
  const { port } = new URL(holder.url);
  const message = await refusedStart(ownFolder(), { ZIPBOB_PORT: port });
  assert.ok(message.includes(port), message);
  assert.match(message, /in use|taken/);
});

test('an unavailable host is named', async () => {
  const message = await refusedStart(ownFolder(), { ZIPBOB_HOST: '192.0.2.1' }, 15_000);
  assert.ok(message.includes('192.0.2.1'), message);
});

test('an invalid variable is named, and no file is created', async () => {
  const nonsense = [
    ...['abc', '70000', '0x50', ' '].map(port => ['ZIPBOB_PORT', port] as const),
    ['ZIPBOB_HOST', ''],
    ['ZIPBOB_SERVICES', 'auth,nonsense'],
    ['ZIPBOB_PUBLIC_URL', 'nonsense'],
    ['ZIPBOB_SERVICES', 'auth,gateway'],
  ] as const;
  const answers = await Promise.all(
    nonsense.map(async ([name, value]) => {
      const folder = ownFolder();
      const message = await refusedStart(folder, { [name]: value }).catch((error: Error) => error.message);
      const made = readdirSync(folder).filter(name => name !== LOG);
      return `${name}=${value}: ${message.startsWith(`${name}:`) && made.length === 0 ? 'named' : message}`;
    }),
  );
  assert.deepEqual(
    answers,
    nonsense.map(([name, value]) => `${name}=${value}: named`),
  );
});

test('a list of services without a service that one of them calls is refused, naming all that are missing', () => {
  const services = (list: string) => readConfig({ ZIPBOB_SERVICES: list }).services;
  const refused = {
    'auth,gateway': 'auth needs fridges, projector; gateway needs recommendations, recipes',
    'recipes,gateway': 'recipes needs fridges, projector; gateway needs recommendations, auth',
    'projector,recipes,gateway': 'recipes needs fridges; gateway needs recommendations, auth',
    'auth,fridges,gateway': 'auth needs projector; fridges needs recipes, recommendations',
    'projector,fridges,recipes,recommendations,gateway': 'gateway needs auth',
    'projector,auth,fridges,recipes': 'fridges needs recommendations',
    recommendations: 'recommendations needs fridges, recipes, projector',
    auth: 'auth needs fridges, projector',
  };
  for (const [list, fault] of Object.entries(refused)) {
    const lines = fault.split('; ').flatMap(one => {
      const [service, missing] = one.split(' needs ');
      return missing!.split(', ').map(name => `ZIPBOB_SERVICES: ${service} needs ${name}, which is not in the list`);
    });
    assert.throws(
      () => services(list),
      (error: Error) => {
        assert.deepEqual(error.message.split('\n').sort(), lines.sort());
        return true;
      },
    );
  }
  for (const list of ['projector', 'projector,fridges,recipes,recommendations']) {
    assert.equal(services(list).join(), list);
  }
});

test('a node restores the errors of other nodes', () => {
  assert.ok(readConfig({}).broker.errorRegenerator instanceof RemoteErrors);
});

test('limits have a default, and invalid values are refused', () => {
  const usual = readConfig({});
  assert.deepEqual([usual.trustedProxies, usual.commandsPerHour], [0, 3600]);
  const set = readConfig({ ZIPBOB_TRUSTED_PROXIES: '2', ZIPBOB_COMMANDS_PER_HOUR: '100' });
  assert.deepEqual([set.trustedProxies, set.commandsPerHour], [2, 100]);
  for (const name of ['ZIPBOB_TRUSTED_PROXIES', 'ZIPBOB_COMMANDS_PER_HOUR']) {
    for (const value of ['', ' ', '-1', '1.5', '1e3', '0x1', 'true', '99999999999', '9999999']) {
      assert.throws(() => readConfig({ [name]: value }), { message: new RegExp(`^${name}: is `) }, `${name}=${value}`);
    }
  }
  assert.throws(
    () => readConfig({ ZIPBOB_COMMANDS_PER_HOUR: '0' }),
    /^Error: ZIPBOB_COMMANDS_PER_HOUR: is less than 1$/,
  );
});

test('a data folder that is a file is named', async () => {
  const file = join(ownFolder(), 'file');
  writeFileSync(file, 'not a folder');
  const message = await refusedStart(file);
  assert.ok(message.includes(file), message);
  assert.equal(readFileSync(file, 'utf8'), 'not a folder');
});

test('unknown variables change nothing', async () => {
  const hostile = {
    NAMESPACE: 'evil',
    NODEID: 'evil',
    TRANSPORTER: 'nats://127.0.0.1:1',
    CACHER: 'redis://127.0.0.1:1',
    MOL_NAMESPACE: 'evil',
    MOL_NODEID: 'evil',
    MOL_TRANSPORTER: 'redis://127.0.0.1:1',
    MOL_LOGLEVEL: 'trace',
    PORT: '1',
    IP: '192.0.2.1',
    HOST: 'evil',
    SERVICES: 'none',
    SERVICEDIR: '/',
    MOLECULER_CONFIG: '/etc/passwd',
    NODE_ENV: 'production',
    LOGLEVEL: 'trace',
    LOGGER: 'true',
    DEBUG: '*',
    TZ: 'Pacific/Kiritimati',
    LANG: 'C',
    HTTP_PROXY: 'http://127.0.0.1:1',
    JWT_SECRET: 'x',
    HTTPS_KEY: '/etc/passwd',
    HTTPS_CERT: '/etc/passwd',
  };
  const folder = ownFolder();
  const server = await ownServer(folder, hostile);
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const { client, fridgeId } = await newcomer(server.url);
  const stored = await client.post(`/fridges/${fridgeId}/ingredients`, {
    food: 'milk',
    occurredAt: '2026-03-01T20:00:00Z',
  });
  assert.equal(stored.body.items[0].dueDate, '2026-03-09', "dates follow the kitchen's time zone, not the server's");
  assert.equal((await fetch(`${server.url}/list-aliases`)).status, 404);
  assert.equal(await server.stop(), 0);
});

test('behind HTTPS the cookie is for HTTPS only, and a new data folder is private to its owner', ownFile, async () => {
  const server = await ownServer(nested, { ZIPBOB_PUBLIC_URL: 'https://zipbob.example' });
  const details = { email: 'secure@example.org', password: PASSWORD, nickname: 'secure' };
  const reply = await new Client(server.url).post('/auth/register', details);
  assert.match(reply.headers.getSetCookie()[0]!, /; Secure(;|$)/);
  assert.match(reply.headers.get('strict-transport-security') ?? '', /max-age=\d+/);
  assertOwnerOnly(nested);
  assert.equal(await server.stop(), 0);
});

test(
  'an existing data folder that others could read becomes private to its owner, with all its files',
  ownFile,
  async () => {
    await newcomer(holder.url);
    assertOwnerOnly(heldFolder);
  },
);

test('a second start on a data folder in use names its holder', async () => {
  const { message, error } = await second;
  assert.ifError(error);
  for (const word of [heldFolder, String(holder.process.pid), holder.url]) assert.ok(message.includes(word), message);
  assert.equal((await fetch(`${holder.url}/livez`)).status, 200, 'the holder is not disturbed');
  assert.ok(existsSync(join(heldFolder, 'server.json')));
  assert.equal(await holder.stop(), 0);
});
