import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type AppendResult, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import fc from 'fast-check';
import { type EventStoreServer, startEventStore } from './start.ts';
import { events, shapeOf, UNARY } from './testing.ts';

// Random appends in groups, each group sent at once through several clients and both RPCs. What was answered must be
// what one order of the group gives under golden 1-3 and 7, which the model below says in its own way.

type Expected = 'no_stream' | 'any' | 'stream_exists' | bigint;

interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly ids: readonly string[];
}

type Answer = { readonly revision: number; readonly position: bigint } | { readonly refusedAt: number };

/** Streams as lists of ids, with what the server remembers for appends without a revision. */
class Model {
  readonly streams = new Map<string, readonly string[]>();
  readonly memory = new Map<string, { stream: string; revision: number }>();
  readonly places = new Map<string, bigint>();

  copy(): Model {
    const copy = new Model();
    for (const [stream, ids] of this.streams) copy.streams.set(stream, ids);
    for (const [id, place] of this.memory) copy.memory.set(id, place);
    for (const [where, position] of this.places) copy.places.set(where, position);
    return copy;
  }

  current(stream: string): number {
    return (this.streams.get(stream)?.length ?? 0) - 1;
  }

  /** Whether the append could have been answered so, now; if so, it has happened. */
  accepts({ stream, expected, ids }: Append, answer: Answer): boolean {
    const present = this.streams.get(stream) ?? [];
    const known = this.#known(present, stream, expected, ids);
    if (known === 'refused' || known === 'new') {
      if ('refusedAt' in answer) return known === 'refused' && answer.refusedAt === present.length - 1;
      if (known === 'refused' || answer.revision !== present.length + ids.length - 1) return false;
      this.streams.set(stream, [...present, ...ids]);
      this.places.set(`${stream} ${answer.revision}`, answer.position);
      for (const [n, id] of ids.entries()) {
        if (!this.memory.has(id)) this.memory.set(id, { stream, revision: present.length + n });
      }
      return true;
    }
    if ('refusedAt' in answer || answer.revision !== known) return false;
    const place = this.places.get(`${stream} ${known}`);
    return place === undefined || place === answer.position;
  }

  #known(present: readonly string[], stream: string, expected: Expected, ids: readonly string[]) {
    if (typeof expected === 'bigint' || expected === 'no_stream') {
      const from = expected === 'no_stream' ? 0 : Number(expected) + 1;
      if (from === present.length) return 'new';
      const same = ids.every((id, n) => present[from + n] === id);
      return from < present.length && same ? from + ids.length - 1 : 'refused';
    }
    if (expected === 'stream_exists' && present.length === 0) return 'refused';
    const revisions = ids.map(id => {
      const place = this.memory.get(id);
      return place?.stream === stream ? place.revision : undefined;
    });
    if (revisions[0] === undefined) return 'new';
    return revisions.includes(undefined) ? 'refused' : revisions.at(-1)!;
  }
}

/** In some order, each answer follows from the ones before. @returns the model after it */
function explained(model: Model, group: readonly (readonly [Append, Answer])[]): Model | undefined {
  if (group.length === 0) return model;
  for (const [n, [append, answer]] of group.entries()) {
    const next = model.copy();
    if (!next.accepts(append, answer)) continue;
    const rest = explained(next, group.toSpliced(n, 1));
    if (rest) return rest;
  }
  return undefined;
}

const expectations = fc.oneof(
  fc.constantFrom('no_stream', 'any', 'stream_exists', 'current', 'current', 'current'),
  fc.integer({ min: 0, max: 6 }),
);

/** New ids, or some of those of an earlier append, perhaps with a new one behind. */
const ids = fc.oneof(
  fc.record({ fresh: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ again: fc.nat(20), from: fc.nat(1), count: fc.integer({ min: 1, max: 3 }), fresh: fc.nat(1) }),
);

const plan = fc.record({ stream: fc.nat(1), expected: expectations, ids, repeat: fc.boolean(), how: fc.nat(2) });
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** Groups of appends that are sent at once. */
const plans = fc.array(fc.array(plan, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });

