import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, newcomer, type Reply } from './support/client.ts';
import { ownFolder, ownServer } from './support/data-folders.ts';

interface Sent {
  name: string;
  key: string;
  /** absent if no answer came */
  reply?: Reply;
}

/** Several clients store one thing after the other until the server dies, or until `enough` were acknowledged. */
async function storeUntilGone(client: Client, path: string, enough: number, end: () => unknown): Promise<Sent[]> {
  const sent: Sent[] = [];
  let acknowledged = 0;
  let over = false;
  const one = async (who: number) => {
    for (let n = 0; !over; n++) {
      const entry: Sent = { name: `thing ${who}-${n}`, key: randomUUID() };
      sent.push(entry);
      try {
        entry.reply = await client.post(path, { name: entry.name, note: 'n' }, { 'Idempotency-Key': entry.key });
      } catch {
        return; // the connection broke
      }
      if (entry.reply.status === 201 && ++acknowledged === enough) end();
      over ||= entry.reply.status !== 201 || acknowledged >= 3 * enough;
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, who) => one(who)));
  return sent;
}

async function everything(client: Client, path: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { body }: Reply = await client.get(`${path}?limit=100${cursor && `&cursor=${cursor}`}`);
    for (const { name, ingredientId } of body.items) found.set(name, [...(found.get(name) ?? []), ingredientId]);
    cursor = body.nextCursor;
  }
  return found;
}

for (const [how, signal] of [
  ['kill -9', 'SIGKILL'],
  ['SIGTERM', 'SIGTERM'],
] as const) {
  test(`after ${how} in the middle of storing, everything acknowledged is there, once, and the rest can be repeated`, async () => {
    const folder = ownFolder();
    const server = await ownServer(folder);
    const { client, fridgeId } = await newcomer(server.url);
    const path = `/fridges/${fridgeId}/ingredients`;
    const gone = new Promise(resolve => server.process.once('exit', resolve));
    const sent = await storeUntilGone(client, path, 60, () => server.process.kill(signal));
    assert.equal(await gone, signal === 'SIGTERM' ? 0 : null);
    const acknowledged = sent.filter(({ reply }) => reply?.status === 201);
    assert.ok(acknowledged.length >= 60);
    for (const { reply } of sent)
      assert.ok(reply === undefined || [201, 503].includes(reply.status), `${reply?.status}`);

    const again = await ownServer(folder);
    const visitor = new Client(again.url);
    visitor.token = client.token;
    const names = new Set(sent.map(({ name }) => name));
    const found = await everything(visitor, path);
    for (const { name, reply } of acknowledged) assert.deepEqual(found.get(name), [reply!.body.items[0].ingredientId]);
    for (const name of found.keys()) assert.ok(names.has(name));

    for (const { name, key } of sent) {
      const reply = await visitor.post(path, { name, note: 'n' }, { 'Idempotency-Key': key });
      assert.equal(reply.status, 201);
    }
    const { headers } = await visitor.post(path, { name: 'the last' });
    await visitor.get(path, { 'Wait-For-Position': headers.get('position')! });
    const all = await everything(visitor, path);
    assert.deepEqual([...all.keys()].sort(), [...names, 'the last'].sort());
    for (const ids of all.values()) assert.equal(ids.length, 1);
    assert.equal(await again.stop(), 0);
  });
}
