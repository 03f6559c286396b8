import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Unavailable } from '../../errors.ts';
import type { EventStore, Proposed } from '../port.ts';
import { all, type Cases, delivered, follow, history, ids, many, proposed, unique, within } from './tools.ts';

/** Five full batches, and some that are not. */
const FEW = 10;
/** An abort must be obeyed within this time. */
const ABORT_MS = 1000;

/** What the projector needs for a small batch on SQLite. */
const BLOCKED_MS = 2;

/** Followers that stay for what is yet to come. */
export const living: Cases = {
  async 'history goes over into live without loss or repeat'({ store }) {
    const plan = fc.record({
      batch: fc.integer({ min: 1, max: 6 }),
      history: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    });
    const run = fc.asyncProperty(plan, plan => carryOut(store, plan));
    await fc.assert(run, { seed: 20, numRuns: 20, endOnFailure: true });
  },

  async 'a slow consumer sees everything in order, in few batches, and has not caught up meanwhile'({ store }) {
    const family = unique('fridge');
    const [before, current, missed, last] = [proposed(), proposed(), many(500), proposed()];
    const holding = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await store.append(`${family}-1`, [before], 'none');
    using follower = follow(store, { families: [family], batch: 100 }, batch => {
      if (!batch.events.some(({ id }) => id === current.id)) return undefined;
      holding.resolve();
      return release.promise;
    });
    await follower.saw(before);
    await store.append(`${family}-1`, [current], 0);
    await follower.saw(current);
    await holding.promise;
    using other = follow(store, { families: [family] });
    // At once: whoever catches up between two appends may say so, late as it is.
    await store.append(`${family}-while`, missed, 'none');
    await other.saw(missed.at(-1)!); // it has arrived, not only been acknowledged
    release.resolve();
    await store.append(`${family}-1`, [last], 1);
    await follower.saw(last);
    assert.deepEqual(ids(delivered(follower.batches)), ids([before, current, ...missed, last]));
    const newest = missed.at(-1)!.id;
    const first = follower.batches.findIndex(({ events }) => events.some(({ id }) => id === missed[0]!.id));
    const end = follower.batches.findIndex(({ events }) => events.some(({ id }) => id === newest));
    assert.ok(end - first < FEW, `${end - first + 1} batches`);
    assert.ok(follower.batches.slice(first, end).every(({ caughtUp }) => !caughtUp));
  },

  async 'each follower sees everything'({ store }) {
    const family = unique('fridge');
    const [before, facts, last] = [proposed(), many(3), proposed()];
    await store.append(`${family}-1`, [before], 'none');
    using one = follow(store, { families: [family] });
    using two = follow(store, { families: [family] });
    await Promise.all([one.saw(before), two.saw(before)]);
    for (const [i, fact] of facts.entries()) await store.append(`${family}-1`, [fact], i);
    await store.append(`${family}-1`, [last], 3);
    await Promise.all([one.saw(last), two.saw(last)]);
    for (const { batches } of [one, two]) assert.deepEqual(ids(delivered(batches)), ids([before, ...facts, last]));
  },

  async 'an abort ends a follower that waits'({ store }) {
    const family = unique('fridge');
    const fact = proposed();
    await store.append(`${family}-1`, [fact], 'none');
    using follower = follow(store, { families: [family] });
    await follower.saw(fact);
    follower.abort();
    await within(ABORT_MS, 'following ends', follower.ended);
  },

  async 'an abort ends a follower whose consumer holds a batch'({ store }) {
    const family = unique('fridge');
    const release = Promise.withResolvers<void>();
    const facts = many(3);
    await store.append(`${family}-1`, facts, 'none');
    using follower = follow(store, { families: [family], batch: 1 }, () => release.promise);
    await follower.saw(facts[0]!);
    follower.abort();
    release.resolve();
    await within(ABORT_MS, 'following ends', follower.ended);
  },
};

/** Cases that need a writer which a blocked consumer does not hold up. */
export const blocking: Cases = {
  async 'a consumer that blocks the event loop gets many facts a batch'({ store, writeElsewhere }) {
    const family = unique('fridge');
    const [before, facts, last] = [proposed(), many(2000), proposed()];
    await store.append(`${family}-1`, [before], 'none');
    using follower = follow(store, { families: [family] }, () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS);
      return undefined;
    });
    await follower.saw(before);
    const first = follower.batches.length;
    await writeElsewhere!(`${family}-x`, facts);
    await store.append(`${family}-1`, [last], 0);
    await follower.saw(last);
    assert.deepEqual(new Set(ids(delivered(follower.batches))), new Set(ids([before, ...facts, last])));
    const batches = follower.batches.length - first;
    assert.ok(batches <= facts.length / 10, `${batches} batches`);
  },
};

/** Cases that need an event which the adapter cannot decode. */
export const unreadable: Cases = {
  async 'a follower whose decoding throws ends with that very error'({ store, corrupt }) {
    const family = unique('fridge');
    const facts = many(2);
    await store.append(`${family}-1`, facts, 'none');
    await history(store, facts[1]!, { families: [family] });
    await corrupt!(`${family}-1`);
    const failure = async () => {
      using follower = follow(store, { families: [family] });
      return await within(
        ABORT_MS,
        'following ends',
        follower.ended.then(
          () => undefined,
          error => error,
        ),
      );
    };
    const error = await failure();
    assert.ok(error instanceof Error && !(error instanceof Unavailable), `${error} may pass`);
    // Not one that stands for it, which would be made anew.
    assert.deepEqual(
      await all(store.follow({ after: 0, families: [family], live: false })).catch(({ name, message }) => [
        name,
        message,
      ]),
      [error.name, error.message],
    );
  },
};

interface Step {
  readonly stream: number;
  readonly facts: number;
  /** the consumer awaits the append while it holds a batch; otherwise the append runs beside the follower */
  readonly isBusy: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  stream: fc.integer({ min: 0, max: 2 }),
  facts: fc.integer({ min: 1, max: 4 }),
  isBusy: fc.boolean(),
});

interface Plan {
  readonly batch: number;
  readonly history: readonly number[];
  readonly steps: readonly Step[];
}

/** One append with each batch that comes, then a last one; what was followed must be what the streams hold. */
async function carryOut(store: EventStore, { batch, history, steps }: Plan): Promise<void> {
  const family = unique('fridge');
  const revisions = new Map<string, number>();
  const append = (stream: string, facts: readonly Proposed[]) => {
    const revision = revisions.get(stream);
    revisions.set(stream, (revision ?? -1) + facts.length);
    return store.append(`${family}-${stream}`, facts, revision ?? 'none');
  };
  for (const [i, count] of history.entries()) await append(`${i % 2}`, many(count));

  const todo = steps.map(step => ({ ...step, facts: many(step.facts) }));
  const last = proposed();
  const beside: Promise<unknown>[] = [];
  using follower = follow(store, { families: [family], batch }, async () => {
    const next = todo.shift();
    if (next?.isBusy) await append(`${next.stream}`, next.facts);
    // A stream of its own: nobody says which of two appends under way comes first.
    else if (next) beside.push(append(`beside-${beside.length}`, next.facts));
    else if (!revisions.has('last')) {
      await Promise.all(beside);
      await append('last', [last]);
    }
  });
  await follower.saw(last);
  const streams = await Promise.all([...revisions.keys()].map(stream => all(store.read(`${family}-${stream}`))));
  assert.deepEqual(
    delivered(follower.batches),
    streams.flat().sort((a, b) => a.position - b.position),
  );
}
