import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM, streamNameFilter } from '@eventstore/db-client';
import { commandHandler } from '../core/command-handler.ts';
import type { EventStore, Proposed } from '../core/event-store/port.ts';
import type { Projection } from '../core/projection.ts';
import { catchUp, REBUILD_BATCH } from '../core/projector.ts';
import { openSubscriber } from '../core/subscriber.ts';
import { fridgeFamily } from '../events/fridge.ts';
import { ingredients } from '../projections/ingredients.ts';
import { decider } from '../services/fridges/testing.ts';
import { eventStoreDb } from '../stores/event-log/eventstoredb.ts';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { startEventStore } from '../test/eventstoredb/start.ts';
import { liveFollowing, wholeProduct } from './eventstoredb-live.ts';
import { alternate, discard, type Figure, figure, ROUNDS, report, scratch, spread, timed } from './harness.ts';
import { Households } from './households.ts';

/**
 * The log in EventStoreDB (`EVENTSTORE_URL`, else the stand-in of the tests, which runs as another process on this
 * machine) through our adapter, against the bare client, and against the same log in SQLite.
 */
const SEED = 20260310;
const FACTS = 200_000;
const FRIDGES = 500;
const LONG = 10_000;
const APPENDS = { 1: 1000, 50: 5000 } as const;
const COMMANDS = 200;
const CHUNK = 400;
const LANES = 20;
const LOG = 'log-of-the-benchmark';
const projection = ingredients as unknown as Projection;

/** The same facts in each stream, ordered across streams as they are written fastest. */
async function record(stores: readonly EventStore[], households: Households, count: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const streams = new Map<string, Proposed[]>();
    const before = new Map<string, number>();
    for (const end = Math.min(count, done + 50_000); done < end; done++) {
      const { stream, events, expected } = households.next();
      if (!streams.has(stream)) before.set(stream, expected === 'none' ? -1 : expected);
      streams.set(stream, [...(streams.get(stream) ?? []), ...events]);
    }
    for (const store of stores) await spread([...streams], LANES, fill(store, before));
  }
}

const fill = (store: EventStore, before: ReadonlyMap<string, number>) => async (one: [string, Proposed[]]) => {
  const [stream, facts] = one;
  let revision = before.get(stream)!;
  for (let i = 0; i < facts.length; i += CHUNK) {
    const expected = revision < 0 ? 'none' : revision;
    ({ revision } = await store.append(stream, facts.slice(i, i + CHUNK), expected));
  }
};

const fresh = (count: number): { stream: string; facts: readonly Proposed[] }[] => {
  const households = new Households({ seed: SEED + 1, fridges: count });
  return Array.from({ length: count }, () => ({ stream: `bench-${randomUUID()}`, facts: households.next().events }));
};

const rates = (count: number, times: readonly number[]) => times.map(ms => count / (ms / 1000));

export async function eventStoreDbBench(): Promise<Figure[]> {
  const server = process.env.EVENTSTORE_URL === undefined ? await startEventStore({ folder: scratch() }) : undefined;
  const url = process.env.EVENTSTORE_URL ?? server!.url;
  console.log(`EventStoreDB: ${server ? 'the stand-in of the tests' : 'a real server'}`);
  const store = eventStoreDb(url);
  const bare = EventStoreDBClient.connectionString(url);
  const sqlite = sqliteEventStore(join(scratch(), 'log.db'));
  try {
    return [
      ...(await appends(store, bare)),
      ...(await reading(store, bare, sqlite)),
      ...(await longFridge(store, sqlite)),
      ...(await liveFollowing(store, url)),
      ...(await wholeProduct(url)),
    ];
  } finally {
    await store.close();
    await bare.dispose();
    await sqlite.close();
    await server?.stop();
  }
}

async function appends(store: EventStore, client: EventStoreDBClient): Promise<Figure[]> {
  const figures: Figure[] = [];
  const bare = (credentials: object) => async (one: { stream: string; facts: readonly Proposed[] }) => {
    const events = one.facts.map(({ id, event, meta }) =>
      jsonEvent({ id, type: event.type, data: event.data as never, metadata: meta as never }),
    );
    await client.appendToStream(one.stream, events, { expectedRevision: NO_STREAM, ...credentials });
  };
  // Credentials make the client send Append instead of BatchAppend; without TLS the server ignores them.
  const unary = bare({ credentials: { username: 'any', password: 'any' } });
  for (const lanes of [1, 50] as const) {
    const count = APPENDS[lanes];
    const measure = (perform: (one: ReturnType<typeof fresh>[number]) => Promise<unknown>) => () =>
      timed(() => spread(fresh(count), lanes, perform));
    const found = await alternate({
      ours: measure(({ stream, facts }) => store.append(stream, facts, 'none')),
      append: measure(unary),
      batchAppend: measure(bare({})),
    });
    const ours = rates(count, found.ours);
    const aim = { least: 0.9 };
    figures.push(
      figure(`append, ${lanes} at once / bare client, Append`, '1/s', ours, rates(count, found.append), aim),
      figure(`append, ${lanes} at once / bare client, BatchAppend`, '1/s', ours, rates(count, found.batchAppend)),
    );
  }
  return figures;
}

