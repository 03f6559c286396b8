import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { catchUp } from './projector.ts';
import { openSubscriber } from './subscriber.ts';
import { added, contents, emptied, LOG, moved, note, spoiled, totals } from './testing/projector-sample.ts';
import { LIVE, stage } from './testing/projector-stage.ts';

const VIEWS = ['a', 'b', 'c', 'd'];
const ITEMS = ['milk', 'tofu', 'rice'];

for (let seed = 1; seed <= 5; seed++) {
  test(`two projectors on the same views stop neither each other nor a view (seed ${seed})`, LIVE, async t => {
    const { store, openLog, openViews, loadFaultyFrom, projector: start } = stage(t);
    const numbers = fc.sample(fc.nat(), { seed, numRuns: 1000 });
    let used = 0;
    const pick = (count: number) => numbers[used++ % numbers.length]! % count;
    const sides = await Promise.all(
      [0, 1].map(async () => {
        const log = openLog();
        const models = openViews();
        const { projector, watch } = start(log);
        projector.start();
        const subscribers = await Promise.all(
          VIEWS.map(async name => {
            const { fed, model } = await loadFaultyFrom(log, models, name);
            model.fault = () => setTimeout(pick(6)).then(() => {});
            model.unanswered = () => setTimeout(pick(6)).then(() => {});
            await projector.add(fed);
            return fed;
          }),
        );
        return { subscribers, watch };
      }),
    );
    let last = 0;
    for (let round = 0; round < 40; round++) {
      const [item, other] = [ITEMS[pick(3)]!, ITEMS[pick(3)]!];
      const fact = [added(item, 1), added(other, 2), moved(item, other, 1), emptied(item)][pick(4)]!;
      last = await note(store, `box-${pick(2)}`, round === 30 ? spoiled(item) : fact);
      if (pick(3) === 0) await setTimeout(pick(8));
    }
    for (const { subscribers, watch } of sides) {
      await watch.reached(last, ...subscribers);
      assert.deepEqual([watch.stops, watch.parkings.length <= VIEWS.length], [[], true]);
    }
    const fresh = await openSubscriber(store, openViews(), LOG, totals('fresh'), 0);
    await catchUp(store, LOG, fresh, { onError: 'park' });
    const expected = await contents(fresh);
    for (const fed of sides[0]!.subscribers) assert.deepEqual(await contents(fed), expected);
  });
}

test('a fenced view does not block the others', LIVE, async t => {
  const { store, openViews, load, loadFaulty, projector: start, gate: newGate } = stage(t);
  const good = await load('good');
  const { fed, model } = await loadFaulty('fenced');
  const { projector, watch } = start();
  projector.start();
  await Promise.all([projector.add(good), projector.add(fed)]);
  const gate = newGate();
  model.fault = () => gate.pass();
  const first = await note(store, 'box-1', added('milk', 1));
  await gate.arrived;
  // Another projector is repeatedly faster with this one view.
  const other = await openSubscriber(store, openViews(), LOG, totals('fenced'), 0);
  await catchUp(store, LOG, other, { onError: 'park' });
  model.fault = () => catchUp(store, LOG, other, { onError: 'park' });
  gate.open();
  await watch.reached(first, good, fed);
  for (let n = 0; n < 3; n++) await watch.reached(await note(store, 'box-1', added('milk', 1)), good, fed);
  assert.deepEqual([watch.stops, good.live], [[], true]);
  assert.deepEqual(await contents(fed), await contents(good));
});
