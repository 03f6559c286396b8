import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explained, Unavailable, Unreadable } from './errors.ts';
import { added, contents, note, spoiled } from './testing/projector-sample.ts';
import { LIVE, rowsOf, stage } from './testing/projector-stage.ts';

// How one read model affects the others, and the reports about it.

describe('a read model', () => {
  test('that is slow delays the others once, and recovers', LIVE, async t => {
    const { store, load, loadFaulty, projector: start, gate: newGate } = stage(t);
    const good = await load('good');
    const { fed, model } = await loadFaulty('slow');
    const { projector, watch } = start();
    projector.start();
    await Promise.all([projector.add(good), projector.add(fed)]);
    const gate = newGate();
    model.fault = () => gate.pass();
    await note(store, 'box-1', added('milk', 1));
    await gate.arrived;
    // Its commit is still in progress, but the others already get the next facts.
    for (let n = 0; n < 3; n++) await watch.reached(await note(store, 'box-1', added('milk', 1)), good);
    assert.deepEqual([fed.live, good.live], [false, true]);
    gate.open();
    const end = await note(store, 'box-1', added('milk', 1));
    await watch.reached(end, good, fed);
    await watch.until(() => fed.live);
    assert.deepEqual(await contents(fed), await contents(good));
    assert.deepEqual([watch.stops, watch.holds], [[], []]);
  });

  test('whose store is unavailable is reported once for each reason', LIVE, async t => {
    const { store, loadFaulty, projector: start } = stage(t);
    const { fed, model } = await loadFaulty('faulty');
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    const reasons = ['no answer', 'no answer', 'no answer', 'disk full', 'disk full'];
    model.fault = () => {
      const reason = reasons.shift();
      if (reason) throw new Unavailable(reason);
    };
    await watch.reached(await note(store, 'box-1', added('milk', 1)), fed);
    assert.deepEqual(
      watch.holds.map(({ view, reason }) => `${view}: ${reason}`).filter((line, i, all) => line !== all[i - 1]),
      ['faulty: no answer', 'faulty: disk full'],
    );
    assert.ok(watch.holds.length <= 3, `${watch.holds.length} reports`);
  });

  test('that parks a key is reported once', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const fed = await load('a');
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    const position = await note(store, 'box-1', spoiled('tofu'));
    for (let n = 0; n < 3; n++) await watch.reached(await note(store, 'box-1', added('tofu', 1)), fed);
    assert.deepEqual(watch.parkings, [{ view: 'a', key: 'tofu', position }]);
    assert.deepEqual(await rowsOf(fed), []);
  });

  for (const [when, first] of [
    ['live', added('rice', 1)],
    ['catching up', undefined],
  ] as const) {
    test(`with a bug in its code stops the projector at once and is named, ${when}`, LIVE, async t => {
      const { store, load, loadFaulty, projector: start } = stage(t);
      const good = await load('good');
      const { fed, model } = await loadFaulty('mistaken');
      const bug = new TypeError('a bug');
      let tries = 0;
      const { projector, watch } = start();
      projector.start();
      await projector.add(good);
      if (first) await projector.add(fed);
      model.fault = () => {
        tries++;
        throw bug;
      };
      await note(store, 'box-1', added('milk', 1));
      if (!first) await projector.add(fed);
      assert.equal(await watch.stopping(), bug);
      await projector.stop();
      assert.deepEqual([watch.causes, tries], [['mistaken'], 1]);
    });
  }
});

test('a bug is logged with its stack, an error that an operator can fix with its message only', () => {
  const bug = new RangeError('a bug');
  assert.equal(explained(bug), bug.stack);
  assert.match(explained(bug), /RangeError: a bug\n\s+at /);
  assert.equal(explained(new Unavailable('no answer')), 'no answer');
  assert.equal(explained(new Unreadable('no fact')), 'no fact');
  assert.equal(explained('text'), 'text');
});