/** What a plan means once it is known what was sent before, and what became of it. */
function planned({ stream: number, expected, ids, repeat }: Plan, run: string, sent: readonly Append[], model: Model) {
  const stream = `${run}-${number}`;
  const fresh = Array.from({ length: ids.fresh }, () => randomUUID());
  const earlier = 'again' in ids && sent.length > 0 ? sent[ids.again % sent.length] : undefined;
  const again = earlier && 'again' in ids ? earlier.ids.slice(ids.from, ids.from + ids.count) : [];
  if (earlier && repeat) return { ...earlier, ids: again.length > 0 ? again : earlier.ids };
  // A new one behind the first known one, so that it may stand at the end or in the middle.
  const mixed = again.toSpliced(1, 0, ...fresh);
  const current = model.current(stream);
  const revision = expected === 'current' ? (current < 0 ? 'no_stream' : current) : expected;
  return {
    stream,
    expected: typeof revision === 'number' ? BigInt(revision) : (revision as Expected),
    ids: mixed.length > 0 ? mixed : [randomUUID()],
  };
}

let server: EventStoreServer;
let clients: EventStoreDBClient[];
before(async () => {
  server = await startEventStore();
  clients = [0, 1].map(() => EventStoreDBClient.connectionString(server.url));
});
after(async () => {
  for (const client of clients) await client.dispose();
  await server.stop();
});

async function send({ stream, expected, ids }: Append, how: number): Promise<Answer> {
  const proposed = ids.map(id => jsonEvent({ id, type: 'Noted', data: {} }));
  const options = { expectedRevision: expected, ...(how === 2 && UNARY) };
  try {
    const result: AppendResult = await clients[how % 2]!.appendToStream(stream, proposed, options);
    return { revision: Number(result.nextExpectedRevision), position: result.position!.commit };
  } catch (error) {
    assert.deepEqual(shapeOf(error), { type: 'wrong-expected-version' });
    const { actualVersion } = error as { actualVersion: bigint | 'no_stream' };
    return { refusedAt: actualVersion === 'no_stream' ? -1 : Number(actualVersion) };
  }
}

test('whatever is appended at once, some order explains every answer, and the log holds what was answered', async () => {
  const property = fc.asyncProperty(plans, async groups => {
    const run = randomUUID().slice(0, 8);
    const sent: Append[] = [];
    let model = new Model();
    for (const group of groups) {
      const appends: Append[] = group.map(one => planned(one, run, sent, model));
      sent.push(...appends);
      const answers = await Promise.all(appends.map((append, n) => send(append, group[n]!.how)));
      const next = explained(
        model,
        appends.map((append, n) => [append, answers[n]!] as const),
      );
      assert.ok(next, `no order explains ${shown({ appends, answers, streams: [...model.streams] })}`);
      model = next;
    }
    for (const [stream, present] of model.streams) {
      const found = await events(clients[0]!.readStream(stream));
      assert.deepEqual(
        found.map(({ id }) => id),
        present,
      );
      assert.deepEqual(
        found.map(({ revision }) => Number(revision)),
        [...present.keys()],
      );
      for (const { revision, position } of found) {
        const answered = model.places.get(`${stream} ${revision}`);
        if (answered !== undefined) assert.equal(position!.commit, answered);
      }
    }
  });
  await fc.assert(property, { numRuns: 80, seed: 20260101 });
});

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part));

test('and $all holds it all in the order of positions, both ways', async () => {
  const forwards = await events(clients[0]!.readAll());
  const positions = forwards.map(({ position }) => position!.commit);
  assert.deepEqual(
    positions,
    [...new Set(positions)].sort((a, b) => Number(a - b)),
  );
  const backwards = await events(clients[0]!.readAll({ direction: 'backwards', fromPosition: 'end' }));
  assert.deepEqual(
    backwards.map(({ id }) => id),
    forwards.map(({ id }) => id).reverse(),
  );
});
