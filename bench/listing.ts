import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { EventStore } from '../core/event-store/port.ts';
import { schemaOf } from '../core/fact.ts';
import { type FridgeEvent, fridgeFamily } from '../events/fridge.ts';
import { consumed, stored } from '../events/testing.ts';
import { openEventStore } from '../stores/open.ts';
import { type Client, newcomer } from '../test/support/client.ts';
import { startZipBob } from '../test/support/zipbob.ts';
import { type Figure, figure, quantile, quiet, ROUNDS, report, scratch, timed } from './harness.ts';

/**
 * A page of a fridge with 4,000 ingredients present and 100,000 used up, against the same page of a fridge with 100, over
 * real HTTP, from one server.
 */
const PRESENT = 4000;
const GONE = 100_000;
const FEW = 100;
/** either fridge has this many of them in its freezer */
const FROZEN = 10;
const IN_AN_APPEND = 500;
const PAGES_A_ROUND = 40;
const WARM_UP = 20;
const MOST_MS = 180_000;
const PAGES = {
  'first due': 'limit=100',
  'by name': 'limit=100&sort=name',
  'last first': 'limit=100&sort=-addedAt',
  'one place': 'limit=100&place=freezer',
  'one status, by name': 'limit=10&status=fresh&sort=name',
} as const;

interface Household {
  readonly client: Client;
  readonly fridgeId: string;
  readonly memberId: string;
}

/** Appends facts as the rules write them, with the largest allowed batches. */
async function append(store: EventStore, { fridgeId, memberId }: Household, facts: readonly FridgeEvent[]) {
  const stream = fridgeFamily.streamOf(fridgeId);
  let revision = -1;
  for await (const fact of store.read(stream)) revision = fact.revision;
  for (let start = 0; start < facts.length; start += IN_AN_APPEND) {
    const commandId = randomUUID();
    const events = facts.slice(start, start + IN_AN_APPEND).map(event => ({
      id: randomUUID(),
      event,
      meta: {
        commandId,
        correlationId: commandId,
        causationId: commandId,
        actor: memberId,
        at: new Date().toISOString(),
        schema: schemaOf(fridgeFamily, event),
      },
    }));
    ({ revision } = await store.append(stream, events, revision));
  }
}

const day = (n: number) => new Date(Date.now() + (30 + (n % 300)) * 86_400_000).toISOString().slice(0, 10);
const things = (count: number, what: string) =>
  Array.from({ length: count }, (_, n) =>
    stored(`${what}-${randomUUID()}`, {
      name: `재료 ${(n * 7919) % count}`,
      dueDate: day(n),
      dueType: 'best_before',
      place: n % (count / FROZEN) === 0 ? 'freezer' : 'fridge',
    }),
  );

async function fill(folder: string, large: Household, small: Household): Promise<void> {
  const store = await openEventStore({ folder });
  for (let done = 0; done < GONE; done += 10_000) {
    const gone = things(10_000, 'gone');
    const ids = gone.flatMap(({ data }) => ('ingredientId' in data ? [data.ingredientId] : []));
    await append(store, large, [...gone, ...ids.map(id => consumed(id, 1_000_000, 0))]);
  }
  await append(store, large, things(PRESENT, 'there'));
  await append(store, small, things(FEW, 'there'));
  await store.close();
}

async function read({ client, fridgeId }: Household, query: string) {
  const { status, body } = await client.get(`/fridges/${fridgeId}/ingredients?${query}`);
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Resolves once the views have applied all appended facts. */
async function shown(household: Household, wanted: number): Promise<void> {
  const deadline = performance.now() + MOST_MS;
  for (;;) {
    const { status, body } = await household.client.get(`/fridges/${household.fridgeId}/ingredients?limit=1`);
    if (status === 200 && body.total === wanted) return;
    if (performance.now() > deadline) throw new Error(`${status}, ${body.total} instead of ${wanted} are shown`);
    await setTimeout(200);
  }
}

export async function listing(): Promise<Figure[]> {
  const folder = scratch();
  const first = await startZipBob(folder);
  const large = await newcomer(first.url);
  const small = await newcomer(first.url);
  await first.stop();
  await fill(folder, large, small);
  const server = await startZipBob(folder);
  try {
    for (const { client } of [large, small]) client.url = server.url;
    await shown(large, PRESENT);
    await shown(small, FEW);
    let cursor = '';
    for (let page = 0; page < PRESENT / 100 - 1; page++) {
      cursor = `&cursor=${(await read(large, `limit=100${cursor}`)).nextCursor}`;
    }
    const figures: Figure[] = [];
    const compare = async (name: string, query: string, baseline: string, aim?: { most: number }) => {
      const counts = [(await read(large, query)).items.length, (await read(small, baseline)).items.length];
      if (aim && counts[0] !== counts[1]) throw new Error(`${name}: ${counts.join(' and ')} rows`);
      for (let i = 0; i < WARM_UP; i++) await Promise.all([read(large, query), read(small, baseline)]);
      const rounds: { ours: number[]; theirs: number[] }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const ours: number[] = [];
        const theirs: number[] = [];
        await quiet();
        for (let i = 0; i < PAGES_A_ROUND; i++) {
          ours.push(await timed(() => read(large, query)));
          theirs.push(await timed(() => read(small, baseline)));
        }
        rounds.push({ ours, theirs });
      }
      const medians = (which: 'ours' | 'theirs') => rounds.map(round => quantile(round[which], 0.5));
      figures.push(figure(`page, ${name}, ${PRESENT} present / ${FEW}`, 'ms', medians('ours'), medians('theirs'), aim));
    };
    for (const [name, query] of Object.entries(PAGES)) await compare(name, query, query, { most: 1.5 });
    await compare('the last one', `limit=100${cursor}`, 'limit=100', { most: 1.5 });
    await compare('a word that nothing has', 'limit=100&search=zzzz', 'limit=100&search=zzzz');
    return figures;
  } finally {
    await server.stop();
  }
}

if (import.meta.main) report(await listing());