async function reading(store: EventStore, client: EventStoreDBClient, sqlite: EventStore): Promise<Figure[]> {
  console.log(`writing ${FACTS} facts ...`);
  await record([store, sqlite], new Households({ seed: SEED, fridges: FRIDGES }), FACTS);
  const families = [fridgeFamily.name];

  const follow = (log: EventStore) => async () => {
    let count = 0;
    const ms = await timed(async () => {
      for await (const { events } of log.follow({ after: 0, families, live: false })) count += events.length;
    });
    return check(count, ms);
  };
  const bare = async () => {
    let count = 0;
    const ms = await timed(async () => {
      const filter = streamNameFilter({ regex: `^(${fridgeFamily.name})(-|$)`, checkpointInterval: 10 });
      const subscription = client.subscribeToAll({ filter });
      subscription.once('caughtUp', () => subscription.push({ caughtUp: true }));
      for await (const item of subscription) {
        if ('caughtUp' in item) break;
        count++;
      }
    });
    return check(count, ms);
  };
  const check = (count: number, ms: number) => {
    if (count < FACTS) throw new Error(`${count} of ${FACTS} facts came`);
    return ms;
  };
  const rebuild = (log: EventStore) => async () => {
    const folder = scratch();
    const models = sqliteReadModels(join(folder, 'views.db'));
    const fed = await openSubscriber(log, models, LOG, projection, 0);
    const ms = await timed(() => catchUp(log, LOG, fed, { onError: 'stop', batch: REBUILD_BATCH }));
    await models.close();
    discard(folder);
    return ms;
  };

  const followed = await alternate({ ours: follow(store), bare });
  const rebuilt = await alternate({ ours: rebuild(store), sqlite: rebuild(sqlite) });
  return [
    figure('follow / bare client', 'facts/s', rates(FACTS, followed.ours), rates(FACTS, followed.bare), { least: 0.9 }),
    figure('rebuild / from SQLite', 'facts/s', rates(FACTS, rebuilt.ours), rates(FACTS, rebuilt.sqlite)),
  ];
}

/** A command on a fridge with a long history: the first one in a process, which folds all of it, and later ones. */
async function longFridge(store: EventStore, sqlite: EventStore): Promise<Figure[]> {
  const first: Record<string, number[]> = { ours: [], sqlite: [] };
  const later: Record<string, number[]> = { ours: [], sqlite: [] };
  const read: Record<string, number[]> = { ours: [], sqlite: [] };
  const look: Record<string, number[]> = { ours: [], sqlite: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const households = new Households({ seed: SEED + 2 + round + Date.now(), fridges: 1 });
    await record([store, sqlite], households, LONG);
    const steps = Array.from({ length: COMMANDS }, () => households.next());
    for (const [name, log] of Object.entries({ ours: store, sqlite })) {
      const fridges = commandHandler(log, fridgeFamily, decider);
      const handle = ({ fridgeId, command, meta }: (typeof steps)[number]) =>
        fridges.handle(fridgeId, command, meta, () => {});
      read[name]!.push(await timed(() => drain(log.read(steps[0]!.stream))));
      first[name]!.push(await timed(() => handle(steps[0]!)));
      later[name]!.push((await timed(() => spread(steps.slice(1), 1, handle))) / (COMMANDS - 1));
      const { revision, stream } = { revision: LONG + COMMANDS, stream: steps[0]!.stream };
      const looks = Array.from({ length: COMMANDS }, () => revision + 1);
      look[name]!.push((await timed(() => spread(looks, 1, from => drain(log.read(stream, { from }))))) / COMMANDS);
    }
  }
  const compare = (name: string, found: Record<string, number[]>) =>
    figure(`${name}, ${LONG} facts / SQLite`, 'ms', found.ours!, found.sqlite!);
  return [
    compare('a fridge read from end to end', read),
    compare('first command on a fridge', first),
    compare('each later command', later),
    compare('of that, the look for newer facts', look),
  ];
}

async function drain(facts: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of facts);
}

if (import.meta.main) {
  report(await eventStoreDbBench());
  process.exit();
}
