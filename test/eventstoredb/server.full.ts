import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ANY, EventStoreDBClient, eventTypeFilter, jsonEvent, NO_STREAM, START } from '@eventstore/db-client';
import { scratchFolder } from '../support/programs.ts';
import { startEventStore } from './start.ts';
import { events, noted, shapeOf, UNARY, withServer } from './testing.ts';

test('killed while fifty appends are in flight, it comes back with every acknowledged one in its place', () =>
  withServer({}, async (server, client) => {
    const acknowledged = new Map<string, bigint>();
    const appends = Array.from({ length: 50 }, async (_, n) => {
      const event = noted({ n });
      const { position } = await client.appendToStream(`kept-${n % 7}`, event, { expectedRevision: ANY });
      acknowledged.set(event.id, position!.commit);
    });
    const settled = Promise.allSettled(appends);
    await Promise.any(appends);
    await server.kill();
    await settled;
    assert.ok(acknowledged.size > 0);
    const before = [...acknowledged];
    await server.restart();
    const found = new Map((await events(client.readAll())).map(event => [event.id, event.position!.commit]));
    for (const [id, position] of before) assert.equal(found.get(id), position);
    const newest = await client.appendToStream('kept-0', noted());
    assert.ok(newest.position!.commit > Math.max(...[...found.values()].map(Number)));
  }));

test('after a restart the very append is known, and one that expects anything is stored again', () =>
  withServer({}, async (server, client) => {
    const [one, two] = [noted(), noted()];
    const first = await client.appendToStream('kept', [one, two], { expectedRevision: NO_STREAM });
    const known = await client.appendToStream('kept', [one, two], { expectedRevision: ANY });
    assert.equal(known.nextExpectedRevision, 1n);
    await server.restart();
    for (const options of [{}, UNARY]) {
      const again = await client.appendToStream('kept', [one, two], { expectedRevision: NO_STREAM, ...options });
      assert.deepEqual(again, first);
    }
    const stored = await client.appendToStream('kept', [one, two], { expectedRevision: ANY });
    assert.equal(stored.nextExpectedRevision, 3n);
  }));

test('every start leaves room in the log that no reader sees', () =>
  withServer({}, async (server, client) => {
    const size = async () => {
      const before = (await client.appendToStream('room', noted())).position!.commit;
      return (await client.appendToStream('room', noted())).position!.commit - before;
    };
    const step = await size();
    const last = (await client.appendToStream('room', noted())).position!.commit;
    await server.restart();
    assert.ok((await client.appendToStream('room', noted())).position!.commit - last > step);
    const kinds = new Set((await events(client.readAll())).map(({ type }) => type));
    assert.deepEqual([...kinds], ['$metadata', 'Noted']);
  }));

test('system events show in $all, and a filter takes them out', () =>
  withServer({}, async (_, client) => {
    await client.setStreamMetadata('r', { maxCount: 2 });
    await client.appendToStream('r', [noted(), noted()]);
    assert.equal((await events(client.readAll())).filter(({ type }) => type.startsWith('$')).length, 2);
    const seen: string[] = [];
    for await (const { event } of client.subscribeToAll({
      fromPosition: START,
      filter: eventTypeFilter({ regex: '^[^$]', checkpointInterval: 1 }),
    })) {
      seen.push(event!.type);
      if (seen.length === 2) break;
    }
    assert.deepEqual(seen, ['Noted', 'Noted']);
  }));

test('a hidden event is still known by its id, but has no place', () =>
  withServer({}, async (_, client) => {
    const first = noted();
    await client.appendToStream('r', first, { expectedRevision: NO_STREAM });
    await client.appendToStream('r', noted());
    await client.setStreamMetadata('r', { truncateBefore: 1 });
    assert.deepEqual(
      (await events(client.readStream('r'))).map(({ revision }) => revision),
      [1n],
    );
    for (const options of [{}, UNARY]) {
      const again = await client.appendToStream('r', first, { expectedRevision: NO_STREAM, ...options });
      assert.deepEqual(again, { success: true, nextExpectedRevision: 0n, position: undefined });
    }
  }));

test('an append that the client sends in parts is one append, and is refused as one', () =>
  withServer({}, async (_, client) => {
    const parts = { batchAppendSize: 300 };
    const many = Array.from({ length: 40 }, (_, n) => noted({ n, text: 'x'.repeat(100) }));
    const answer = await client.appendToStream('parts', many, { expectedRevision: NO_STREAM, ...parts });
    assert.equal(answer.nextExpectedRevision, 39n);
    const large = Array.from({ length: 12 }, () => noted({ text: 'x'.repeat(100_000) }));
    await assert.rejects(client.appendToStream('parts', large, { batchAppendSize: 250_000 }), error => {
      assert.deepEqual(shapeOf(error), { type: 'maximum-append-size-exceeded' });
      return true;
    });
    assert.equal((await events(client.readStream('parts'))).length, 40);
  }));

test('an append that comes after its deadline is not carried out', () =>
  withServer({}, async (server, client) => {
    await client.appendToStream('late', noted());
    await server.fault({ on: 'server', do: 'hang' });
    const late = client.appendToStream('late', noted(), { deadline: 1 });
    const refused = assert.rejects(late, error => shapeOf(error).type === 'deadline-exceeded');
    for (const sent = Date.now(); Date.now() < sent + 3; ) await setImmediate();
    await server.clear();
    await refused;
    assert.equal((await events(client.readStream('late'))).length, 1);
  }));

test('it serves what our adapter calls, and refuses the rest by name', () =>
  withServer({}, async (_, client) => {
    const refused = async (call: Promise<unknown>, name: RegExp) =>
      assert.rejects(call, (error: Error) => shapeOf(error).code === 12 && name.test(error.message));
    await refused(client.deleteStream('a'), /method delete$/);
    await refused(client.tombstoneStream('a'), /method tombstone$/);
    await refused(client.disableProjection('a'), /Projections\/Disable$/);
    const one = client.subscribeToStream('a');
    await refused(events(one), /a subscription to one stream/);
  }));

test('a client may also discover it', () =>
  withServer({}, async server => {
    const client = EventStoreDBClient.connectionString(server.url.replace('esdb:', 'esdb+discover:'));
    const event = jsonEvent({ type: 'Noted', data: {}, id: randomUUID() });
    assert.equal((await client.appendToStream('found', event)).nextExpectedRevision, 0n);
    await client.dispose();
  }));

test('it ends with SIGTERM, and one file has one program', async () => {
  const folder = scratchFolder();
  const server = await startEventStore({ folder });
  const program = join(import.meta.dirname, 'server.ts');
  const second = spawnSync(process.execPath, [program, '--db', join(folder, 'eventstore.db'), '--port', '0']);
  assert.equal(second.status, 1);
  assert.match(String(second.stderr), /database is locked/);
  assert.equal(await server.stop(), 0);
  rmSync(folder, { recursive: true });
});
