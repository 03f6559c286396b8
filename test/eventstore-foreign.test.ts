import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { binaryEvent } from '@eventstore/db-client';
import { withClient } from './eventstoredb/adapter-testing.ts';
import { startEventStore } from './eventstoredb/start.ts';
import { ownFolder, ownServer, refusedStart } from './support/data-folders.ts';

test('an event of another program stops the views, is reported with its place, and keeps a start from being ready', async () => {
  const folder = ownFolder();
  const log = await startEventStore({ folder: ownFolder() });
  after(() => log.stop());
  const at = { EVENTSTORE_URL: log.url };
  const server = await ownServer(folder, at);
  const lines: string[] = [];
  const reader = createInterface({ input: server.process.stderr! }).on('line', line => lines.push(line));
  const stream = `fridge-${randomUUID()}`;
  await withClient(log.url, async client => {
    await client.appendToStream(stream, binaryEvent({ type: 'Scanned', data: Buffer.of(0, 1, 2) }));
  });
  const isReport = (line: string) => /the projector was stopped/.test(line);
  while (!lines.some(isReport)) await once(reader, 'line', { signal: AbortSignal.timeout(10_000) });
  const [report] = lines.filter(isReport);
  assert.match(report!, new RegExp(`${stream} holds an event at revision 0 that is not a fact of ZipBob`));

  const ready = await fetch(`${server.url}/readyz`);
  assert.equal(ready.status, 503);
  const { checks } = (await ready.json()) as { checks: Record<string, string> };
  assert.deepEqual(checks, { log: 'ok', keys: 'ok', sessions: 'ok', views: 'stopped', work: 'ok' });
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
  assert.equal(lines.filter(isReport).length, 1);
  assert.equal(await server.stop(), 0);

  assert.match(await refusedStart(folder, at), new RegExp(`^${stream} holds an event at revision 0`, 'm'));
});
