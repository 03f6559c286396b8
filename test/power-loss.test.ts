import assert from 'node:assert/strict';
import { cpSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, newcomer } from './support/client.ts';
import { ownFolder, ownServer, refusedStart } from './support/data-folders.ts';
import { factsOf, fileOnly } from './support/event-log.ts';
import { assertProblem } from './support/problems.ts';
import { launch } from './support/zipbob.ts';

const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** Ends of the transactions in a write-ahead log (https://sqlite.org/fileformat2.html#walformat). */
function commits(wal: Buffer): number[] {
  const frame = FRAME_HEADER + wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  const ends: number[] = [];
  for (let at = WAL_HEADER; at + frame <= wal.length; at += frame) {
    if (!wal.subarray(at + 8, at + 16).equals(salt)) break; // left over from an earlier use of the file
    if (wal.readUInt32BE(at + 4) > 0) ends.push(at + frame);
  }
  return ends;
}

test(
  'newer views detect a log that lost its last append with the power, and the operator can accept it',
  fileOnly,
  async () => {
    const folder = ownFolder();
    const server = await ownServer(folder);
    const { client, fridgeId } = await newcomer(server.url);
    const list = `/fridges/${fridgeId}/ingredients`;
    const kept = await client.post(list, { name: 'kept' });
    const items = Array.from({ length: 20 }, (_, n) => ({ name: `lost ${n}`, note: 'n'.repeat(1000) }));
    const lost = await client.post(list, { items });
    const position = lost.headers.get('position')!;
    assert.equal((await client.get(list, { 'Wait-For-Position': position })).body.total, 21);
    await server.kill();

    const copy = ownFolder();
    cpSync(folder, copy, { recursive: true });
    const wal = join(copy, 'log.db-wal');
    const [before, end] = commits(readFileSync(wal)).slice(-2);
    truncateSync(wal, Math.floor((before! + end!) / 2));
    const facts = factsOf(folder);
    assert.deepEqual(factsOf(copy), facts.slice(0, -items.length), 'it ends at a whole append');

    assert.ok((await refusedStart(copy)).includes('npm run log -- restored'));
    assert.equal(await (await launch(copy, ['commands/log.ts', 'restored'])).ended, 0);

    const again = await ownServer(copy);
    const visitor = new Client(again.url);
    visitor.token = client.token;
    const shown = await visitor.get(list);
    assert.deepEqual([shown.status, shown.body.items], [200, kept.body.items]);
    assertProblem(await visitor.get(`${list}/${lost.body.items[0].ingredientId}`), 404, 'ingredient-not-found');
    assertProblem(await visitor.get(list, { 'Wait-For-Position': position }), 400, 'position-unknown');
    const stored = await visitor.post(list, { name: 'since then' });
    const now = await visitor.get(list, { 'Wait-For-Position': stored.headers.get('position')! });
    assert.deepEqual(now.body.items.map(({ name }: { name: string }) => name).sort(), ['kept', 'since then']);
    assert.equal(await again.stop(), 0);
  },
);
