import { randomUUID } from 'node:crypto';
import { many } from '../core/event-store/contract/tools.ts';
import type { EventStore } from '../core/event-store/port.ts';
import { openElsewhere } from '../stores/event-log/testing/elsewhere.ts';
import { newcomer } from '../test/support/client.ts';
import { startZipBob } from '../test/support/zipbob.ts';
import { alternate, type Figure, figure, scratch, spread, timed } from './harness.ts';

const LIVE = 3000;
const BUSY_MS = 2;
const COMMANDS = 1000;
const HOUSEHOLDS = 10;
const AT_ONCE = 50;
const UNLIMITED = { ZIPBOB_COMMANDS_PER_HOUR: '1000000' };

/** Live facts of another process: a consumer that blocks the event loop, as one on SQLite does, against one that awaits. */
export async function liveFollowing(store: EventStore, url: string): Promise<Figure[]> {
  const writer = openElsewhere(url);
  const batches: number[] = [];
  const follow = (busy: () => unknown) => async () => {
    const family = `live${randomUUID().replaceAll(/[^a-z]/g, '')}`;
    await store.append(`${family}-start`, many(1), 'none');
    const facts = many(LIVE);
    let seen = -1;
    let count = 0;
    let written: Promise<void> | undefined;
    const ms = await timed(async () => {
      for await (const { events } of store.follow({ after: 0, families: [family], live: true })) {
        written ??= writer.scatter(`${family}-x`, facts);
        count++;
        seen += events.length;
        if (seen === LIVE) break;
        await busy();
      }
    });
    await written;
    batches.push(count);
    return ms;
  };
  const blocks = follow(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS));
  const waits = follow(() => new Promise(resolve => setTimeout(resolve, BUSY_MS)));
  try {
    const found = await alternate({ ours: blocks, waits });
    console.log(`live: ${batches.join(', ')} batches for ${LIVE} facts, blocking and awaiting by turns`);
    const rate = (times: readonly number[]) => times.map(ms => LIVE / (ms / 1000));
    const name = `live, a consumer that blocks ${BUSY_MS} ms / awaits ${BUSY_MS} ms`;
    return [figure(name, 'facts/s', rate(found.ours!), rate(found.waits!), { least: 0.8 })];
  } finally {
    await writer.leave();
  }
}

/** Commands of some households over HTTP, with the log in EventStoreDB and in SQLite. */
export async function wholeProduct(url: string): Promise<Figure[]> {
  const servers = {
    ours: await startZipBob(scratch(), { ...UNLIMITED, EVENTSTORE_URL: url }),
    sqlite: await startZipBob(scratch(), UNLIMITED),
  };
  try {
    const measure = async (server: { url: string }) => {
      const households: Awaited<ReturnType<typeof newcomer>>[] = [];
      while (households.length < HOUSEHOLDS) households.push(await newcomer(server.url));
      const steps = Array.from({ length: COMMANDS }, (_, i) => households[i % HOUSEHOLDS]!);
      return () =>
        timed(() =>
          spread(steps, AT_ONCE, async ({ client, fridgeId }) => {
            const { status } = await client.post(`/fridges/${fridgeId}/ingredients`, { name: 'milk' });
            if (status !== 201) throw new Error(`a command was answered ${status}`);
          }),
        );
    };
    const found = await alternate({ ours: await measure(servers.ours), sqlite: await measure(servers.sqlite) });
    const rate = (times: readonly number[]) => times.map(ms => COMMANDS / (ms / 1000));
    return [figure(`commands over HTTP, ${AT_ONCE} at once / SQLite`, '1/s', rate(found.ours!), rate(found.sqlite!))];
  } finally {
    await servers.ours.stop();
    await servers.sqlite.stop();
  }
}
