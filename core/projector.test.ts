import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Unavailable } from './errors.ts';
import { catchUp } from './projector.ts';
import { added, contents, LOG, note, noted, spoiled } from './testing/projector-sample.ts';
import { faultyLog, LIVE, rowsOf, stage } from './testing/projector-stage.ts';

const tick = () => new Promise(setImmediate);
const away = () => {
  throw new Unavailable('the database is away');
};

describe('a projector', () => {
  test('takes in what is there, then what comes', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    await note(store, 'box-1', added('milk', 1));
    const fed = await load('a');
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    assert.deepEqual(await rowsOf(fed), [{ item: 'milk', total: 1, facts: 1 }]);

    for (let amount = 2; amount <= 4; amount++)
      await watch.reached(await note(store, 'box-1', added('milk', amount)), fed);
    assert.deepEqual(await rowsOf(fed), [{ item: 'milk', total: 10, facts: 4 }]);
  });

  test('takes in facts that come while it catches up', LIVE, async t => {
    const { store, loadFaulty, projector: start, gate: newGate } = stage(t);
    await note(store, 'box-1', added('milk', 1));
    const { fed, model } = await loadFaulty('a');
    const gate = newGate();
    model.fault = () => gate.pass();
    const { projector, watch } = start();
    projector.start();
    const joined = projector.add(fed);
    await gate.arrived;
    const end = await note(store, 'box-1', added('milk', 2));
    gate.open();
    await joined;
    await watch.reached(end, fed);
    assert.deepEqual(await rowsOf(fed), [{ item: 'milk', total: 3, facts: 2 }]);
  });

  test('takes in the appends of another handle of the log', LIVE, async t => {
    const { openLog, load, projector: start } = stage(t);
    const fed = await load('a');
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    await watch.reached(await note(openLog(), 'box-1', added('milk', 1)), fed);
  });

  test('leads read models that stand at different places to the same end', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const subscribers = await Promise.all(['a', 'b', 'c', 'd'].map(load));
    for (let n = 1; n < subscribers.length; n++) {
      await note(store, `box-${n}`, added('milk', n), spoiled('tofu'), added('rice', n));
      for (const fed of subscribers.slice(n)) await catchUp(store, LOG, fed, { onError: 'park' });
    }
    const { projector, watch } = start();
    projector.start();
    await Promise.all(subscribers.map(fed => projector.add(fed)));
    await watch.reached(await note(store, 'box-9', added('milk', 100), added('tofu', 1)), ...subscribers);
    const [first, ...others] = await Promise.all(subscribers.map(contents));
    assert.deepEqual(first!.rows, [
      { item: 'milk', total: 106, facts: 4 },
      { item: 'rice', total: 6, facts: 3 },
    ]);
    for (const other of others) assert.deepEqual(other, first);
  });

  test('takes in a read model that is added later', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const [early, late] = [await load('early'), await load('late')];
    const { projector, watch } = start();
    projector.start();
    await projector.add(early);
    await watch.reached(await note(store, 'box-1', added('milk', 1)), early);
    await projector.add(late);
    await watch.reached(await note(store, 'box-1', added('milk', 2)), early, late);
    assert.deepEqual(await contents(late), await contents(early));
  });

  test('feeds a removed read model no more, and the others still', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const [stays, leaves] = [await load('stays'), await load('leaves')];
    const { projector, watch } = start();
    projector.start();
    await Promise.all([projector.add(stays), projector.add(leaves)]);
    const first = await note(store, 'box-1', added('milk', 1));
    await watch.reached(first, stays, leaves);
    projector.remove(leaves);
    await watch.reached(await note(store, 'box-1', added('milk', 2)), stays);
    assert.equal((await contents(leaves)).checkpoint?.position, first);
  });

  test('moves every checkpoint, rows or not', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const fed = await load('a');
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    await watch.reached(await note(store, 'note-1', noted('of another family')), fed);
    assert.deepEqual(await rowsOf(fed), []);
  });

  test('remembers nothing that others write into the same log: it may go away again', LIVE, async t => {
    const { store, load, projector: start } = stage(t);
    const fed = await load('a');
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    await watch.reached(await note(store, 'box-1', added('milk', 1)), fed);
    const before = (await contents(fed)).checkpoint?.last;
    await watch.reached(await note(store, 'price-1', noted('of another program')), fed);
    assert.equal(before?.stream, 'box-1');
    assert.deepEqual((await contents(fed)).checkpoint?.last, before);
  });
});

