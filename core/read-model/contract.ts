import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Unavailable } from '../errors.ts';
import { changedCases } from './contract-changed.ts';
import { findCases } from './contract-find.ts';
import { generationCases } from './contract-generations.ts';
import {
  at,
  built,
  type ContractOptions,
  filled,
  gone,
  type OpenReadModels,
  opened,
  parkedOf,
  put,
  sample,
  thing,
} from './contract-sample.ts';
import { valueCases } from './contract-values.ts';

/** What every store of read models must do, whichever database is behind it. */
export function readModelContract(name: string, open: OpenReadModels, options: ContractOptions = {}): void {
  describe(`${name}: checkpoint and rows`, () => checkpointCases(open, options));
  describe(`${name}: older facts`, () => guardCases(open));
  describe(`${name}: parked keys`, () => parkedCases(open));
  describe(`${name}: values`, () => valueCases(open, options));
  describe(`${name}: find`, () => findCases(open));
  describe(`${name}: changed`, () => changedCases(open));
  describe(`${name}: generations`, () => generationCases(open, options));
  describe(`${name}: closing`, () => closingCases(open, options));
}

function checkpointCases(open: OpenReadModels, { noReopen = false }: ContractOptions): void {
  test('a new read model has no checkpoint and no rows', async t => {
    const model = await filled(t, open);
    assert.equal(await model.checkpoint(), undefined);
    assert.deepEqual(await model.find(), []);
    assert.equal(await model.count(), 0);
  });

  test('the first commit starts from no checkpoint', async t => {
    const model = await filled(t, open);
    assert.equal(await model.commit(put(3, thing('milk')), [], undefined, at(3)), 'committed');
    assert.deepEqual(await model.checkpoint(), at(3));
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  test('a checkpoint without a last fact has none when it is read', async t => {
    const model = await filled(t, open);
    await model.commit([], [], undefined, { log: 'log-a', position: 3 });
    assert.deepEqual(await model.checkpoint(), { log: 'log-a', position: 3 });
  });

  test('a checkpoint moves without any rows', async t => {
    const model = await filled(t, open, [thing('milk')]);
    assert.equal(await model.commit([], [], at(1), at(50)), 'committed');
    assert.deepEqual(await model.checkpoint(), at(50));
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  for (const [from, title] of [
    [undefined, 'no checkpoint where there is one'],
    [at(0), 'an older checkpoint'],
    [at(2), 'a newer checkpoint'],
    [at(1, 'log-b'), 'the checkpoint of another log'],
    [at(1, 'log-'), 'the checkpoint of a log with a lesser name'],
  ] as const) {
    test(`a commit from ${title} is fenced and writes nothing`, async t => {
      const model = await filled(t, open, [thing('milk')]);
      const parked = [{ key: 'milk', position: 9, error: 'oops', skipped: 0 }];
      const changes = [...put(9, thing('milk', { size: 9 }), thing('tofu')), gone(9, 'milk')];
      assert.equal(await model.commit(changes, parked, from, at(9)), 'fenced');
      assert.deepEqual(await model.checkpoint(), at(1));
      assert.deepEqual(await model.find(), [thing('milk')]);
      assert.deepEqual(await parkedOf(model), []);
    });
  }

  test('a commit from a checkpoint that nobody wrote is fenced', async t => {
    const model = await filled(t, open);
    assert.equal(await model.commit(put(2, thing('milk')), [], at(1), at(2)), 'fenced');
    assert.equal(await model.checkpoint(), undefined);
    assert.deepEqual(await model.find(), []);
  });

  test('of runners that start together one wins', { skip: noReopen }, async t => {
    const { models, reopen } = await opened(t, open);
    const runners = [models, await reopen(), await reopen()];
    const outcomes = await Promise.all(
      runners.map(async (runner, i) =>
        (await built(runner, sample, 0)).commit(put(5, thing(`of-${i}`)), [], undefined, at(5)),
      ),
    );
    assert.deepEqual(outcomes.toSorted(), ['committed', 'fenced', 'fenced']);
    const model = await built(models, sample, 0);
    assert.deepEqual(await model.find(), [thing(`of-${outcomes.indexOf('committed')}`)]);
  });

  test('of two commits from one checkpoint one wins', async t => {
    const model = await filled(t, open, [thing('milk')]);
    const outcomes = await Promise.all([
      model.commit(put(2, thing('a')), [], at(1), at(2)),
      model.commit(put(3, thing('b')), [], at(1), at(3)),
    ]);
    assert.deepEqual(outcomes.toSorted(), ['committed', 'fenced']);
    const won = outcomes[0] === 'committed' ? { row: 'a', position: 2 } : { row: 'b', position: 3 };
    assert.deepEqual(await model.checkpoint(), at(won.position));
    assert.deepEqual(
      (await model.find()).map(({ id }) => id),
      [won.row, 'milk'],
    );
  });

  test('a commit that fails half-way leaves the old rows and checkpoint', async t => {
    const model = await filled(t, open, [thing('milk')]);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const changes = put(2, thing('milk', { size: 2 }), thing('tofu'), thing('last', { extra: circular }));
    await assert.rejects(model.commit(changes, [{ key: 'x', position: 2, error: '', skipped: 0 }], at(1), at(2)));
    assert.deepEqual(await model.checkpoint(), at(1));
    assert.deepEqual(await model.find(), [thing('milk')]);
    assert.deepEqual(await parkedOf(model), []);
    assert.equal(await model.commit(put(2, thing('milk', { size: 2 })), [], at(1), at(2)), 'committed');
  });

  test('what was committed is seen by another handle at once', { skip: noReopen }, async t => {
    const { models, reopen } = await opened(t, open);
    const reader = await built(await reopen(), sample, 0);
    const writer = await built(models, sample, 0);
    await writer.commit(put(1, thing('milk')), [], undefined, at(1));
    assert.deepEqual(await reader.find(), [thing('milk')]);
    assert.deepEqual(await reader.checkpoint(), at(1));
  });
}

function guardCases(open: OpenReadModels): void {
  for (const [older, title] of [
    [4, 'older'],
    [5, 'equal'],
  ] as const) {
    test(`a change at an ${title} position is ignored`, async t => {
      const model = await filled(t, open);
      await model.commit(put(5, thing('milk', { size: 5 })), [], undefined, at(5));
      assert.equal(await model.commit(put(older, thing('milk', { size: 4 })), [], at(5), at(6)), 'committed');
      assert.equal(await model.commit([gone(older, 'milk')], [], at(6), at(7)), 'committed');
      assert.deepEqual(await model.find(), [thing('milk', { size: 5 })]);
      assert.equal((await model.load(['milk'])).get('milk')?.position, 5);
    });
  }

  test('an ignored change does not hold up the others', async t => {
    const model = await filled(t, open);
    await model.commit(put(5, thing('milk', { size: 5 })), [], undefined, at(5));
    await model.commit([...put(4, thing('milk')), ...put(6, thing('tofu'))], [], at(5), at(6));
    assert.deepEqual(await model.find(), [thing('milk', { size: 5 }), thing('tofu')]);
  });

  test('a stale change does not bring a deleted row back', async t => {
    const model = await filled(t, open, [thing('milk')]);
    await model.commit([gone(7, 'milk')], [], at(1), at(7));
    await model.commit(put(6, thing('milk', { size: 6 })), [], at(7), at(8));
    assert.deepEqual(await model.find(), []);
    assert.equal(await model.count(), 0);
    await model.commit(put(9, thing('milk', { size: 9 })), [], at(8), at(9));
    assert.deepEqual(await model.find(), [thing('milk', { size: 9 })]);
  });

  test('load tells deleted rows from those that never were', async t => {
    const model = await filled(t, open, [thing('milk'), thing('tofu')]);
    await model.commit([gone(7, 'milk'), gone(7, 'never')], [], at(1), at(7));
    assert.deepEqual(
      await model.load(['milk', 'tofu', 'never', 'unknown']),
      new Map([
        ['milk', { row: undefined, position: 7 }],
        ['tofu', { row: thing('tofu'), position: 1 }],
        ['never', { row: undefined, position: 7 }],
      ]),
    );
    assert.deepEqual(await model.load([]), new Map());
  });

  test('a row that comes back has nothing of the one before', async t => {
    const model = await filled(t, open, [thing('milk', { label: 'old', fresh: true, extra: [1] })]);
    await model.commit([gone(2, 'milk')], [], at(1), at(2));
    await model.commit(put(3, thing('milk')), [], at(2), at(3));
    assert.deepEqual(await model.find(), [thing('milk')]);
  });
}

function parkedCases(open: OpenReadModels): void {
  const entry = (key: string, skipped = 0) => ({ key, position: 2, error: `Error: it's "${key}"`, skipped });

  test('parked keys are kept, in the order of their keys', async t => {
    const model = await filled(t, open, [thing('milk')]);
    await model.commit([], [entry('tofu'), entry('milk')], at(1), at(2));
    assert.deepEqual(await parkedOf(model), [entry('milk'), entry('tofu')]);
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  test('a parked key counts what was skipped since', async t => {
    const model = await filled(t, open, [thing('milk')]);
    await model.commit([], [entry('tofu'), entry('milk')], at(1), at(2));
    await model.commit([], [entry('tofu', 3)], at(2), at(3));
    await model.commit([], [entry('tofu', 4)], at(3), at(4));
    assert.deepEqual(await parkedOf(model), [entry('milk'), entry('tofu', 4)]);
  });
}

function closingCases(open: OpenReadModels, { noReopen = false }: ContractOptions): void {
  test('closing twice is as good as once', async t => {
    const { models } = await opened(t, open);
    await models.close();
    await models.close();
  });

  test('what is asked of a closed store is Unavailable', async t => {
    const { models } = await opened(t, open);
    const model = await built(models, sample, 0);
    await models.close();
    for (const ask of [
      () => models.generation(sample, 0),
      () => models.served(sample),
      () => models.serve(sample, 0),
      () => models.drop(sample, 0),
      () => model.checkpoint(),
      () => model.load(['milk']),
      () => model.commit([], [], undefined, at(1)),
      () => model.parked(),
      () => model.find(),
      () => model.count(),
      () => model.changed(0, 1),
    ]) {
      await assert.rejects(ask, Unavailable, String(ask));
    }
  });

  test('closing one handle leaves the other open', { skip: noReopen }, async t => {
    const { models, reopen } = await opened(t, open);
    const other = await reopen();
    await (await built(models, sample, 0)).commit(put(1, thing('milk')), [], undefined, at(1));
    await models.close();
    assert.deepEqual(await (await built(other, sample, 0)).find(), [thing('milk')]);
  });
}
