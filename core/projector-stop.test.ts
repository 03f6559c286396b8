import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Damaged, NewerFacts, Unavailable } from './errors.ts';

import { BATCH } from './projector.ts';
import { added, contents, lost, note } from './testing/projector-sample.ts';
import { faultyLog, LIVE, rowsOf, stage } from './testing/projector-stage.ts';

const tick = () => new Promise(setImmediate);

/** @throws where it takes a second or longer */
async function withinASecond(work: Promise<void>): Promise<void> {
  const began = performance.now();
  await work;
  const ms = performance.now() - began;
  assert.ok(ms < 1000, `it took ${ms} ms`);
}

describe('stop', () => {
  test('ends within a second, and nothing is written afterwards', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const [stopped, other] = [await load('stopped'), await load('other')];
    const { projector, watch } = start();
    projector.start();
    await projector.add(stopped);
    const last = await note(store, 'box-1', added('milk', 1));
    await watch.reached(last, stopped);
    await withinASecond(projector.stop());

    const second = start();
    second.projector.start();
    await second.projector.add(other);
    await second.watch.reached(await note(store, 'box-1', added('milk', 2)), other);
    assert.equal((await contents(stopped)).checkpoint?.position, last);
    assert.deepEqual(watch.stops, []);
  });

  test('waits for the commit that is under way', LIVE, async t => {
    const { store, loadFaulty, projector: start, gate: newGate } = stage(t);
    const { fed, model } = await loadFaulty('a');
    const { projector } = start();
    projector.start();
    await projector.add(fed);
    const gate = newGate();
    model.fault = () => gate.pass();
    const end = await note(store, 'box-1', added('milk', 1));
    await gate.arrived;
    let ended = false;
    const stopping = projector.stop().then(() => {
      ended = true;
    });
    for (let n = 0; n < 10; n++) await tick();
    assert.equal(ended, false);
    gate.open();
    await withinASecond(stopping);
    assert.equal((await contents(fed)).checkpoint?.position, end);
  });

  test('does not wait for the end of the log', LIVE, async t => {
    const { store, loadFaulty, projector: start, gate: newGate } = stage(t);
    const facts = Array.from({ length: BATCH }, () => added('milk', 1));
    const first = await note(store, 'box-1', ...facts);
    await note(store, 'box-1', ...facts);
    const { fed, model } = await loadFaulty('a');
    const gate = newGate();
    model.fault = () => gate.pass();
    const { projector } = start();
    projector.start();
    const joining = projector.add(fed);
    await gate.arrived;
    const stopping = projector.stop();
    gate.open();
    await withinASecond(stopping);
    await joining;
    assert.equal((await contents(fed)).checkpoint?.position, first);
  });

  test('is heard by one that catches up with a log in a file, which never keeps it waiting', LIVE, async t => {
    const { store, loadFaulty, projector: start } = stage(t);
    const batches = 6;
    const facts = Array.from({ length: BATCH }, () => added('milk', 1));
    for (let n = 0; n < batches; n++) await note(store, 'box-1', ...facts);
    const { fed, model } = await loadFaulty('a');
    const { projector } = start();
    let stopping: Promise<void> | undefined;
    // As a message to its thread: it is read when the event loop comes round.
    model.unanswered = () => {
      setImmediate(() => {
        stopping ??= projector.stop();
      });
    };
    await projector.add(fed);
    await stopping;
    const { rows } = await contents(fed);
    assert.deepEqual(rows, [{ item: 'milk', total: BATCH, facts: BATCH }]);
    assert.equal(fed.live, false);
  });

  test('ends within a second while a store is away', LIVE, async t => {
    const { store, loadFaulty, projector: start } = stage(t);
    const { fed, model } = await loadFaulty('a');
    await note(store, 'box-1', added('milk', 1));
    const thrice = Promise.withResolvers<void>();
    let tries = 0;
    model.fault = () => {
      if (++tries === 3) thrice.resolve();
      throw new Unavailable('away');
    };
    const { projector } = start();
    projector.start();
    const joining = projector.add(fed);
    await thrice.promise;
    await withinASecond(projector.stop());
    await joining;
    assert.equal(tries, 3);
  });

  test('may come before start, and twice', LIVE, async t => {
    const { projector } = stage(t).projector();
    await projector.stop();
    projector.start();
    await withinASecond(projector.stop());
  });

  test('waits for what the others are writing when one has failed', LIVE, async t => {
    const { store, loadFaulty, projector: start, gate: newGate } = stage(t);
    const [broken, slow] = [await loadFaulty('broken'), await loadFaulty('slow')];
    const { projector } = start();
    projector.start();
    await Promise.all([projector.add(broken.fed), projector.add(slow.fed)]);
    const [gate, broke] = [newGate(), newGate()];
    slow.model.fault = () => gate.pass();
    broken.model.fault = async () => {
      await gate.arrived;
      void broke.pass();
      throw new TypeError('broken');
    };
    await note(store, 'box-1', added('milk', 1));
    await broke.arrived;
    await tick();
    let ended = false;
    const stopping = projector.stop().then(() => {
      ended = true;
    });
    for (let n = 0; n < 10; n++) await tick();
    assert.equal(ended, false, 'it ended with a commit under way');
    gate.open();
    await stopping;
  });
});

