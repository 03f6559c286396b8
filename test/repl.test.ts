import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Client, newcomer } from './support/client.ts';
import { scratchFolder } from './support/programs.ts';
import { launch } from './support/zipbob.ts';

test('the REPL shows, rebuilds and reads through the public actions', async () => {
  const folder = scratchFolder();
  const { child, ended } = await launch(folder, ['start.ts', '--repl'], { extra: { HOME: folder } });
  let output = '';
  let onOutput = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', data => {
      output += data;
      onOutput();
    });
  }
  /** The output from now on, up to and including the first match. */
  async function until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(output);
      if (found) {
        const text = output.slice(0, found.index + found[0].length);
        output = output.slice(text.length);
        return text;
      }
      await new Promise<void>(resolve => {
        onOutput = resolve;
      });
    }
  }
  const type = (line: string) => child.stdin.write(`${line}\n`);
  try {
    const ready = await until(/ready (\S+)\n/);
    const { client, fridgeId } = await newcomer(ready.match(/ready (\S+)\n/)![1]!);
    const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { name: '두부', note: '비밀' });
    const list = async () =>
      (await client.get(`/fridges/${fridgeId}/ingredients`, { 'Wait-For-Position': stored.headers.get('position')! }))
        .body.items;
    const before = await list();

    type('projections');
    const table = await until(/^│ 5 .*\n/m); // in the order in which they were built
    for (const name of ['fridges', 'ingredients', 'members', 'memberships', 'open-work', 'recipes'])
      assert.ok(table.includes(`'${name}'`));

    for (const generation of [1, 2, 3]) {
      type('rebuild ingredients');
      await until(new RegExp(`ingredients is served from generation ${generation}\n`));
      assert.deepEqual(await list(), before, 'a rebuilt view shows the same');
    }
    const eaten = await client.post(`/fridges/${fridgeId}/ingredients/${before[0].ingredientId}/consume`, {});
    const after = await client.get(`/fridges/${fridgeId}/ingredients`, {
      'Wait-For-Position': eaten.headers.get('position')!,
    });
    assert.deepEqual(after.body.items, [], 'the rebuilt generation receives new facts');

    type('rebuild nonsense');
    await until(/there is no projection called nonsense\n/);

    type('retire ingredients 1');
    await until(/there is no version 1 of ingredients: there is 2\n/);

    type('facts nonsense');
    await until(/there is no stream called nonsense\n/);

    type(`facts fridge-${fridgeId}`);
    const facts = await until(/IngredientConsumed.*\n/);
    assert.match(facts, /FridgeOpened/);
    assert.doesNotMatch(facts, /비밀/, 'personal data stays sealed');

    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    await assert.rejects(new Client(client.url).get('/fridges'));
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
});
