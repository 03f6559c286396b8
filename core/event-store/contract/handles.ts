import assert from 'node:assert/strict';
import { Unavailable } from '../../errors.ts';
import { all, type Cases, delivered, follow, ids, many, proposed, unique, within } from './tools.ts';

/** Closing a store. */
export const closing: Cases = {
  async 'close may be called twice'({ store }) {
    await store.close();
    await store.close();
  },

  async 'a closed store is Unavailable'({ store }) {
    const family = unique('fridge');
    const stream = `${family}-1`;
    await store.append(stream, many(1), 'none');
    await store.close();
    await assert.rejects(store.append(stream, many(1), 0), Unavailable);
    await assert.rejects(all(store.read(stream)), Unavailable);
    await assert.rejects(store.head(), Unavailable);
    await assert.rejects(store.headPosition(), Unavailable);
    await assert.rejects(store.ready(), Unavailable);
    await assert.rejects(all(store.follow({ after: 0, families: [family], live: false })), Unavailable);
  },

  async 'a follower does not outlive its store'({ store }) {
    const family = unique('fridge');
    const fact = proposed();
    await store.append(`${family}-1`, [fact], 'none');
    using follower = follow(store, { families: [family] });
    await follower.saw(fact);
    await store.close();
    // It may end silently; if it throws, the error must be Unavailable.
    const error: unknown = await within(
      1000,
      'following ends',
      follower.ended.catch(error => error),
    );
    assert.ok(error === undefined || error instanceof Unavailable, `${error} is not Unavailable`);
  },
};

/** Cases that need a log which can be opened more than once. */
export const sharing: Cases = {
  async 'another handle sees an acknowledged append at once'({ store, another }) {
    const stream = `${unique('fridge')}-1`;
    const other = await another!();
    for (const [i, fact] of many(3).entries()) {
      const { position } = await store.append(stream, [fact], i === 0 ? 'none' : i - 1);
      const newest = (await all(other.read(stream, { from: i })))[0];
      assert.equal(newest?.id, fact.id);
      assert.deepEqual(await other.head(), { position, newest });
    }
  },

  async 'a follower sees what another handle appends'({ store, another }) {
    const family = unique('fridge');
    const other = await another!();
    const [before, after] = [proposed(), proposed()];
    await store.append(`${family}-1`, [before], 'none');
    using follower = follow(other, { families: [family] });
    await follower.saw(before);
    await store.append(`${family}-1`, [after], 0);
    await follower.saw(after);
    assert.deepEqual(ids(delivered(follower.batches)), ids([before, after]));
  },

  async 'a retried append is recognized after reopening'({ store, another }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(3);
    const answer = await store.append(stream, facts, 'none');
    await store.append(stream, many(1), 2);
    await store.close();
    const reopened = await another!();
    assert.deepEqual(await reopened.append(stream, facts, 'none'), answer);
    assert.equal((await all(reopened.read(stream))).length, 4);
  },

  async 'a reopened log continues where it ended'({ store, another }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(3);
    const before = await store.append(stream, facts.slice(0, 2), 'none');
    await store.close();
    const reopened = await another!();
    const after = await reopened.append(stream, facts.slice(2), 1);
    assert.equal(after.revision, 2);
    assert.ok(after.position > before.position);
    assert.deepEqual(ids(await all(reopened.read(stream))), ids(facts));
  },

  async 'an append in progress when the store closes settles, and is kept if acknowledged'(log) {
    const family = unique('fridge');
    const facts = many(120);
    const under = facts.map((fact, i) => log.store.append(`${family}-${i}`, [fact], 'none'));
    const settled = Promise.allSettled(under);
    await log.store.close();
    const outcomes = await within(2000, 'appends settle', settled);
    const reopened = await log.another!();
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof Unavailable, `${outcome.reason}`);
      else assert.deepEqual(ids(await all(reopened.read(`${family}-${i}`))), [facts[i]!.id]);
    }
  },
};
