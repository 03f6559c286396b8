import assert from 'node:assert/strict';
import type { Batch } from '../port.ts';
import { all, type Cases, delivered, follow, history, ids, many, proposed, unique, within } from './tools.ts';

/** The facts that a follower gets, their order, and the marks of its batches. */
export const following: Cases = {
  async 'following starts after the position, not at it'({ store }) {
    const family = unique('fridge');
    await store.append(`${family}-1`, many(3), 'none');
    await store.append(`${family}-2`, many(2), 'none');
    const last = (await all(store.read(`${family}-2`)))[1]!;
    const facts = delivered(await history(store, last, { families: [family] }));
    assert.equal(facts.length, 5);
    for (const [i, { position }] of facts.slice(0, -1).entries()) {
      const rest = delivered(await history(store, last, { families: [family], after: position }));
      assert.deepEqual(rest, facts.slice(i + 1));
    }
  },

  async 'facts of all streams arrive in commit order'({ store }) {
    const family = unique('fridge');
    // Clocks of several nodes differ: a fact committed later may carry an earlier time.
    const facts = many(12).reverse();
    for (const [i, fact] of facts.entries()) {
      const revision = Math.floor(i / 3) - 1;
      await store.append(`${family}-${i % 3}`, [fact], revision < 0 ? 'none' : revision);
    }
    const events = delivered(await history(store, facts.at(-1)!, { families: [family] }));
    assert.deepEqual(ids(events), ids(facts));
    assert.ok(events.every(({ position }, i) => i === 0 || position > events[i - 1]!.position));
  },

  async 'a log of many pages is followed to the end'({ store }) {
    const family = unique('fridge');
    const facts = many(1203);
    await store.append(`${family}-1`, facts.slice(0, 401), 'none');
    await store.append(`${family}-2`, facts.slice(401, 802), 'none');
    await store.append(`${family}-1`, facts.slice(802), 400);
    assert.deepEqual(ids(delivered(await history(store, facts.at(-1)!, { families: [family] }))), ids(facts));
  },

  async 'a batch holds no more facts than requested'({ store }) {
    const family = unique('fridge');
    const facts = many(7);
    await store.append(`${family}-1`, facts, 'none');
    for (const batch of [1, 3, 7, 8]) {
      const batches = await history(store, facts.at(-1)!, { families: [family], batch });
      assert.deepEqual(ids(delivered(batches)), ids(facts));
      assert.ok(batches.every(({ events }) => events.length <= batch));
    }
  },

  async 'a follower gets exactly the families that it names'({ store }) {
    const family = unique('fridge');
    const other = unique('member');
    const streams = [
      `${family}-1`,
      `${family}s-1`,
      `${family.slice(0, -1)}-1`,
      `x-${family}-1`,
      `${other}-1`,
      `${family}-2`,
    ];
    for (const stream of streams) await store.append(stream, [proposed()], 'none');
    const last = (await all(store.read(`${family}-2`)))[0]!;
    const seen = async (families: string[]) =>
      delivered(await history(store, last, { families })).map(({ stream }) => stream);
    assert.deepEqual(await seen([family]), [`${family}-1`, `${family}-2`]);
    assert.deepEqual(await seen([other, family]), [`${family}-1`, `${other}-1`, `${family}-2`]);
  },

  async 'a follower that names no family gets the facts of all families, and nothing else'({ store }) {
    const before = await store.append(`${unique('box')}-1`, [proposed()], 'none');
    const streams = [`${unique('fridge')}-1`, `${unique('Log_of.another')}-1`];
    for (const stream of streams) await store.append(stream, [proposed()], 'none');
    const last = (await all(store.read(streams[1]!)))[0]!;
    const seen = delivered(await history(store, last, { after: before.position })).map(({ stream }) => stream);
    assert.deepEqual(
      seen.filter(stream => streams.includes(stream)),
      streams,
    );
    assert.ok(seen.every(stream => !stream.startsWith('$')));
  },

  async 'a stream without a hyphen is a family of its own'({ store }) {
    const family = unique('log');
    const streams = [family, `${family}-a-b`, `${family}-`];
    const facts = many(3);
    for (const [i, stream] of streams.entries()) await store.append(stream, [facts[i]!], 'none');
    assert.deepEqual(ids(delivered(await history(store, facts[2]!, { families: [family] }))), ids(facts));
  },

  async 'upTo never runs ahead of the facts delivered'({ store }) {
    const family = unique('fridge');
    const foreign = unique('member');
    for (let i = 0; i < 4; i++) {
      await store.append(`${family}-${i}`, many(2), 'none');
      await store.append(`${foreign}-${i}`, many(2), 'none');
    }
    const last = (await all(store.read(`${family}-3`)))[1]!;
    const batches = await history(store, last, { families: [family], batch: 3 });
    neverAhead(batches);
    // A follower that resumes there misses nothing.
    for (const [i, { upTo }] of batches.slice(0, -1).entries()) {
      const rest = ids(delivered(batches.slice(i + 1)));
      const resumed = ids(delivered(await history(store, last, { families: [family], after: upTo })));
      assert.deepEqual(resumed.slice(-rest.length), rest);
    }

    using follower = follow(store, { families: [family], batch: 3 });
    await follower.saw(last);
    await Promise.all(many(50).map((fact, i) => store.append(`${family}-at-once-${i}`, [fact], 'none')));
    const end = proposed();
    await store.append(`${family}-end`, [end], 'none');
    await follower.saw(end);
    neverAhead(follower.batches);
  },

  async 'upTo never lags behind the facts delivered'({ store }) {
    const family = unique('fridge');
    const facts = many(7);
    await store.append(`${family}-1`, facts, 'none');
    for (const { events, upTo } of await history(store, facts.at(-1)!, { families: [family], batch: 3 })) {
      assert.ok(events.every(({ position }) => position <= upTo));
    }
  },

  async 'upTo never goes back, even if there is nothing to deliver'({ store }) {
    const family = unique('fridge');
    const after = (await store.append(`${family}-1`, [proposed()], 'none')).position;
    using follower = follow(store, { families: [family], after });
    await follower.started();
    await store.append(`${unique('member')}-1`, [proposed()], 'none');
    const last = proposed();
    await store.append(`${family}-2`, [last], 'none');
    await follower.saw(last);
    const marks = [after, ...follower.batches.map(({ upTo }) => upTo)];
    assert.deepEqual(
      marks,
      marks.toSorted((a, b) => a - b),
    );
  },

  async 'caughtUp is set once everything is delivered, and not before'({ store }) {
    for (const count of [4, 5]) {
      const family = unique('fridge');
      const facts = many(count);
      await store.append(`${family}-1`, facts, 'none');
      const seen: string[] = [];
      let caughtUp = false;
      for await (const batch of store.follow({ after: 0, families: [family], live: false, batch: 2 })) {
        seen.push(...ids(batch.events));
        caughtUp = batch.caughtUp;
        if (caughtUp) break;
      }
      assert.ok(caughtUp);
      assert.deepEqual(seen, ids(facts));
    }
  },

  async 'without live, following ends after the last fact'({ store }) {
    const family = unique('fridge');
    const facts = many(3);
    await store.append(`${family}-1`, facts, 'none');
    const whole = all(store.follow({ after: 0, families: [family], live: false }));
    assert.deepEqual(ids(delivered(await within(2000, 'following ends', whole))), ids(facts));
    const nothing = all(store.follow({ after: 0, families: [unique('member')], live: false }));
    assert.deepEqual(delivered(await within(2000, 'following ends', nothing)), []);
  },
};

/** Asserts that no fact arrives at or before an `upTo` that was already reported. */
function neverAhead(batches: readonly Batch[]): void {
  for (const [i, { upTo }] of batches.entries()) {
    assert.ok(delivered(batches.slice(i + 1)).every(({ position }) => position > upTo));
  }
}
