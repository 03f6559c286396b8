import assert from 'node:assert/strict';
import { Conflict, NotAppendable } from '../../errors.ts';
import { MAX_BYTES, MAX_FACTS, type Proposed } from '../port.ts';
import { all, type Cases, conflicts, ids, many, proposed, unique } from './tools.ts';

/** The answers of an append, and when it is refused. */
export const appending: Cases = {
  async 'an append returns the revision and the position of its last fact'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const first = await store.append(stream, many(3), 'none');
    const second = await store.append(stream, many(2), 2);
    const stored = await all(store.read(stream));
    const places = stored.map(({ revision, position }) => ({ revision, position }));
    assert.deepEqual([first, second], [places[2], places[4]]);
    assert.deepEqual([first.revision, second.revision], [2, 4]);
    assert.ok(places.every(({ position }) => Number.isSafeInteger(position) && position > 0));
  },

  async 'an append that expects no stream conflicts with an existing one'({ store }) {
    const stream = `${unique('fridge')}-1`;
    await store.append(stream, many(3), 'none');
    await conflicts(store.append(stream, many(1), 'none'), stream, 2);
  },

  async 'an append that expects a revision conflicts if the stream does not exist'({ store }) {
    const stream = `${unique('fridge')}-1`;
    await conflicts(store.append(stream, many(1), 0), stream, 'none');
    await conflicts(store.append(stream, many(1), 7), stream, 'none');
    assert.equal((await store.append(stream, many(1), 'none')).revision, 0);
  },

  async 'an append that expects a revision beyond the end conflicts'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const stored = many(2);
    await store.append(stream, stored, 'none');
    await conflicts(store.append(stream, many(1), 2), stream, 1);
    await conflicts(store.append(stream, many(1), 100), stream, 1);
    assert.deepEqual(ids(await all(store.read(stream))), ids(stored));
  },

  async 'of all writers that expect the same revision one wins'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const stored = many(2);
    await store.append(stream, [stored[0]!], 'none');
    await store.append(stream, [stored[1]!], 0);
    await conflicts(store.append(stream, many(1), 0), stream, 1);

    const rivals = many(50);
    const outcomes = await Promise.allSettled(rivals.map(rival => store.append(stream, [rival], 1)));
    const winners = rivals.filter((_, i) => outcomes[i]!.status === 'fulfilled');
    assert.equal(winners.length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      assert.ok(outcome.reason instanceof Conflict, `${outcome.reason} is no Conflict`);
      assert.deepEqual([outcome.reason.stream, outcome.reason.actual], [stream, 2]);
    }
    assert.deepEqual(ids(await all(store.read(stream))), ids([...stored, ...winners]));
  },

  async 'appends to different streams do not disturb each other'({ store }) {
    const family = unique('fridge');
    const facts = many(120);
    const appends = facts.map((fact, i) => {
      // A conflict in the same group of appends must not fail its neighbours.
      const loser = i % 3 === 0 ? store.append(`${family}-lost`, many(1), 5) : undefined;
      loser?.catch(() => {});
      return store.append(`${family}-${i}`, [fact], 'none');
    });
    const answers = await Promise.all(appends);
    const streams = await Promise.all(facts.map((_, i) => all(store.read(`${family}-${i}`))));
    const found = streams.map(stream => stream.map(({ id, revision, position }) => ({ id, revision, position })));
    assert.deepEqual(
      found,
      facts.map(({ id }, i) => [{ id, ...answers[i]! }]),
    );
    assert.equal(new Set(answers.map(({ position }) => position)).size, facts.length);
  },

  async 'an append with one invalid fact is refused as a whole'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const stored = many(1);
    await store.append(stream, stored, 'none');
    await assert.rejects(store.append(stream, [proposed(), proposed({}, '')], 0), NotAppendable);
    assert.deepEqual(ids(await all(store.read(stream))), ids(stored));
  },

  async 'an append of 500 facts is stored, one of 501 is not'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(MAX_FACTS);
    assert.equal((await store.append(stream, facts, 'none')).revision, MAX_FACTS - 1);
    await assert.rejects(store.append(stream, many(MAX_FACTS + 1), MAX_FACTS - 1), NotAppendable);
    assert.deepEqual(ids(await all(store.read(stream))), ids(facts));
  },

  async 'an append of 512 KiB is stored, one of a byte more is not'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const half = MAX_BYTES / 2;
    const facts = [ofBytes(half), ofBytes(half)];
    await store.append(stream, facts, 'none');
    await assert.rejects(store.append(stream, [ofBytes(half), ofBytes(half + 1)], 1), NotAppendable);
    const stored = await all(store.read(stream));
    assert.deepEqual(
      stored.map(({ data }) => data),
      facts.map(({ event }) => event.data),
    );
  },

  async 'an append without facts is refused'({ store }) {
    const stream = `${unique('fridge')}-1`;
    await assert.rejects(store.append(stream, [], 'none'), NotAppendable);
    await store.append(stream, many(1), 'none');
    await assert.rejects(store.append(stream, [], 0), NotAppendable);
  },

  async 'a stream name that is empty or starts with $ is refused'({ store }) {
    await assert.rejects(store.append('', many(1), 'none'), NotAppendable);
    await assert.rejects(store.append('$', many(1), 'none'), NotAppendable);
    await assert.rejects(store.append(`$${unique('fridge')}-1`, many(1), 'none'), NotAppendable);
  },
};

/** A fact of exactly `bytes` bytes, filled with letters of three bytes each. */
function ofBytes(bytes: number): Proposed {
  const bare = proposed({ text: '' });
  const room =
    bytes - Buffer.byteLength(JSON.stringify(bare.event.data)) - Buffer.byteLength(JSON.stringify(bare.meta));
  const text = '김'.repeat(Math.floor(room / 3)) + 'a'.repeat(room % 3);
  return { ...bare, event: { ...bare.event, data: { text } } };
}
