import assert from 'node:assert/strict';
import { all, type Cases, conflicts, ids, many, proposed, unique } from './tools.ts';

/** Retries: an append whose outcome is unknown is sent again unchanged. Also appends that only look like a retry. */
export const resending: Cases = {
  async 'a retried append gets its first answer and is stored once, even after later writes'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(3);
    const [answer, twin] = await Promise.all([
      store.append(stream, facts, 'none'),
      store.append(stream, facts, 'none'),
    ]);
    assert.deepEqual(twin, answer);
    assert.deepEqual(await store.append(stream, facts, 'none'), answer);

    const later = many(2);
    const laterAnswer = await store.append(stream, later, 2);
    await store.append(`${unique('fridge')}-2`, many(1), 'none');
    assert.deepEqual(await store.append(stream, facts, 'none'), answer);
    assert.deepEqual(await store.append(stream, later, 2), laterAnswer);
    assert.deepEqual(ids(await all(store.read(stream))), ids([...facts, ...later]));
  },

  async 'a retry of the first facts of an append is answered as written'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(3);
    await store.append(stream, facts, 'none');
    const stored = await all(store.read(stream));
    for (const count of [1, 2]) {
      const { revision, position } = stored[count - 1]!;
      assert.deepEqual(await store.append(stream, facts.slice(0, count), 'none'), { revision, position });
    }
    assert.deepEqual(await all(store.read(stream)), stored);
  },

  async 'known ids in another order, or before a new one, conflict'({ store }) {
    const stream = `${unique('fridge')}-1`;
    await store.append(stream, many(1), 'none');
    const [one, two] = [proposed(), proposed()];
    await store.append(stream, [one, two], 0);
    await conflicts(store.append(stream, [two, one], 0), stream, 2);
    await conflicts(store.append(stream, [two], 0), stream, 2);
    await conflicts(store.append(stream, [one, proposed()], 0), stream, 2);
    await conflicts(store.append(stream, [one, two, proposed()], 0), stream, 2);
    assert.equal((await all(store.read(stream))).length, 3);
  },

  async 'known ids are stored again if the expectation holds'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(2);
    await store.append(stream, facts, 'none');
    await store.append(stream, facts, 1);
    assert.deepEqual(ids(await all(store.read(stream))), ids([...facts, ...facts]));

    const twice = `${unique('fridge')}-2`;
    const fact = proposed();
    await store.append(twice, [fact, fact], 'none');
    assert.deepEqual(ids(await all(store.read(twice))), [fact.id, fact.id]);
  },

  async 'the same id in two streams is stored in both'({ store }) {
    const family = unique('fridge');
    const facts = many(2);
    for (const stream of [`${family}-1`, `${family}-2`]) {
      await store.append(stream, facts, 'none');
      assert.deepEqual(ids(await all(store.read(stream))), ids(facts));
    }
  },

  async 'an append is recognized by its ids alone'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const fact = proposed({ food: 'milk' });
    const answer = await store.append(stream, [fact], 'none');
    const other = { ...proposed({ food: 'eggs' }, 'IngredientConsumed'), id: fact.id };
    assert.deepEqual(await store.append(stream, [other], 'none'), answer);
    const stored = await all(store.read(stream));
    assert.deepEqual(
      stored.map(({ type, data }) => ({ type, data })),
      [fact.event],
    );
  },
};
