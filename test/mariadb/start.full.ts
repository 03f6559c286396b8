import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { newcomer } from '../support/client.ts';
import { ownFolder, ownServer, refusedStart } from '../support/data-folders.ts';
import { type MariaDb, noOwnMariaDb, startMariaDb } from '../support/mariadb.ts';

const PASSWORD = 'p@ss/w0rd';
const LIMIT_MS = 10_000;
/** A start itself, on a machine with other things to do. */
const STARTING_MS = 20_000;

describe('a start with a MariaDB', noOwnMariaDb, () => {
  let db: MariaDb;
  before(async () => {
    db = await startMariaDb();
    await db.run(`CREATE USER zipbob@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
  });

  /** A schema of its own on which the account has these rights. */
  let schemas = 0;
  async function schema(rights = 'ALL'): Promise<{ name: string; url: string }> {
    const name = `start_${++schemas}`;
    await db.run(`CREATE DATABASE ${name}`, `GRANT ${rights} ON ${name}.* TO zipbob@'127.0.0.1'`);
    return { name, url: db.url(name, 'zipbob', PASSWORD) };
  }

  /** One line that names the variable and no password. */
  async function assertRefused(extra: Record<string, string>, words: RegExp): Promise<void> {
    const begun = performance.now();
    const said = (await refusedStart(ownFolder(), extra, LIMIT_MS + STARTING_MS)).trim();
    assert.ok(performance.now() - begun < LIMIT_MS + STARTING_MS);
    const lines = said.split('\n').filter(line => !line.startsWith('not ready'));
    assert.equal(lines.length, 1, said);
    assert.match(lines[0]!, words);
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) assert.ok(!said.includes(secret), said);
  }

  for (const variable of ['MARIADB_URL', 'MARIADB_KEYS_URL']) {
    test(`${variable}: a wrong password`, async () => {
      const { name } = await schema();
      await assertRefused(
        { [variable]: db.url(name, 'zipbob', `not ${PASSWORD}`) },
        new RegExp(`^${variable} .* refuses the user or the password: check both`),
      );
    });

    test(`${variable}: a schema that is not there`, async () => {
      await db.run("GRANT ALL ON missing.* TO zipbob@'127.0.0.1'");
      await assertRefused(
        { [variable]: db.url('missing', 'zipbob', PASSWORD) },
        new RegExp(`^${variable} .*/missing\\) has no such schema: create it, or name another`),
      );
    });

    test(`${variable}: an account without any right on the schema`, async () => {
      await db.run(`CREATE DATABASE start_${++schemas}`);
      await assertRefused(
        { [variable]: db.url(`start_${schemas}`, 'zipbob', PASSWORD) },
        new RegExp(`^${variable} .* rights .*: GRANT them as docs/operations.md says`),
      );
    });

    test(`${variable}: an account that may only read an empty schema`, async () => {
      const { url } = await schema('SELECT');
      await assertRefused({ [variable]: url }, new RegExp(`^${variable} .* rights .*: the schema is empty`));
    });

    test(`${variable}: no server`, async () => {
      const { port } = await silent();
      await assertRefused({ [variable]: `mariadb://127.0.0.1:1/s` }, new RegExp(`^${variable} .*check the host`));
      await assertRefused({ [variable]: `mariadb://127.0.0.1:${port}/s` }, new RegExp(`^${variable} .*check the host`));
    });

    test(`${variable}: a schema of another program`, async () => {
      const { name, url } = await schema();
      await db.run(`CREATE TABLE ${name}.orders (id INT)`);
      await assertRefused({ [variable]: url }, new RegExp(`^${variable} .*not of ZipBob. Name an empty one`));
      assert.deepEqual(await tables(name), ['orders']);
    });

    test(`${variable}: a schema of a newer release`, async () => {
      const { name, url } = await schema();
      await (await ownServer(ownFolder(), { [variable]: url })).stop();
      await db.run(`UPDATE ${name}.formats SET version = version + 1`);
      await assertRefused({ [variable]: url }, new RegExp(`^${variable} .*newer release .*Upgrade ZipBob`));
    });

    test(`${variable}: not a URL`, () =>
      assertRefused(
        { [variable]: `mariadb://zipbob:${PASSWORD}@h/s` },
        new RegExp(`^${variable}: is not a connection`),
      ));
  }

  test('MARIADB_URL: an account without the rights to feed read models', async () => {
    const { name, url } = await schema();
    await (await ownServer(ownFolder(), { MARIADB_URL: url })).stop();
    await db.run(`REVOKE ALL ON ${name}.* FROM zipbob@'127.0.0.1'`, `GRANT SELECT ON ${name}.* TO zipbob@'127.0.0.1'`);
    await assertRefused({ MARIADB_URL: url }, /^MARIADB_URL .* rights .*GRANT SELECT, INSERT, .* on the schema/);
  });

  test('MARIADB_KEYS_URL: an account that cannot forget a key', async () => {
    const { name, url } = await schema();
    await (await ownServer(ownFolder(), { MARIADB_KEYS_URL: url })).stop();
    await db.run(
      `REVOKE ALL ON ${name}.* FROM zipbob@'127.0.0.1'`,
      `GRANT SELECT, INSERT ON ${name}.* TO zipbob@'127.0.0.1'`,
    );
    await assertRefused({ MARIADB_KEYS_URL: url }, /^MARIADB_KEYS_URL .* rights .*GRANT SELECT, INSERT, UPDATE/);
  });

  test('MARIADB_KEYS_URL: the schema of the read models', async () => {
    const { url } = await schema();
    await (await ownServer(ownFolder(), { MARIADB_URL: url })).stop();
    await assertRefused(
      { MARIADB_URL: url, MARIADB_KEYS_URL: url },
      /^MARIADB_KEYS_URL .*: the schema is the one of the read models, not of the key store/,
    );
  });

  test('MARIADB_KEYS_URL: the keys of another log', async () => {
    const { url } = await schema();
    const folder = ownFolder();
    const server = await ownServer(folder, { MARIADB_KEYS_URL: url });
    await newcomer(server.url);
    await server.stop();
    await assertRefused({ MARIADB_KEYS_URL: url }, /^the event log that these keys belong to is missing/);
    const { url: empty } = await schema();
    const said = await refusedStart(folder, { MARIADB_KEYS_URL: empty });
    assert.match(said, /the keys of this event log are missing \(mariadb:\/\/127/);
  });

  test('MARIADB_READ_URL: a wrong password, or no MARIADB_URL', async () => {
    const { name, url } = await schema();
    const wrong = db.url(name, 'zipbob', `not ${PASSWORD}`);
    await assertRefused({ MARIADB_URL: url, MARIADB_READ_URL: wrong }, /^MARIADB_READ_URL .* refuses the user/);
    await assertRefused({ MARIADB_READ_URL: wrong }, /^MARIADB_READ_URL: names a replica: MARIADB_URL must name/);
  });

  async function tables(name: string): Promise<unknown[]> {
    const sql = `SELECT table_name AS t FROM information_schema.tables WHERE table_schema = '${name}'`;
    return (await db.run(sql)).map(row => row.t);
  }
});

/** Something that takes connections and never says a word. */
async function silent(): Promise<{ port: number }> {
  const sockets: Socket[] = [];
  const server: Server = createServer(socket => sockets.push(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server.address() as { port: number };
}
