import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Meta } from '../../fact.ts';
import { all, type Cases, delivered, history, ids, many, proposed, unique } from './tools.ts';

/** A fact that was written comes back when read, when followed, and as the head. */
export const reading: Cases = {
  async 'a fact comes back unchanged, read or followed'({ store }) {
    const family = unique('fridge');
    const stream = `${family}-1`;
    await store.append(stream, many(1), 'none');
    const data = {
      food: 'milk',
      amount: { value: 1.5, unit: 'l' },
      tags: ['', 'open'],
      due: null,
      own: false,
      more: {},
    };
    const meta: Required<Meta> = {
      ...proposed().meta,
      actor: 'member-1',
      occurredAt: '2026-01-01T08:00:00.000Z',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      schema: 3,
      fingerprint: 'f00d',
    };
    const fact = { id: randomUUID(), event: { type: 'IngredientStored', data }, meta };
    const { position } = await store.append(stream, [fact], 0);
    const expected = { id: fact.id, stream, revision: 1, position, type: 'IngredientStored', data, meta };
    assert.deepEqual((await all(store.read(stream)))[1], expected);
    assert.deepEqual(delivered(await history(store, fact, { families: [family] }))[1], expected);
  },

  async 'text comes back code point for code point'({ store }) {
    const family = unique('fridge');
    // One word composed and decomposed, an emoji sequence, JavaScript's line separators, a lone surrogate.
    const words = [
      '집밥',
      '집밥'.normalize('NFD'),
      '👨‍👩‍👧‍👦 🇰🇷',
      'é',
      'e\u0301',
      '"\\\u0000\u2028\r\n',
      '\ud83d',
      ' x ',
    ];
    const data = { words, ...Object.fromEntries(words.map((word, i) => [word, i])) };
    const composed = `${family}-김치`;
    const single = `${family}-${'김치'.normalize('NFD')}`;
    await store.append(composed, [proposed(data, '저장됨')], 'none');
    await store.append(single, [proposed(data, '저장됨')], 'none');
    const stored = [...(await all(store.read(composed))), ...(await all(store.read(single)))];
    assert.deepEqual(
      stored.map(({ stream, type, data }) => ({ stream, type, data })),
      [composed, single].map(stream => ({ stream, type: '저장됨', data })),
    );
  },

  async 'integers up to 2^53-1 come back exactly'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const numbers = [0, 1, -1, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 2, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    await store.append(stream, [proposed({ numbers })], 'none');
    assert.deepEqual((await all(store.read(stream)))[0]?.data, { numbers });
  },

  async 'a read takes a range of revisions'({ store }) {
    const stream = `${unique('fridge')}-1`;
    await store.append(stream, many(6), 'none');
    const revisions = async (range?: { from?: number; upTo?: number }) =>
      (await all(store.read(stream, range))).map(({ revision }) => revision);
    assert.deepEqual(await revisions(), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(await revisions({}), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(await revisions({ from: 2 }), [2, 3, 4, 5]);
    assert.deepEqual(await revisions({ upTo: 3 }), [0, 1, 2, 3]);
    assert.deepEqual(await revisions({ upTo: 0 }), [0]);
    assert.deepEqual(await revisions({ from: 2, upTo: 4 }), [2, 3, 4]);
    assert.deepEqual(await revisions({ from: 4, upTo: 4 }), [4]);
    assert.deepEqual(await revisions({ from: 4, upTo: 2 }), []);
    assert.deepEqual(await revisions({ from: 4, upTo: 99 }), [4, 5]);
    assert.deepEqual(await revisions({ from: 6 }), []);
    assert.deepEqual(await revisions({ from: 99 }), []);
  },

  async 'a missing stream reads as empty'({ store }) {
    const stream = `${unique('fridge')}-1`;
    assert.deepEqual(await all(store.read(stream)), []);
    assert.deepEqual(await all(store.read(stream, { from: 3, upTo: 7 })), []);
  },

  async 'a stream of many pages is read to the end'({ store }) {
    const stream = `${unique('fridge')}-1`;
    const facts = many(1203);
    await store.append(stream, facts.slice(0, 401), 'none');
    await store.append(stream, facts.slice(401, 802), 400);
    await store.append(stream, facts.slice(802), 801);
    assert.deepEqual(ids(await all(store.read(stream))), ids(facts));
    assert.deepEqual(ids(await all(store.read(stream, { from: 100 }))), ids(facts.slice(100)));
  },

  async 'the head is the newest fact of any stream'({ store }) {
    for (const stream of [`${unique('fridge')}-1`, `${unique('log')}`, `${unique('member')}-1`]) {
      await store.append(stream, many(2), 'none');
      const newest = (await all(store.read(stream)))[1];
      assert.deepEqual(await store.head(), { position: newest?.position, newest });
    }
  },

  async 'headPosition is the position of the head'({ store }) {
    for (const stream of [`${unique('fridge')}-1`, `${unique('member')}-1`]) {
      const { position } = await store.append(stream, many(2), 'none');
      assert.equal(await store.headPosition(), position);
    }
  },
};

/** Cases that need an empty log. */
export const emptiness: Cases = {
  async 'the head of an empty log is 0'({ store }) {
    assert.deepEqual(await store.head(), { position: 0 });
    assert.equal(await store.headPosition(), 0);
  },
};
