import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Unavailable } from '../../core/errors.ts';
import { at, built, put, sample, thing } from '../../core/read-model/contract-sample.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { noOwnMariaDb } from '../support/mariadb.ts';
import { startServer } from '../support/mariadb-server.ts';

const LARGE = 'x'.repeat(1_000_000);

/** A disk of its own, if this process may mount one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=90m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  after(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const disk = noOwnMariaDb.skip === false ? smallDisk() : undefined;
const skip =
  noOwnMariaDb.skip || (disk === undefined && 'needs a small disk: run it as an account that may mount a tmpfs');
if (skip) console.warn(`SKIPPED: ${skip}`);

describe('the full disk of a MariaDB', { skip }, () => {
  test('is Unavailable, and what was committed is there once there is room', async t => {
    const folder = join(disk!, 'server');
    mkdirSync(folder);
    const db = await startServer({ folder });
    t.after(() => db.end());
    await db.run('CREATE DATABASE cramped');
    const models = await mariaDbReadModels(db.url('cramped'));
    t.after(() => models.close());
    const model = await built(models, sample, 0);
    await model.commit(put(1, thing('milk')), [], undefined, at(1));
    const ballast = join(disk!, 'ballast');
    writeFileSync(ballast, Buffer.alloc(30_000_000));

    let position = 1;
    const failed = async () => {
      for (;;) {
        const row = thing(`row-${position}`, { extra: LARGE });
        await model.commit(put(position + 1, row), [], at(position), at(position + 1));
        position++;
        assert.ok(position < 90, 'the disk does not become full');
      }
    };
    await assert.rejects(failed, Unavailable);

    rmSync(ballast);
    await db.restart(); // a server that could not write its own files has given up
    const found = (await model.checkpoint())!.position;
    assert.ok(found === position || found === position + 1, 'the last commit is there as a whole, or not at all');
    assert.equal(await model.count(), found);
    assert.equal(await model.commit(put(found + 1, thing('tofu')), [], at(found), at(found + 1)), 'committed');
    assert.equal(await model.count(), found + 1);
  });
});
