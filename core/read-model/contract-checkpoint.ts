import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { at, built, filled, type Group, parkedOf, put, sample, type Thing, thing } from './contract-sample.ts';
import { Behind, type Change, type ReadModel } from './port.ts';

export function checkpointCases({ test, sharing }: Group): void {
  test('a new read model has no checkpoint and no rows', async t => {
    const model = await filled(t);
    assert.equal(await model.checkpoint(), undefined);
    assert.deepEqual(await model.find(), []);
    assert.equal(await model.count(), 0);
  });

  test('the first commit starts from no checkpoint', async t => {
    const model = await filled(t);
    assert.equal(await model.commit(put(3, thing('milk')), [], undefined, at(3)), 'committed');
    assert.deepEqual(await model.checkpoint(), at(3));
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  test('a checkpoint without a last fact is read without one', async t => {
    const model = await filled(t);
    await model.commit([], [], undefined, { log: 'log-a', position: 3 });
    assert.deepEqual(await model.checkpoint(), { log: 'log-a', position: 3 });
  });

  test('a checkpoint moves without any rows', async t => {
    const model = await filled(t, [thing('milk')]);
    assert.equal(await model.commit([], [], at(1), at(50)), 'committed');
    assert.deepEqual(await model.checkpoint(), at(50));
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  for (const [from, title] of [
    [undefined, 'no checkpoint if there is one'],
    [at(0), 'an older checkpoint'],
    [at(2), 'a newer checkpoint'],
    [at(1, 'log-b'), 'the checkpoint of another log'],
    [at(1, 'log-'), 'the checkpoint of a log with a shorter name'],
  ] as const) {
    test(`a commit from ${title} is fenced`, async t => {
      const model = await filled(t, [thing('milk')]);
      const parked = [{ key: 'milk', position: 9, error: 'oops', skipped: 0 }];
      const changes = put(9, thing('milk', { size: 9 }), thing('tofu'));
      assert.equal(await model.commit(changes, parked, from, at(9)), 'fenced');
      assert.deepEqual(await model.checkpoint(), at(1));
      await assertAhead(model, [thing('milk')], changes);
      assert.deepEqual(await parkedOf(model), []);
    });
  }

  test('a commit from a checkpoint that was never written is fenced', async t => {
    const model = await filled(t);
    assert.equal(await model.commit(put(2, thing('milk')), [], at(1), at(2)), 'fenced');
    assert.equal(await model.checkpoint(), undefined);
  });

  sharing('of concurrent first commits one wins', async t => {
    const { models, reopen } = t;
    const runners = [models, await reopen(), await reopen()];
    const outcomes = await Promise.all(
      runners.map(async (runner, i) =>
        (await built(runner, sample, 0)).commit(put(5, thing(`of-${i}`)), [], undefined, at(5)),
      ),
    );
    assert.deepEqual(outcomes.toSorted(), ['committed', 'fenced', 'fenced']);
    // A fenced commit may still write rows.
    const won = `of-${outcomes.indexOf('committed')}`;
    assert.deepEqual((await (await built(models, sample, 0)).load([won])).get(won)?.row, thing(won));
  });

  test('of two commits from one checkpoint one wins', async t => {
    const model = await filled(t, [thing('milk')]);
    const outcomes = await Promise.all([
      model.commit(put(2, thing('a')), [], at(1), at(2)),
      model.commit(put(3, thing('b')), [], at(1), at(3)),
    ]);
    assert.deepEqual(outcomes.toSorted(), ['committed', 'fenced']);
    const won = outcomes[0] === 'committed' ? { row: 'a', position: 2 } : { row: 'b', position: 3 };
    assert.deepEqual(await model.checkpoint(), at(won.position));
    assert.equal((await model.load([won.row])).get(won.row)?.position, won.position);
  });

  test('a commit that fails half-way keeps the old rows and checkpoint', async t => {
    const model = await filled(t, [thing('milk')]);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const changes = put(2, thing('milk', { size: 2 }), thing('tofu'), thing('last', { extra: circular }));
    await assert.rejects(model.commit(changes, [{ key: 'x', position: 2, error: '', skipped: 0 }], at(1), at(2)));
    assert.deepEqual(await model.checkpoint(), at(1));
    await assertAhead(model, [thing('milk')], changes.slice(0, 2));
    assert.deepEqual(await parkedOf(model), []);
    assert.equal(await model.commit(put(2, thing('milk', { size: 2 })), [], at(1), at(2)), 'committed');
  });

  test('a fenced commit overwrites no newer row', async t => {
    const model = await filled(t);
    await model.commit(put(5, thing('milk', { size: 5 })), [], undefined, at(5));
    assert.equal(await model.commit(put(4, thing('milk', { size: 4 })), [], at(3), at(4)), 'fenced');
    assert.deepEqual(await model.find(), [thing('milk', { size: 5 })]);
  });

  test('a load requires the position that it names', async t => {
    const model = await filled(t, [thing('milk')]);
    assert.equal((await model.load(['milk'], 1)).size, 1);
    await assert.rejects(model.load(['milk'], 2), Behind);
  });

  test('find requires the position that it names', async t => {
    const model = await filled(t, [thing('milk')]);
    assert.deepEqual(await model.find({ atLeast: 1 }), [thing('milk')]);
    await assert.rejects(model.find({ atLeast: 2 }), Behind);
    await assert.rejects((await built(t.models, sample, 1)).find({ atLeast: 1 }), Behind);
  });

  test('a count at a position is exact or Behind', async t => {
    const model = await filled(t, [thing('milk')]);
    assert.equal(await model.count({}, 1), 1);
    await assert.rejects(model.count({}, 2), Behind);
  });

  sharing('a commit is visible to another handle at once', async t => {
    const { models, reopen } = t;
    const reader = await built(await reopen(), sample, 0);
    const writer = await built(models, sample, 0);
    await writer.commit(put(1, thing('milk')), [], undefined, at(1));
    assert.deepEqual(await reader.find(), [thing('milk')]);
    assert.deepEqual(await reader.checkpoint(), at(1));
  });
}

/** Asserts that each row is unchanged or as the failed commit would have it: rows may be ahead of the checkpoint. */
async function assertAhead(model: ReadModel<Thing>, before: readonly Thing[], changes: readonly Change<Thing>[]) {
  for (const row of await model.find()) {
    const allowed = [...before, ...changes.map(change => change.row)].filter(one => one?.id === row.id);
    assert.ok(
      allowed.some(one => isDeepStrictEqual(one, row)),
      `${row.id} is neither unchanged nor as committed`,
    );
  }
}
