import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { at, built, put, sample, thing } from '../../core/read-model/contract-sample.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { makeCertificate } from '../eventstoredb/certificates.ts';
import { noOwnMariaDb, startMariaDb, WITH_BINLOG } from '../support/mariadb.ts';

describe('a connection to MariaDB', noOwnMariaDb, () => {
  /** A server with a certificate for a host name, whose account must use TLS, and its URL. */
  async function stage(t: TestContext, name: string) {
    const { folder } = testFolder(t);
    const { cert, key } = makeCertificate(folder, name);
    const db = await startMariaDb({ args: [`--ssl-cert=${cert}`, `--ssl-key=${key}`, `--ssl-ca=${cert}`] });
    await db.run('CREATE DATABASE secure', "CREATE USER tls@'127.0.0.1' IDENTIFIED BY 'x' REQUIRE SSL");
    await db.run("GRANT ALL ON secure.* TO tls@'127.0.0.1'");
    const url = `mariadb://tls:x@localhost:${db.port}/secure`;
    return { url, trusting: `${url}?tls=true&tlsCAFile=${encodeURIComponent(cert)}` };
  }

  test('is encrypted, and the certificate is checked against its authority', async t => {
    const { url, trusting } = await stage(t, 'localhost');
    const models = await mariaDbReadModels(trusting);
    t.after(() => models.close());
    const model = await built(models, sample, 0);
    assert.equal(await model.commit(put(1, thing('milk')), [], undefined, at(1)), 'committed');
    assert.deepEqual(await model.find({ atLeast: 1 }), [thing('milk')]);
    await assert.rejects(mariaDbReadModels(`${url}?tls=true`), /is not trusted \(.*\): name it as in its certificate/);
    await assert.rejects(mariaDbReadModels(url), /refuses the user or the password/, 'without TLS');
  });

  test('to a server with the certificate of another host is refused', async t => {
    const { trusting } = await stage(t, 'elsewhere');
    await assert.rejects(mariaDbReadModels(trusting), /is not trusted \(.*\): name it as in its certificate/);
  });

  test('with tls=true never falls back to plain text', async () => {
    const db = await startMariaDb({ args: ['--skip-ssl'] });
    await db.run('CREATE DATABASE plain');
    await assert.rejects(mariaDbReadModels(`${db.url('plain')}?tls=true`), /has no TLS: set it up there/);
  });

  test('to a server whose binary log holds statements only is refused at the start', async () => {
    const db = await startMariaDb({ args: [...WITH_BINLOG.args, '--binlog-format=STATEMENT'] });
    await db.run('CREATE DATABASE statements');
    await assert.rejects(mariaDbReadModels(db.url('statements')), /^Refuses: MARIADB_URL .*: set MIXED or ROW/);
  });
});
