import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { readLogIdentity } from '../../core/log-identity.ts';
import { catchUp } from '../../core/projector.ts';
import { openSubscriber } from '../../core/subscriber.ts';
import { contents } from '../../core/testing/projector-sample.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { allProjections } from '../../projections/index.ts';
import { openEventStore, openReadModels } from '../../stores/open.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import { type Client, newcomer, PASSWORD, type Reply } from '../support/client.ts';
import { ownFolder, ownServer } from '../support/data-folders.ts';
import { fileOnly } from '../support/event-log.ts';
import { type MariaDb, noOwnMariaDb, startMariaDb } from '../support/mariadb.ts';
import { launch } from '../support/zipbob.ts';

const COMMANDS = 50;

describe('a server with its read models and keys in MariaDB', {
  ...noOwnMariaDb,
  ...(fileOnly.skip ? fileOnly : {}),
}, () => {
  let db: MariaDb;
  let schemas = 0;
  before(async () => {
    db = await startMariaDb();
  });

  async function places(): Promise<{ MARIADB_URL: string; MARIADB_KEYS_URL: string }> {
    const [views, keys] = [`views_${++schemas}`, `keys_${schemas}`];
    await db.run(`CREATE DATABASE ${views}`, `CREATE DATABASE ${keys}`);
    return { MARIADB_URL: db.url(views), MARIADB_KEYS_URL: db.url(keys) };
  }

  /** All that a household sees of its fridge. */
  const list = (client: Client, fridgeId: string) => client.get(`/fridges/${fridgeId}/ingredients?limit=100`);
  const namesOf = ({ body }: Reply): string[] => body.items.map(({ name }: { name: string }) => name);

  test('the server of the database is restarted while 50 commands run: each is stored once, and all goes on', async t => {
    const extra = await places();
    const folder = ownFolder();
    const server = await ownServer(folder, extra);
    const { client, fridgeId } = await newcomer(server.url);
    const names = Array.from({ length: COMMANDS }, (_, n) => `thing ${String(n).padStart(2, '0')}`);
    const stored: Reply[] = [];
    let answers = 0;
    const restarted = Promise.withResolvers<void>();
    const restart = async () => {
      await db.kill();
      await db.restart();
    };
    await Promise.all(
      names.map(async (name, n) => {
        const headers = { 'Idempotency-Key': randomUUID() };
        for (const end = performance.now() + 60_000; ; ) {
          const reply = await client.post(`/fridges/${fridgeId}/ingredients`, { name, note: 'sealed' }, { ...headers });
          if (++answers === COMMANDS / 2) restart().then(restarted.resolve, restarted.reject);
          if (reply.status === 201) {
            stored[n] = reply;
            return;
          }
          assert.equal(reply.status, 503, JSON.stringify(reply.body));
          assert.ok(performance.now() < end);
        }
      }),
    );
    await restarted.promise;
    for (const end = performance.now() + 60_000; ; ) {
      const reply = await list(client, fridgeId);
      if (reply.status === 200 && reply.body.items.length === COMMANDS) break;
      assert.ok(performance.now() < end, `the views do not come back: ${JSON.stringify(reply.body).slice(0, 500)}`);
    }
    assert.deepEqual(namesOf(await list(client, fridgeId)).toSorted(), names);
    for (const end = performance.now() + 60_000; ; ) {
      const ready = await fetch(`${server.url}/readyz`);
      if (ready.status === 200) break;
      assert.ok(performance.now() < end, `it does not become ready: ${await ready.text()}`);
    }
    await server.stop();

    const { path, keep } = testFolder(t);
    const locations = { folder, mariaDbUrl: extra.MARIADB_URL, mariaDbKeysUrl: extra.MARIADB_KEYS_URL };
    const store = keep(await openEventStore(locations));
    const { logId } = (await readLogIdentity(store))!;
    const { relational, document } = await openReadModels(locations);
    keep(document);
    keep(relational);
    const fresh = keep(sqliteReadModels(path('fresh.db')));
    for (const projection of (await allProjections(baseCatalogue)).filter(({ store }) => store === 'relational')) {
      const generation = (await relational.served(projection))!;
      const found = await contents(await openSubscriber(store, relational, logId, projection, generation));
      const expected = await openSubscriber(store, fresh, logId, projection, 0);
      await catchUp(store, logId, expected, { onError: 'stop' });
      assert.deepEqual(found.rows, (await contents(expected)).rows, projection.name);
    }
  });

  test('a household moves from the embedded files to MariaDB by the commands of docs/operations.md', async () => {
    const folder = ownFolder();
    const first = await ownServer(folder);
    const { client, fridgeId, email } = await newcomer(first.url);
    assert.equal(
      (await client.post(`/fridges/${fridgeId}/ingredients`, { name: '우유', note: 'for mina' })).status,
      201,
    );
    const { items } = (await list(client, fridgeId)).body;
    await first.stop();
    const extra = await places();
    const { child, ended } = await launch(folder, ['commands/keys.ts', 'copy', '--from', `${folder}/keys.db`], {
      extra,
    });
    const said = (await Promise.all([child.stdout.toArray(), child.stderr.toArray()])).flat().join('');
    assert.equal(await ended, 0, said);
    assert.match(
      said,
      /^1 keys and 0 tombstones are in mariadb:\/\/127\.0\.0\.1:\d+\/keys_\d, compared with .*keys\.db\nstart with/,
    );

    const second = await ownServer(folder, extra);
    client.url = second.url;
    assert.deepEqual(
      (await list(client, fridgeId)).body.items,
      items,
      'the sealed note is read, and the old session holds',
    );
    assert.equal((await client.post('/auth/login', { email, password: PASSWORD })).status, 200);
    await second.stop();
  });
});
