import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Client, newcomer, type Reply } from './support/client.ts';
import { ownFolder, ownServer } from './support/data-folders.ts';
import { factsIn, fileOnly, onEventStore, ownFile } from './support/event-log.ts';
import { assertProblem } from './support/problems.ts';
import { launch, startCramped } from './support/zipbob.ts';

/** bytes of any one file */
const LIMIT = 3 * 1024 * 1024;
/** far more than fits */
const MOST = 2000;

const note = 'no room left '.repeat(30);

test(
  'a full disk: 503, nothing half-written, and all that was acknowledged is there once there is room again',
  ownFile,
  async () => {
    const folder = ownFolder();
    const cramped = await startCramped(folder, LIMIT);
    after(() => cramped.kill());
    const output: string[] = [];
    cramped.process.stderr!.on('data', data => output.push(String(data)));
    const { client, fridgeId } = await newcomer(cramped.url);
    const list = `/fridges/${fridgeId}/ingredients`;
    const stored: string[] = [];
    let refused: Reply | undefined;
    let key = '';
    while (!refused && stored.length < MOST) {
      key = `full-${stored.length}`;
      const reply = await client.post(list, { name: `jar ${stored.length}`, note }, { 'Idempotency-Key': key });
      if (reply.status === 201) stored.push(reply.body.items[0].ingredientId);
      else refused = reply;
    }
    assert.ok(refused, `the disk was not full after ${MOST} commands`);
    assertProblem(refused, 503, 'unavailable');
    assert.equal((await client.post(list, { name: 'one more', note })).status, 503, 'and it stays so');
    if (!onEventStore) {
      const ready = await fetch(`${cramped.url}/readyz`);
      const { checks } = (await ready.json()) as { checks: Record<string, string> };
      assert.deepEqual([ready.status, checks.log], [503, 'unavailable'], 'and readiness says so, by trying');
      assert.match(
        output.join(''),
        /the event log \S+log\.db cannot be written: \S+/,
        'and the log names file and cause',
      );
    }
    assert.equal((await client.get(`/fridges/${fridgeId}`)).status, 200, 'what is there can be read');
    const facts = factsIn(folder);
    await cramped.kill();

    const roomy = await ownServer(folder);
    assert.equal(factsIn(folder), facts, 'nothing was half-written');
    const again = new Client(roomy.url);
    again.token = client.token;
    const reply = await again.post(list, { name: `jar ${stored.length}`, note }, { 'Idempotency-Key': key });
    assert.equal(reply.status, 201, 'the refused command, sent again');
    stored.push(reply.body.items[0].ingredientId);
    const found: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await again.get(`${list}?limit=100${cursor}`, {
        'Wait-For-Position': reply.headers.get('position')!,
      });
      assert.equal(page.status, 200, JSON.stringify(page.body));
      found.push(...page.body.items.map((item: { ingredientId: string }) => item.ingredientId));
      cursor = page.body.nextCursor && `&cursor=${page.body.nextCursor}`;
    }
    assert.deepEqual(found.toSorted(), stored.toSorted());
  },
);

test('a start on a full disk ends with 1, and names the file that has no room', fileOnly, async () => {
  for (const bytes of [1024, 16 * 1024, 64 * 1024]) {
    const { child, ended } = await launch(ownFolder(), ['start.ts'], { bytes, options: { timeout: 20_000 } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += String(data)));
    assert.equal(await ended, 1, output);
    assert.match(output, /\.(db|json)\b/, `${bytes}: ${output}`);
    assert.doesNotMatch(output, /^\s+at .+:\d+/m);
  }
});
