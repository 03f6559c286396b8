import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mariaDbKeyStore } from '../../stores/keys/mariadb.ts';
import { caughtUp, type MariaDb, noOwnMariaDb, startMariaDb, startReplica, WITH_BINLOG } from '../support/mariadb.ts';

const GRANTS = 'SELECT, INSERT, UPDATE, CREATE';

async function account(db: MariaDb, right = ''): Promise<string> {
  await db.run(
    'CREATE DATABASE zipbob_keys',
    "CREATE USER zipbob_keys@'127.0.0.1' IDENTIFIED BY 'x'",
    `GRANT ${GRANTS} ON zipbob_keys.* TO zipbob_keys@'127.0.0.1'`,
    ...(right === '' ? [] : [`GRANT ${right} ON *.* TO zipbob_keys@'127.0.0.1'`]),
  );
  return db.url('zipbob_keys', 'zipbob_keys', 'x');
}

/** Files of a server's data folder that hold these bytes, plain or as a statement writes them. */
function filesWith(folder: string, bytes: Buffer): string[] {
  const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase())];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => forms.some(form => readFileSync(file).includes(form)))
    .map(file => file.slice(folder.length + 1));
}

describe('a forgotten key in MariaDB', noOwnMariaDb, () => {
  test('a server with a binary log is refused to an account that cannot stay out of it, and nothing is made', async () => {
    const db = await startMariaDb(WITH_BINLOG);
    const url = await account(db);
    await assert.rejects(
      mariaDbKeyStore(url),
      /^Refuses: MARIADB_KEYS_URL .* has a binary log.*skip-log-bin.*GRANT BINLOG ADMIN/,
    );
    assert.deepEqual(await db.run('SHOW TABLES FROM zipbob_keys'), []);
  });

  test('neither the binary log nor a replica ever has a key', async t => {
    const db = await startMariaDb(WITH_BINLOG);
    const url = await account(db, 'BINLOG ADMIN');
    const replica = await startReplica(db);
    const keys = await mariaDbKeyStore(url);
    t.after(() => keys.close());
    const { key } = await keys.ensure('mina');
    const otto = await keys.ensure('otto');
    await keys.forget('mina');
    await db.run('CREATE DATABASE replicated', 'CREATE TABLE replicated.rows (id INT)');
    await caughtUp(db, replica);
    assert.deepEqual((await replica.run("SHOW DATABASES LIKE 'replicated'")).length, 1, 'it does replicate');
    assert.deepEqual(await replica.run('SHOW TABLES FROM zipbob_keys'), []);
    const binlogs = readdirSync(join(db.folder, 'data')).filter(name => name.startsWith('binlog.'));
    assert.notEqual(binlogs.length, 0);
    for (const secret of [key, otto.key, keys.hmacSecret].map(bytes => Buffer.from(bytes))) {
      for (const form of [secret, secret.toString('hex'), secret.toString('base64')]) {
        const holding = binlogs.filter(name => readFileSync(join(db.folder, 'data', name)).includes(form));
        assert.deepEqual(holding, []);
      }
      assert.deepEqual(filesWith(join(replica.folder, 'data'), secret), []);
    }
    assert.notDeepEqual(filesWith(join(db.folder, 'data'), Buffer.from(otto.key)), [], 'the search finds a key');
  });

  test('a server that does not flush each commit, or only reads, is refused', async () => {
    const db = await startMariaDb();
    const url = await account(db);
    await db.run('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
    await assert.rejects(mariaDbKeyStore(url), /may lose a key that was made: set innodb_flush_log_at_trx_commit = 1/);
    await db.run('SET GLOBAL innodb_flush_log_at_trx_commit = 1', 'SET GLOBAL read_only = 1');
    await assert.rejects(mariaDbKeyStore(url), /only reads: name the primary/);
    await db.run('SET GLOBAL read_only = 0');
    await (await mariaDbKeyStore(url)).close();
  });

  test('its bytes leave the table, and a dump has none of the schema that it leaves out', async t => {
    const db = await startMariaDb();
    const keys = await mariaDbKeyStore(await account(db));
    t.after(() => keys.close());
    const mina = Buffer.from((await keys.ensure('mina')).key);
    const otto = Buffer.from((await keys.ensure('otto')).key);
    await keys.forget('mina');
    await keys.close();
    await db.run('SET GLOBAL innodb_fast_shutdown = 0');
    await db.stop();
    const data = join(db.folder, 'data');
    assert.ok(filesWith(data, otto).includes('zipbob_keys/subject_keys.ibd'));
    assert.ok(!filesWith(data, mina).includes('zipbob_keys/subject_keys.ibd'));
    t.diagnostic(
      `after forgetting and a slow shutdown the key is still in: ${filesWith(data, mina).join(', ') || 'no file'}`,
    );
    await db.restart();
    const arguments_ = ['--no-defaults', '-h127.0.0.1', `-P${db.port}`, '-uroot', '--all-databases', '--hex-blob'];
    const dump = (...more: string[]) =>
      execFileSync('mariadb-dump', [...arguments_, ...more], { encoding: 'utf8', maxBuffer: 2 ** 30 });
    const written = otto.toString('hex').toUpperCase();
    assert.ok(dump().toUpperCase().includes(written));
    assert.ok(!dump('--ignore-database=zipbob_keys').toUpperCase().includes(written));
  });
});
