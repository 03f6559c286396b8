import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { jsonLines, runImport } from './support/importing.ts';
import { oneServer } from './support/one-server.ts';
import { scratchFolder } from './support/programs.ts';
import { launch } from './support/zipbob.ts';

/** Clears the screen, sets a title, colours by one C1 character, and turns what follows. */
const HOSTILE = '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e';
const HARMLESS = '\\u001b[2J\\u001b]0;x\\u0007\\u009b31m\\u202e';
const OTHERS = /[^\P{Cc}\n]|\p{Bidi_Control}/u;

const server = await oneServer();
const elsewhere = scratchFolder();
after(() => rmSync(elsewhere, { recursive: true, force: true }));

/** A server that answers each path with what is given for it. */
async function answering(answers: Record<string, { status: number; body: unknown }>) {
  const fake = createServer((req, res) => {
    const { status, body } = answers[`${req.method} ${req.url}`] ?? { status: 404, body: { detail: HOSTILE } };
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  fake.listen(0, '127.0.0.1');
  await once(fake, 'listening');
  after(() => fake.close());
  return `http://127.0.0.1:${(fake.address() as AddressInfo).port}`;
}

async function run(program: readonly string[], extra: Record<string, string> = {}) {
  const { child, ended } = await launch(elsewhere, program, { extra });
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  return { code: await ended, out: out.join(''), err: err.join('') };
}

describe('what is printed does nothing to a terminal', () => {
  test('of a file that is imported: its name, its fields and its values', async () => {
    const file = jsonLines(server.folder, `name${HOSTILE}.jsonl`, [
      { title: 'x', ingredients: [], [HOSTILE]: 1 },
      { title: 'x', ingredients: [{ name: 'x', [`a\n${HOSTILE}`]: 1 }] },
    ]);
    const { code, out, err } = await runImport(server.folder, file);
    assert.equal(code, 1);
    assert.doesNotMatch(out + err, OTHERS);
    const [first, second, ...more] = err.trim().split('\n');
    assert.deepEqual(more, []);
    assert.ok(first!.includes(`name${HARMLESS}.jsonl:1: ${HARMLESS}: there is no such field`), first);
    assert.ok(second!.endsWith(`ingredients[0].a\\u000a${HARMLESS}: there is no such field`), second);
  });

  test('of a file that is not there', async () => {
    const { code, out, err } = await runImport(server.folder, join(server.folder, HOSTILE));
    assert.equal(code, 1);
    assert.doesNotMatch(out + err, OTHERS);
    assert.ok(err.includes(HARMLESS), err);
  });

  test('of the server that recipes are given to', async () => {
    const path = 'POST /api/v1/ops/recipes';
    const file = jsonLines(elsewhere, 'good.jsonl', [{ title: 'x', ingredients: [] }]);
    for (const [status, body, text] of [
      [200, { results: [{ refused: `a\n${HOSTILE}` }] }, `${file}:1: a\\u000a${HARMLESS}\n`],
      [403, { detail: `a\n${HOSTILE}` }, ` refused: a\\u000a${HARMLESS}\n`],
    ] as const) {
      const url = await answering({ [path]: { status, body } });
      const { code, out, err } = await run(['commands/import.ts', file], { ZIPBOB_URL: url, ZIPBOB_TOKEN: 't' });
      assert.equal(code, 1);
      assert.doesNotMatch(out + err, OTHERS);
      assert.ok(err.endsWith(text), err);
    }
  });

  test('of the server that the demo walks on', async () => {
    const url = await answering({
      'POST /api/v1/auth/register': { status: 201, body: { accessToken: 't' } },
      'GET /api/v1/fridges': { status: 200, body: { items: [{ fridgeId: 'f', name: `a\n${HOSTILE}` }] } },
    });
    const { code, out, err } = await run(['commands/demo.ts', '--lang', 'en'], { ZIPBOB_URL: url });
    assert.equal(code, 1);
    assert.doesNotMatch(out + err, OTHERS);
    assert.equal(out, `1. Registering opened a fridge: a\\u000a${HARMLESS}\n`);
    assert.equal(err, `POST /fridges/f/ingredients: 404 ${HARMLESS}\n`);
  });

  test('of a log that an operator names', async () => {
    const file = join(elsewhere, `log${HOSTILE}.gz`);
    writeFileSync(file, 'no log');
    for (const args of [
      ['import', '--from', file],
      ['export', '--from', `${HOSTILE}.db`, '--to', file],
    ]) {
      const { code, out, err } = await run(['commands/log.ts', ...args]);
      assert.equal(code, 1);
      assert.doesNotMatch(out + err, OTHERS);
      assert.ok(err.includes(HARMLESS), err);
    }
  });
});
