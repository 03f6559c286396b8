import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sqliteEventStore } from '../stores/event-log/sqlite.ts';
import { LogBehindViews } from './errors.ts';
import { catchUp } from './projector.ts';
import { openSubscriber } from './subscriber.ts';
import { added, contents, LOG, note, noted, spoiled, totals } from './testing/projector-sample.ts';
import { stores } from './testing/projector-stage.ts';
import { testFolder } from './testing/test-folder.ts';

const PARK = { onError: 'park' } as const;

describe('subscriber', () => {
  test('a read model of this log continues at its checkpoint', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), spoiled('tofu'));
    await catchUp(store, LOG, await load(), PARK);
    const again = await load();
    assert.equal(again.checkpoint?.position, (await store.head()).position);
    assert.deepEqual([...again.parked.keys()], ['tofu']);
    assert.equal(again.live, false);
  });

  test('a read model of another log is dropped and starts empty', async t => {
    const { store, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), spoiled('tofu'));
    await catchUp(store, LOG, await load(), PARK);
    const other = await load(0, 'log-b');
    assert.deepEqual([other.checkpoint, other.parked.size], [undefined, 0]);
    assert.deepEqual(await contents(other), { rows: [], parked: [], checkpoint: undefined });
    await catchUp(store, 'log-b', other, PARK);
    assert.equal((await contents(other)).checkpoint?.log, 'log-b');
  });

  test('a read model ahead of the log is an error', async t => {
    const { store, models, load } = stores(t);
    await note(store, 'box-1', added('milk', 1), added('milk', 2));
    await catchUp(store, LOG, await load(), PARK);

    const shorter = testFolder(t).keep(sqliteEventStore(':memory:'));
    await note(shorter, 'box-1', added('milk', 1));
    await assert.rejects(openSubscriber(shorter, models, LOG, totals(), 0), LogBehindViews);

    await note(shorter, 'box-1', added('tofu', 9));
    await assert.rejects(openSubscriber(shorter, models, LOG, totals(), 0), LogBehindViews);
    assert.deepEqual((await contents(await load())).rows, [{ item: 'milk', total: 3, facts: 2 }]);
  });

  test('a read model without a last fact continues', async t => {
    const { store, load } = stores(t);
    const end = await note(store, 'note-1', noted('hello'));
    await catchUp(store, LOG, await load(), PARK);
    assert.deepEqual((await load()).checkpoint, { log: LOG, position: end });
  });
});
