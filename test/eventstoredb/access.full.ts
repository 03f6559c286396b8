import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStoreDBClient } from '@eventstore/db-client';
import { startEventStore } from './start.ts';
import { events, noted, shapeOf, UNARY, withServer } from './testing.ts';

// Golden 13: how a client is refused that may not come in.

const SECURE = { tls: 'right', user: 'admin', password: 'ch@nge:it%' } as const;

const as = (url: string, who: string): EventStoreDBClient =>
  EventStoreDBClient.connectionString(url.replace(/\/\/[^@]*@/, `//${who}`));

const isRefused = async (call: Promise<unknown>, type: string, code?: number) =>
  assert.rejects(call, error => {
    assert.deepEqual(shapeOf(error), code === undefined ? { type } : { type, code });
    return true;
  });

test('over TLS, with the right password', () =>
  withServer(SECURE, async (_, client) => {
    await client.appendToStream('a', noted());
    assert.equal((await events(client.readStream('a'))).length, 1);
  }));

test('a wrong password is code 16, whatever is called', () =>
  withServer(SECURE, async server => {
    const client = as(server.url, 'admin:wrong@');
    await isRefused(client.appendToStream('a', noted()), 'access-denied', 16);
    await isRefused(events(client.readStream('a')), 'access-denied', 16);
    await isRefused(events(client.subscribeToAll()), 'access-denied', 16);
    await isRefused(client.appendToStream('a', noted(), UNARY), 'access-denied', 16);
    await client.dispose();
  }));

test('no password is code 7 in reads, and no code in BatchAppend', () =>
  withServer(SECURE, async server => {
    const client = as(server.url, '');
    await isRefused(client.appendToStream('a', noted()), 'access-denied');
    await isRefused(events(client.readStream('a')), 'access-denied', 7);
    await isRefused(events(client.subscribeToAll()), 'access-denied', 7);
    await client.dispose();
  }));

test('a certificate for another name: only the message tells', () =>
  withServer({ ...SECURE, tls: 'wrong-name' }, async (_, client) => {
    await assert.rejects(client.appendToStream('a', noted()), (error: Error) => {
      assert.deepEqual(shapeOf(error), { code: 14 });
      assert.match(error.message, /does not match certificate's altnames/);
      return true;
    });
  }));

test('a certificate that nobody vouches for, and plain text to a TLS port', async () => {
  await using server = await startEventStore(SECURE);
  for (const [url, message] of [
    [server.url.replace(/&tlsCAFile=.*/, ''), /self-signed certificate/],
    [`esdb://localhost:${server.port}?tls=false`, /14 UNAVAILABLE/],
  ] as const) {
    const client = EventStoreDBClient.connectionString(url);
    await assert.rejects(client.appendToStream('a', noted()), (error: Error) => {
      assert.equal(shapeOf(error).code, 14);
      assert.match(error.message, message);
      return true;
    });
    await client.dispose();
  }
});
