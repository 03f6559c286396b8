import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { NewerFacts, Unavailable } from './errors.ts';
import type { EventStore } from './event-store/port.ts';
import type { Fact, Recorded } from './fact.ts';
import { catchUp } from './projector.ts';
import { advance, Fenced, openSubscriber } from './subscriber.ts';
import {
  added,
  boxes,
  contents,
  emptied,
  Faulty,
  LOG,
  lost,
  moved,
  note,
  noted,
  notes,
  replayed,
  spoiled,
  totals,
} from './testing/projector-sample.ts';
import { stores } from './testing/projector-stage.ts';
import { testFolder } from './testing/test-folder.ts';

const PARK = { onError: 'park' } as const;
const STOP = { onError: 'stop' } as const;

async function everything(store: EventStore): Promise<Recorded[]> {
  const all: Recorded[] = [];
  const families = [boxes.name, notes.name];
  for await (const { events } of store.follow({ after: 0, families, live: false })) all.push(...events);
  return all;
}

describe('advance', () => {
  test('neither the size of batches nor repeated batches change the result', async t => {
    const { keep } = testFolder(t);
    const models = keep(sqliteReadModels(':memory:'));
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(anyFacts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (facts, sizes) => {
        const store = sqliteEventStore(':memory:');
        for (const [stream, event] of facts) await note(store, stream, event);
        const events = await everything(store);
        const expected = replayed(events);
        for (const batch of [1, 2, 500]) {
          const fed = await openSubscriber(store, models, LOG, totals(), ++generation);
          await catchUp(store, LOG, fed, { ...PARK, batch });
          assert.deepEqual(await contents(fed), expected);
          const again = await openSubscriber(store, models, LOG, totals(), generation);
          await catchUp(store, LOG, again, { ...PARK, batch });
          assert.deepEqual(await contents(again), expected);
        }
        const torn = await openSubscriber(store, models, LOG, totals(), ++generation);
        for (const part of parts(events, sizes)) {
          for (let times = 0; times < 2; times++) await advance(torn, LOG, part, part.at(-1)!.position, PARK);
        }
        assert.deepEqual(await contents(torn), events.length > 0 ? expected : { ...expected, checkpoint: undefined });
        await store.close();
      }),
      { seed: 20260310, numRuns: 60 },
    );
  });

  test('an old batch that is repeated changes nothing', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), spoiled('tofu'), added('tofu', 1), added('milk', 2));
    const fed = await load();
    await catchUp(store, LOG, fed, PARK);
    const before = await contents(fed);
    for (const event of await everything(store)) await advance(fed, LOG, [event], event.position, PARK);
    assert.deepEqual(await contents(fed), before);
  });

  test('a fact in two batches counts once', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), added('milk', 2), added('milk', 4));
    const [one, two, three] = (await everything(store)) as [Recorded, Recorded, Recorded];
    const fed = await load();
    await advance(fed, LOG, [one, two], two.position, PARK);
    await advance(fed, LOG, [one, two, three], three.position, PARK);
    assert.deepEqual((await contents(fed)).rows, [{ item: 'milk', total: 7, facts: 3 }]);
  });

  // A store without transactions may fail between writing rows and moving the checkpoint.
  test('rows ahead of their checkpoint apply no fact twice', async t => {
    const { store, load } = stores(t);
    await note(
      store,
      'box-1',
      added('milk', 1),
      added('tofu', 1),
      added('milk', 2),
      emptied('tofu'),
      added('rice', 4),
      added('milk', 8),
      added('tofu', 16),
    );
    const events = await everything(store);
    const fed = await load();
    await fed.model.commit(
      [
        { key: 'milk', position: events[2]!.position, row: { item: 'milk', total: 3, facts: 2 } },
        { key: 'tofu', position: events[3]!.position, row: undefined },
      ],
      [],
      undefined,
      { log: LOG, position: 0 },
    );
    const again = await load();
    await catchUp(store, LOG, again, PARK);
    assert.deepEqual(await contents(again), replayed(events));
  });

  test('a fact that names a key twice counts once', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), moved('milk', 'milk', 1), moved('milk', 'tofu', 1));
    const fed = await load();
    await catchUp(store, LOG, fed, PARK);
    assert.deepEqual((await contents(fed)).rows, [
      { item: 'milk', total: -1, facts: 3 },
      { item: 'tofu', total: 1, facts: 1 },
    ]);
  });

  test('a fact that names a parked key twice is skipped once', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', spoiled('milk'), moved('milk', 'milk', 1));
    const fed = await load();
    await catchUp(store, LOG, fed, PARK);
    assert.deepEqual(await contents(fed), replayed(await everything(store)));
  });

  test('facts of other families move the checkpoint and change no row', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1));
    const end = await note(store, 'note-1', noted('hello'));
    const fed = await load();
    await advance(fed, LOG, await everything(store), end, PARK);
    const { rows, checkpoint } = await contents(fed);
    assert.deepEqual(rows, [{ item: 'milk', total: 1, facts: 1 }]);
    assert.equal(checkpoint?.position, end);
    assert.equal(checkpoint?.last?.stream, 'note-1');
  });

  test('live, only the key whose fold throws is parked, and its later facts are counted', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), added('tofu', 1));
    const broken = await note(store, 'box-1', spoiled('milk'));
    await note(store, 'box-2', added('milk', 10), moved('milk', 'tofu', 5), spoiled('milk'), added('tofu', 1));
    for (const batch of [1, 500]) {
      const fed = await load(batch);
      await catchUp(store, LOG, fed, { ...PARK, batch });
      const { rows, parked } = await contents(fed);
      assert.deepEqual(rows, [
        { item: 'milk', total: 1, facts: 1 },
        { item: 'tofu', total: 7, facts: 3 },
      ]);
      assert.deepEqual(parked, [{ key: 'milk', position: broken, error: 'Error: milk is spoiled', skipped: 3 }]);
    }
  });

  for (const [title, amount, shown] of [
    ['an integer that a store may round', 2 ** 53, '9007199254740992'],
    ['an integer beyond what a store can hold', 1e19, '10000000000000000000'],
    ['a fraction where an integer belongs', 0.5, '0.5'],
    ['no number', Number.NaN, 'NaN'],
  ] as const) {
    test(`a fold that returns ${title} counts as one that throws`, async t => {
      const { store } = stores(t);
      await note(store, 'box-1', added('rice', 4));
      const broken = await note(store, 'box-1', added('milk', 1e15));
      await note(store, 'box-1', added('rice', 1), added('milk', 1), added('tofu', 2));
      const events = (await everything(store)).map(event =>
        event.position === broken ? { ...event, data: { item: 'milk', amount } } : event,
      );
      const end = events.at(-1)!.position;
      for (const [generation, size] of [1, 500].entries()) {
        const fed = await stores(t).load(generation);
        for (const part of parts(events, [size])) await advance(fed, LOG, part, part.at(-1)!.position, PARK);
        const { rows, parked, checkpoint } = await contents(fed);
        assert.deepEqual(rows, [
          { item: 'rice', total: 5, facts: 2 },
          { item: 'tofu', total: 2, facts: 1 },
        ]);
        const error = `TypeError: the column total (integer) cannot hold ${shown}`;
        assert.deepEqual(parked, [{ key: 'milk', position: broken, error, skipped: 1 }]);
        assert.equal(checkpoint?.position, end);
      }
      const rebuilt = await stores(t).load();
      await assert.rejects(advance(rebuilt, LOG, events, end, STOP), { name: 'TypeError' });
      assert.deepEqual(await contents(rebuilt), { rows: [], parked: [], checkpoint: undefined });
    });
  }

  test('a key stays parked after a restart', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', spoiled('milk'));
    await catchUp(store, LOG, await load(), PARK);
    await note(store, 'box-1', added('milk', 1));
    const again = await load();
    await catchUp(store, LOG, again, PARK);
    const { rows, parked } = await contents(again);
    assert.deepEqual(rows, []);
    assert.deepEqual(
      parked.map(({ skipped }) => skipped),
      [1],
    );
  });

  test('a rebuild stops at the first fold that throws', async t => {
    const { store, load } = stores(t);
    const good = await note(store, 'box-1', added('milk', 1));
    await note(store, 'box-1', added('milk', 2), spoiled('tofu'), added('milk', 4));
    const fed = await load();
    await catchUp(store, LOG, fed, { ...STOP, batch: 1 }).catch(() => {});
    assert.equal((await contents(fed)).checkpoint?.position, good + 1);

    const whole = await load(1);
    await assert.rejects(catchUp(store, LOG, whole, STOP), /tofu is spoiled/);
    assert.deepEqual(await contents(whole), { rows: [], parked: [], checkpoint: undefined });
  });

  test('keys that cannot be computed stop it in both modes, after the facts before', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), added('milk', 2), lost('milk'), added('milk', 4));
    const before = (await everything(store)).slice(0, 2);
    for (const [generation, options] of [PARK, STOP].entries()) {
      const fed = await load(generation);
      // The same fact stops it again.
      for (let times = 0; times < 2; times++) {
        await assert.rejects(catchUp(store, LOG, fed, options), /cannot compute the keys of a lost item/);
        assert.deepEqual(await contents(fed), replayed(before));
      }
    }
  });

  test('a fact whose keys cannot be computed never moves a checkpoint back', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1));
    const end = await note(store, 'note-1', noted('hello'), noted('again'));
    await note(store, 'box-1', lost('milk'));
    const all = await everything(store);
    const fed = await load();
    await advance(fed, LOG, all.slice(0, 3), end, PARK);
    const batch = [all[0]!, all[3]!]; // as delivered to a member that is ahead of the others
    await assert.rejects(advance(fed, LOG, batch, all[3]!.position, PARK), /cannot compute the keys of a lost item/);
    assert.equal((await contents(fed)).checkpoint?.position, end);
  });

  for (const options of [PARK, STOP]) {
    test(`a fact of a newer release does not block the facts before it (${options.onError})`, async t => {
      const { store, load } = stores(t);
      await note(store, 'box-1', added('milk', 1), added('tofu', 2), { type: 'Teleported', data: {} });
      const fed = await load();
      await assert.rejects(catchUp(store, LOG, fed, options), NewerFacts);
      assert.deepEqual(await contents(fed), replayed((await everything(store)).slice(0, 2)));
    });
  }

  test('of two projectors on one read model the second is fenced', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1));
    const [winner, loser] = [await load(), await load()];
    await catchUp(store, LOG, winner, PARK);
    await assert.rejects(catchUp(store, LOG, loser, PARK), Fenced);
    assert.deepEqual((await contents(loser)).rows, [{ item: 'milk', total: 1, facts: 1 }]);
  });

  test('a batch that could not be written is retried as if for the first time', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', spoiled('milk'), added('milk', 1), added('tofu', 1));
    const fed = await load();
    const model = new Faulty(fed.model);
    const faulty = { ...fed, model };
    model.fault = () => {
      throw new Unavailable('away');
    };
    await assert.rejects(catchUp(store, LOG, faulty, PARK), Unavailable);
    assert.deepEqual([faulty.checkpoint, faulty.parked.size], [undefined, 0]);
    model.fault = () => {};
    await catchUp(store, LOG, faulty, PARK);
    assert.deepEqual(await contents(faulty), replayed(await everything(store)));
  });
});

const anyItem = fc.constantFrom('milk', 'tofu', 'rice');
const anyFact: fc.Arbitrary<[string, Fact]> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom('box-1', 'box-2'), fc.integer({ min: 1, max: 5 }), anyItem)
      .map(([stream, amount, item]): [string, Fact] => [stream, added(item, amount)]),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyItem, anyItem)
      .filter(([from, to]) => from !== to)
      .map(([from, to]): [string, Fact] => ['box-1', moved(from, to, 1)]),
  },
  { weight: 3, arbitrary: anyItem.map((item): [string, Fact] => ['box-2', emptied(item)]) },
  { weight: 1, arbitrary: anyItem.map((item): [string, Fact] => ['box-2', spoiled(item)]) },
);
const anyFacts = fc.array(anyFact, { maxLength: 30 });

/** Splits the list into parts of these sizes, cyclically. */
function parts<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const all: T[][] = [];
  for (let from = 0; from < list.length; from += all.at(-1)!.length) {
    all.push(list.slice(from, from + sizes[all.length % sizes.length]!));
  }
  return all;
}
