import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Client, newcomer, type Reply } from './support/client.ts';
import { ownFolder, ownServer } from './support/data-folders.ts';
import { factsIn, fileOnly, onEventStore, ownFile } from './support/event-log.ts';
import { assertProblem } from './support/problems.ts';
import { launch, startCramped } from './support/zipbob.ts';

/** bytes of any one file */
const LIMIT = 3 * 1024 * 1024;
/** commands, far more than fit */
const MOST = 200;
const ITEMS = 20;
const TRIES = 4;

const note = 'no room left '.repeat(30);

test(
  'a full disk: 503, nothing half-written, and everything acknowledged is there once there is room again',
  ownFile,
  async () => {
    const folder = ownFolder();
    const cramped = await startCramped(folder, LIMIT);
    after(() => cramped.kill());
    const messages: string[] = [];
    cramped.process.stderr!.on('data', data => messages.push(String(data)));
    const { client, fridgeId } = await newcomer(cramped.url);
    const list = `/fridges/${fridgeId}/ingredients`;
    const stored: string[] = [];
    let refused: Reply | undefined;
    let key = '';
    const items = Array.from({ length: ITEMS }, (_, i) => ({ name: `jar ${i}`, note }));
    const store = (by = client) => by.post(list, { items }, { 'Idempotency-Key': key });
    const idsOf = ({ body }: Reply): string[] => body.items.map((item: { ingredientId: string }) => item.ingredientId);
    for (let commands = 0; !refused && commands < MOST; commands++) {
      key = `full-${commands}`;
      let reply = await store();
      // A busy machine answers 503 once; a full disk does so every time.
      for (let tries = 1; reply.status !== 201 && tries < TRIES; tries++) reply = await store();
      if (reply.status === 201) stored.push(...idsOf(reply));
      else refused = reply;
    }
    assert.ok(refused, `the disk was not full after ${MOST} commands`);
    assertProblem(refused, 503, 'unavailable');
    assert.equal((await client.post(list, { items })).status, 503, 'a later command is refused too');
    if (!onEventStore) {
      const ready = await fetch(`${cramped.url}/readyz`);
      const { checks } = (await ready.json()) as { checks: Record<string, string> };
      assert.deepEqual([ready.status, checks.log], [503, 'unavailable'], 'readiness reports it, by trying');
      assert.match(
        messages.join(''),
        /the event log \S+log\.db cannot be written: \S+/,
        'the log names file and cause',
      );
    }
    assert.equal((await client.get(`/fridges/${fridgeId}`)).status, 200, 'reads still work');
    const facts = factsIn(folder);
    await cramped.kill();

    const roomy = await ownServer(folder);
    assert.equal(factsIn(folder), facts, 'nothing was half-written');
    const again = new Client(roomy.url);
    again.token = client.token;
    const reply = await store(again);
    assert.equal(reply.status, 201, 'the refused command, sent again');
    stored.push(...idsOf(reply));
    const found: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await again.get(`${list}?limit=100${cursor}`, {
        'Wait-For-Position': reply.headers.get('position')!,
      });
      assert.equal(page.status, 200, JSON.stringify(page.body));
      found.push(...idsOf(page));
      cursor = page.body.nextCursor && `&cursor=${page.body.nextCursor}`;
    }
    assert.deepEqual(found.toSorted(), stored.toSorted());
  },
);

test('a start on a full disk ends with exit code 1 and names the file without room', fileOnly, async () => {
  for (const bytes of [1024, 16 * 1024, 64 * 1024]) {
    const { child, ended } = await launch(ownFolder(), ['start.ts'], { bytes, options: { timeout: 20_000 } });
    let messages = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (messages += String(data)));
    assert.equal(await ended, 1, messages);
    assert.match(messages, /\.(db|json)\b/, `${bytes}: ${messages}`);
    assert.doesNotMatch(messages, /^\s+at .+:\d+/m);
  }
});
