import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownFolder, ownServer } from './support/data-folders.ts';
import { factsOf, fileOnly } from './support/event-log.ts';
import { assertKept, killAndRecover, login, type Sent, say, settle } from './support/kills.ts';

const WRITE_BEHIND = join(import.meta.dirname, 'support/write-behind.mjs');

test('three kills inside appends and commits lose nothing and duplicate nothing', async () => {
  const folder = ownFolder();
  const home = await settle(folder);
  for (let round = 1; round <= 3; round++) await killAndRecover(folder, home, round);
});

test('a log that acknowledges before it has written is detected', fileOnly, async () => {
  const folder = ownFolder();
  const home = await settle(folder);
  for (const [name, body] of [
    ['ingredients', { name: '두부' }],
    ['recommendations', { limit: 1 }],
  ] as const) {
    const server = await ownServer(folder, { NODE_OPTIONS: `--import ${WRITE_BEHIND}` });
    const command: Sent = { method: 'POST', path: `/fridges/${home.fridgeId}/${name}`, body, key: name };
    command.answer = await say(await login(server, home), command);
    await server.kill();
    assert.ok(command.answer.status < 300);
    assert.throws(() => assertKept(factsOf(folder), [command]), /was acknowledged, but the log does not have it/);
  }
});