describe('a projector gives up', () => {
  for (const moment of ['catches up', 'follows'] as const) {
    test(`at a store that is damaged, for that does not come back, while it ${moment}`, LIVE, async t => {
      const { store, loadFaulty, projector: start } = stage(t);
      const { fed, model } = await loadFaulty('a');
      const { projector, watch } = start();
      projector.start();
      if (moment === 'follows') await projector.add(fed);
      model.fault = () => {
        throw new Damaged('the read models are damaged');
      };
      await note(store, 'box-1', added('milk', 1));
      if (moment === 'catches up') void projector.add(fed);
      assert.ok((await watch.stopping()) instanceof Damaged);
    });
  }

  const newer = { type: 'Teleported', data: {} };
  for (const [title, fact, reason] of [
    ['at a fact of a newer release', newer, NewerFacts],
    ['where keys cannot be computed', lost('milk'), /nobody knows where this belongs/],
  ] as const) {
    test(title, LIVE, async t => {
      const { store, load, projector: start } = stage(t);
      const fed = await load('a');
      const { projector, watch } = start();
      projector.start();
      await projector.add(fed);
      const good = await note(store, 'box-1', added('milk', 1));
      await watch.reached(good, fed);
      await note(store, 'box-1', fact);
      const stopped = watch.stopping();
      await assert.rejects(
        stopped.then(error => Promise.reject(error)),
        reason,
      );
      await note(store, 'box-1', added('milk', 2));
      await projector.stop();
      assert.equal(watch.stops.length, 1);
      assert.equal((await contents(fed)).checkpoint?.position, good);
    });

    test(`${title}, also while it catches up`, LIVE, async t => {
      const { store, load, projector: start } = stage(t);
      const good = await note(store, 'box-1', added('milk', 1));
      await note(store, 'box-1', fact, added('milk', 2));
      const fed = await load('a');
      const { projector, watch } = start();
      projector.start();
      await projector.add(fed);
      await assert.rejects((async () => Promise.reject(await watch.stopping()))(), reason);
      assert.deepEqual([(await contents(fed)).checkpoint?.position, watch.status.get('a')?.position], [good, good]);
    });

    test(`${title}, and not before it has taken in what came with it`, LIVE, async t => {
      const { store, load, projector: start } = stage(t);
      const [one, two] = [await load('a'), await load('b')];
      const { projector, watch } = start();
      projector.start();
      await Promise.all([projector.add(one), projector.add(two)]);
      const good = await note(store, 'box-1', added('milk', 1), added('tofu', 2));
      await watch.reached(good, one, two);
      const last = await note(store, 'box-1', added('milk', 4), fact, added('milk', 8));
      await assert.rejects((async () => Promise.reject(await watch.stopping()))(), reason);
      for (const fed of [one, two]) {
        const { rows, checkpoint } = await contents(fed);
        assert.deepEqual(rows, [
          { item: 'milk', total: 5, facts: 2 },
          { item: 'tofu', total: 2, facts: 1 },
        ]);
        assert.equal(checkpoint?.position, last - 2);
        assert.equal(watch.status.get(fed.projection.name)?.position, last - 2);
      }
      // A start that comes to it again stops there again, and changes nothing.
      await projector.stop();
      const again = start();
      const fed = await load('a');
      again.projector.start();
      await again.projector.add(fed);
      await assert.rejects((async () => Promise.reject(await again.watch.stopping()))(), reason);
      assert.equal((await contents(fed)).checkpoint?.position, last - 2);
    });
  }

  test('but not because a row would fit no store: that key is parked, and the others go on', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    await note(store, 'box-1', added('rice', 2 ** 53));
    const [live, late] = [await load('live'), await load('late')];
    const { projector, watch } = start();
    projector.start();
    await projector.add(live);
    await note(store, 'box-1', added('milk', 1e19), added('tofu', 1));
    await watch.reached(await note(store, 'box-1', added('milk', 1), added('tofu', 1)), live);
    await projector.add(late);
    for (const fed of [live, late]) {
      const { rows, parked } = await contents(fed);
      assert.deepEqual(rows, [{ item: 'tofu', total: 2, facts: 2 }]);
      assert.deepEqual(
        parked.map(({ key, skipped }) => [key, skipped]),
        [
          ['milk', 1],
          ['rice', 0],
        ],
      );
    }
    assert.deepEqual(watch.stops, []);
  });

  test('but not because the log is away for a moment', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const log = faultyLog(store);
    const fed = await load('a');
    const { projector, watch } = start(log);
    projector.start();
    await projector.add(fed);
    await watch.reached(await note(store, 'box-1', added('milk', 1)), fed);
    log.fault = () => {
      log.fault = () => {};
      throw new Unavailable('the log is away');
    };
    await watch.reached(await note(store, 'box-1', added('milk', 2)), fed);
    assert.deepEqual(await rowsOf(fed), [{ item: 'milk', total: 3, facts: 2 }]);
  });
});