describe('a read model whose store is away', () => {
  test('leaves, while the others go on, and comes back without a gap', LIVE, async t => {
    const { store, load, loadFaulty, projector: start } = stage(t);
    const good = await load('good');
    const { fed, model } = await loadFaulty('faulty');
    const { projector, watch } = start();
    projector.start();
    await Promise.all([projector.add(good), projector.add(fed)]);
    await watch.reached(await note(store, 'box-1', added('milk', 1)), good, fed);
    const before = await contents(fed);

    model.fault = away;
    await watch.reached(await note(store, 'box-1', added('milk', 2), spoiled('tofu')), good);
    await watch.reached(await note(store, 'box-1', added('tofu', 3)), good);
    assert.equal(fed.live, false);
    assert.deepEqual(await contents(fed), before);

    model.fault = () => {};
    await watch.reached(await note(store, 'box-1', added('rice', 4)), good, fed);
    assert.deepEqual(await contents(fed), await contents(good));
    await watch.reached(await note(store, 'box-1', added('rice', 5)), good, fed);
    assert.deepEqual(await contents(fed), await contents(good));
    assert.deepEqual(watch.stops, []);
  });

  test('is told to be away, and to be back, though nothing is appended', LIVE, async t => {
    const { store, loadFaulty, projector: start } = stage(t);
    const { fed, model } = await loadFaulty('faulty');
    const { projector, watch } = start();
    const status = () => watch.status.get('faulty');
    projector.start();
    await projector.add(fed);
    assert.deepEqual(status(), { live: true, position: 0 });
    const first = await note(store, 'box-1', added('milk', 1));
    await watch.reached(first, fed);
    assert.deepEqual(status(), { live: true, position: first });

    model.fault = away;
    const second = await note(store, 'box-1', added('milk', 2));
    await watch.until(() => status()?.live === false);
    assert.deepEqual(status(), { live: false, position: first });

    model.fault = () => {};
    await watch.until(() => status()?.live === true);
    assert.deepEqual(status(), { live: true, position: second });
  });

  test('goes on from what was written, also where the answer got lost', LIVE, async t => {
    const { store, load, loadFaulty, projector: start } = stage(t);
    const good = await load('good');
    const { fed, model } = await loadFaulty('faulty');
    const { projector, watch } = start();
    projector.start();
    await Promise.all([projector.add(good), projector.add(fed)]);
    await watch.reached(await note(store, 'box-1', added('milk', 1), spoiled('tofu')), good, fed);
    for (const facts of [
      [added('milk', 2), spoiled('rice'), added('tofu', 1)],
      [added('milk', 4), added('rice', 1)],
    ]) {
      let lost = 0;
      model.unanswered = () => {
        if (++lost <= 2) away();
      };
      await watch.reached(await note(store, 'box-1', ...facts), good, fed);
      assert.ok(lost > 0);
    }
    assert.deepEqual(watch.stops, []);
    await watch.reached(await note(store, 'box-1', added('milk', 8), added('rice', 1)), good, fed);
    assert.deepEqual(await contents(fed), await contents(good));
    assert.deepEqual(await rowsOf(fed), [{ item: 'milk', total: 15, facts: 4 }]);
  });

  test('may be away from the start', LIVE, async t => {
    const { store, loadFaulty, projector: start } = stage(t);
    const end = await note(store, 'box-1', added('milk', 1));
    const { fed, model } = await loadFaulty('faulty');
    let tries = 0;
    model.fault = () => {
      if (++tries < 3) away();
    };
    const { projector, watch } = start();
    projector.start();
    await projector.add(fed);
    await watch.reached(end, fed);
    assert.equal(tries, 3);
  });

  test('misses nothing of what the follower had in hand when it came back', LIVE, async t => {
    const { store, load, loadFaulty, projector: start, gate: newGate } = stage(t);
    const slow = faultyLog(store);
    const good = await load('good');
    const { fed, model } = await loadFaulty('faulty');
    const { projector, watch } = start(slow);
    projector.start();
    await Promise.all([projector.add(good), projector.add(fed)]);

    const recovering = newGate();
    let commits = 0;
    model.fault = () => (++commits === 1 ? away() : recovering.pass());
    await watch.reached(await note(store, 'box-1', added('milk', 1)), good);
    await recovering.arrived; // its own read has seen the first fact, and no more
    await watch.reached(await note(store, 'box-1', added('milk', 2)), good);
    // As over a network: it is told to stop, and has a batch in hand.
    const inHand = newGate();
    slow.fault = () => inHand.pass();
    const end = await note(store, 'box-1', added('milk', 4));
    await inHand.arrived;
    recovering.open();
    while (!fed.live) await tick();
    inHand.open();
    await watch.reached(end, good, fed);
    assert.deepEqual(await rowsOf(good), [{ item: 'milk', total: 7, facts: 3 }]);
    assert.deepEqual(await rowsOf(fed), await rowsOf(good));
  });

  test('is left alone once it was removed', LIVE, async t => {
    const { store, loadFaulty, projector: start } = stage(t);
    const [removed, other] = [await loadFaulty('removed'), await loadFaulty('other')];
    const { projector } = start();
    projector.start();
    await Promise.all([projector.add(removed.fed), projector.add(other.fed)]);
    const tries = { removed: 0, other: 0 };
    const thrice = Promise.withResolvers<void>();
    removed.model.fault = () => {
      if (++tries.removed === 1) projector.remove(removed.fed);
      away();
    };
    other.model.fault = () => {
      if (++tries.other === 3) thrice.resolve();
      away();
    };
    await note(store, 'box-1', added('milk', 1));
    await thrice.promise;
    assert.deepEqual(tries, { removed: 1, other: 3 });
  });

  test('comes back however often it goes', LIVE, async t => {
    const { store, load, loadFaulty, projector: start } = stage(t);
    const good = await load('good');
    const faulty = [await loadFaulty('b'), await loadFaulty('c')];
    const { projector, watch } = start();
    projector.start();
    await Promise.all([good, ...faulty.map(({ fed }) => fed)].map(fed => projector.add(fed)));
    let commits = 0;
    for (const [n, { model }] of faulty.entries()) {
      model.fault = () => {
        if (++commits % 5 < 2 + n) away();
      };
    }
    let end = 0;
    for (let n = 0; n < 200; n++) {
      end = await note(store, `box-${n % 7}`, added(`item-${n % 13}`, n));
      if (n % 3 === 0) await tick();
    }
    for (const { model } of faulty) model.fault = () => {};
    await watch.reached(end, good, ...faulty.map(({ fed }) => fed));
    for (const { fed } of faulty) assert.deepEqual(await contents(fed), await contents(good));
  });
});
