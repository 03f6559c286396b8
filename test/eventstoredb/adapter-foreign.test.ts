import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binaryEvent, jsonEvent } from '@eventstore/db-client';
import { Unreadable } from '../../core/errors.ts';
import { all, delivered, ids, many, proposed } from '../../core/event-store/contract/tools.ts';
import { withClient, withStore } from './adapter-testing.ts';

// Events in the log that are not our facts.

test('on an empty server a follower has caught up at once', () =>
  withStore(async (_, store) => {
    const batches = await all(store.follow({ after: 0, families: ['fridge'], live: false }));
    assert.deepEqual(batches, [{ events: [], upTo: 0, caughtUp: true }]);
    const fact = proposed();
    await store.append('fridge-1', [fact], 'none');
    const again = await all(store.follow({ after: batches[0]!.upTo, families: ['fridge'], live: false }));
    assert.deepEqual(ids(delivered(again)), [fact.id]);
    // A family without a fact, in a log with facts of others.
    const other = await all(store.follow({ after: 0, families: ['member'], live: false }));
    assert.deepEqual(other, [{ events: [], upTo: 0, caughtUp: true }]);
  }));

test("the server's own events in a stream are skipped", () =>
  withStore(async (server, store) => {
    const [before, after] = [many(2), many(1)];
    await store.append('fridge-1', before, 'none');
    await withClient(server.url, async client => {
      await client.appendToStream('fridge-1', jsonEvent({ type: '$streamDeleted', data: {} }));
    });
    const { newest } = await store.head();
    assert.equal(newest?.id, before[1]!.id);
    await store.append('fridge-1', after, 2);
    const facts = ids([...before, ...after]);
    assert.deepEqual(ids(await all(store.read('fridge-1'))), facts);
    assert.deepEqual(ids(delivered(await all(store.follow({ after: 0, families: ['fridge'], live: false })))), facts);
  }));

test('events of another program in our streams are named, not retried', () =>
  withStore(async (server, store) => {
    const facts = many(2);
    await store.append('fridge-1', facts, 'none');
    await withClient(server.url, async client => {
      await client.appendToStream('fridge-1', binaryEvent({ type: 'Scanned', data: Buffer.of(0, 1) }));
    });
    const named = (error: unknown) =>
      error instanceof Unreadable && /fridge-1 .* revision 2 .*Scanned/.test(error.message);
    await assert.rejects(all(store.read('fridge-1')), named);
    assert.equal((await store.head()).newest, undefined);
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const batch of store.follow({ after: 0, families: ['fridge'], live: true }))
        seen.push(...ids(batch.events));
    }, named);
    assert.deepEqual(seen, ids(facts));
  }));
