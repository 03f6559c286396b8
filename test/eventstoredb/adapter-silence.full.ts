import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { delivered, follow, ids, many, proposed, within } from '../../core/event-store/contract/tools.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { GIVES_UP_MS, holds, saw, withStore } from './adapter-testing.ts';
import { startProxy, type TcpProxy } from './proxy.ts';
import { type EventStoreServer, type StartOptions, startEventStore } from './start.ts';

/** Time for a follower to probe the server, get no answer, and subscribe again. */
const NOTICES_MS = 15_000;

const modes: Readonly<Record<string, StartOptions>> = {
  'with TLS': { tls: 'right', user: 'admin', password: 'changeit' },
  'without TLS': {},
};

interface Way {
  readonly server: EventStoreServer;
  readonly proxy: TcpProxy;
  /** the server through the proxy */
  readonly url: string;
}

/** Disables the client's own keepalive, which would notice too. */
async function withProxy(options: StartOptions, work: (way: Way) => Promise<void>): Promise<void> {
  await using server = await startEventStore(options);
  await using proxy = await startProxy(server.port);
  const url = `${server.url.replace(`:${server.port}`, `:${proxy.port}`)}&keepAliveInterval=600000`;
  await work({ server, proxy, url });
}

async function withStores(urls: readonly string[], work: (...stores: EventStore[]) => Promise<void>): Promise<void> {
  const stores = urls.map(url => eventStoreDb(url));
  try {
    await work(...stores);
  } finally {
    await Promise.all(stores.map(store => store.close()));
  }
}

test('a silent subscription is replaced, although all other calls are answered', () =>
  withStore(async (server, store) => {
    const [before, facts] = [many(10), many(10)];
    await store.append('fridge-1', before, 'none');
    await server.fault({ on: 'subscription', do: 'hang', after: 15 });
    using follower = follow(store, { families: ['fridge'] });
    await saw(follower, before.at(-1)!);
    await store.append('fridge-1', facts, 9);
    await saw(follower, facts[4]!);
    await saw(follower, facts[9]!, NOTICES_MS);
    assert.deepEqual(ids(delivered(follower.batches)), ids([...before, ...facts]));
  }));

test('an idle subscription is kept, however much other families write', () =>
  withStore(async (server, store) => {
    const fact = proposed();
    await store.append('fridge-1', [fact], 'none');
    using follower = follow(store, { families: ['fridge'] });
    await saw(follower, fact);
    await store.append('member-1', many(10), 'none');
    await server.until('reads', 2); // it has probed the server twice
    const last = proposed();
    await store.append('fridge-1', [last], 0);
    await saw(follower, last);
    // A new subscription would be counted before this one.
    const another = server.until('subscriptions', 2).then(() => 'another');
    assert.equal(await Promise.race([another, server.until('subscriptions', 1).then(() => 'one')]), 'one');
  }));

for (const [mode, options] of Object.entries(modes)) {
  describe(`${mode}, a connection that falls silent while new ones would be answered`, () => {
    for (const own of ['', '&keepAliveTimeout=20000']) {
      test(`is replaced by callers${own && ', whatever keepalive timeout the operator set'}`, () =>
        withProxy(options, async ({ proxy, url }) => {
          await withStores([`${url}${own}`], async store => {
            const facts = many(3);
            for (const [i, fact] of facts.entries()) {
              const append = store.append('fridge-1', [fact], i === 0 ? 'none' : i - 1);
              await within(GIVES_UP_MS, 'it is answered', append);
              proxy.mute();
            }
            await holds(store, 'fridge-1', facts);
          });
        }));
    }

    test('is replaced by a caught-up follower, which probes it', () =>
      withProxy(options, async ({ server, proxy, url }) => {
        await withStores([url, server.url], async (store, writer) => {
          const facts = many(2);
          await writer!.append('fridge-1', facts.slice(0, 1), 'none');
          using follower = follow(store!);
          await saw(follower, facts[0]!);
          proxy.mute();
          await writer!.append('fridge-1', facts.slice(1), 0);
          await saw(follower, facts[1]!, NOTICES_MS);
          assert.deepEqual(ids(delivered(follower.batches)), ids(facts));
        });
      }));
  });
}
