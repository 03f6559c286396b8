import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Unavailable } from '../errors.ts';
import { changedCases } from './contract-changed.ts';
import { checkpointCases } from './contract-checkpoint.ts';
import { findCases } from './contract-find.ts';
import { generationCases } from './contract-generations.ts';
import {
  at,
  built,
  filled,
  type Group,
  gone,
  type OpenedReadModels,
  type OpenReadModels,
  parkedOf,
  put,
  sample,
  thing,
} from './contract-sample.ts';
import { valueCases } from './contract-values.ts';

/**
 * Runs a case on a store of its own and closes it.
 * @returns why it cannot be run on that store, if so
 * @throws what the case found wrong
 */
export type Run = (open: OpenReadModels) => Promise<string | undefined>;

const groups: Readonly<Record<string, (group: Group) => void>> = {
  'checkpoint and rows': checkpointCases,
  'older facts': guardCases,
  'parked keys': parkedCases,
  values: valueCases,
  find: findCases,
  changed: changedCases,
  generations: generationCases,
  leases: leaseCases,
  closing: closingCases,
};

/** What the port promises, by title. Each rule has one case, so that a broken store is rejected by that case alone. */
export const cases = new Map<string, Run>();
/** The same rules on random rows and questions: these find what nobody thought of, and overlap with all cases. */
export const properties = new Map<string, Run>();

const running =
  (run: (store: Required<OpenedReadModels>) => Promise<void>, needsTwo = false): Run =>
  async open => {
    const store = await open();
    try {
      if (needsTwo && !store.reopen) return 'needs a second handle, and this store has only one';
      await run(store as Required<OpenedReadModels>);
      return undefined;
    } finally {
      await store.close();
    }
  };

for (const [name, register] of Object.entries(groups)) {
  register({
    test: (title, run) => cases.set(`${name}: ${title}`, running(run)),
    sharing: (title, run) => cases.set(`${name}: ${title}`, running(run, true)),
    property: (title, run) => properties.set(`${name}: ${title}`, running(run)),
  });
}

/** Registers every case and property for a store. `open` gives each an empty one. */
export function readModelContract(name: string, open: OpenReadModels): void {
  describe(name, () => {
    for (const [title, run] of [...cases, ...properties]) {
      test(title, async t => {
        const reason = await run(open);
        if (reason) t.skip(reason);
      });
    }
  });
}

function guardCases({ test }: Group): void {
  for (const [older, title] of [
    [4, 'older'],
    [5, 'equal'],
  ] as const) {
    test(`a change at an ${title} position is ignored`, async t => {
      const model = await filled(t);
      await model.commit(put(5, thing('milk', { size: 5 })), [], undefined, at(5));
      assert.equal(await model.commit(put(older, thing('milk', { size: 4 })), [], at(5), at(6)), 'committed');
      assert.equal(await model.commit([gone(older, 'milk')], [], at(6), at(7)), 'committed');
      assert.deepEqual(await model.find(), [thing('milk', { size: 5 })]);
      assert.equal((await model.load(['milk'])).get('milk')?.position, 5);
    });
  }

  test('an ignored change does not hold up the others', async t => {
    const model = await filled(t);
    await model.commit(put(5, thing('milk', { size: 5 })), [], undefined, at(5));
    await model.commit([...put(4, thing('milk')), ...put(6, thing('tofu'))], [], at(5), at(6));
    assert.deepEqual((await model.load(['tofu'])).get('tofu'), { row: thing('tofu'), position: 6 });
  });

  test('a stale change does not bring a deleted row back', async t => {
    const model = await filled(t, [thing('milk')]);
    await model.commit([gone(7, 'milk')], [], at(1), at(7));
    await model.commit(put(6, thing('milk', { size: 6 })), [], at(7), at(8));
    assert.deepEqual(await model.find(), []);
    assert.equal(await model.count(), 0);
    await model.commit(put(9, thing('milk', { size: 9 })), [], at(8), at(9));
    assert.deepEqual(await model.find(), [thing('milk', { size: 9 })]);
  });

  test('load tells deleted rows from those that never were', async t => {
    const model = await filled(t, [thing('milk'), thing('tofu')]);
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
    const model = await filled(t, [thing('milk', { label: 'old', fresh: true, extra: [1] })]);
    await model.commit([gone(2, 'milk')], [], at(1), at(2));
    await model.commit(put(3, thing('milk')), [], at(2), at(3));
    assert.deepEqual(await model.find(), [thing('milk')]);
  });
}

function leaseCases({ test }: Group): void {
  const leaseOf = (holder: string | undefined, renewals: number, challenged = false) => ({
    holder,
    renewals,
    challenged,
  });

  test('a lease that nobody took is not there, and is taken once', async ({ models }) => {
    assert.equal(await models.lease('a'), undefined);
    assert.equal(await models.swapLease('a', undefined, leaseOf('one', 1)), true);
    assert.equal(await models.swapLease('a', undefined, leaseOf('two', 1)), false);
    assert.deepEqual([await models.lease('a'), await models.lease('b')], [leaseOf('one', 1), undefined]);
  });

  for (const [what, from] of [
    ['holder', leaseOf('two', 1)],
    ['renewals', leaseOf('one', 0)],
    ['challenge', leaseOf('one', 1, true)],
  ] as const) {
    test(`a lease is not swapped from another ${what}`, async ({ models }) => {
      await models.swapLease('a', undefined, leaseOf('one', 1));
      assert.equal(await models.swapLease('a', from, leaseOf('three', 2)), false);
      assert.deepEqual(await models.lease('a'), leaseOf('one', 1));
    });
  }

  test('a lease that was released is taken again', async ({ models }) => {
    await models.swapLease('a', undefined, leaseOf('one', 1, true));
    assert.equal(await models.swapLease('a', leaseOf('one', 1, true), leaseOf(undefined, 2)), true);
    assert.deepEqual(await models.lease('a'), leaseOf(undefined, 2));
    assert.equal(await models.swapLease('a', leaseOf(undefined, 2), leaseOf('two', 3)), true);
    assert.deepEqual(await models.lease('a'), leaseOf('two', 3));
  });
}

function parkedCases({ test }: Group): void {
  const entry = (key: string, skipped = 0) => ({ key, position: 2, error: `Error: it's "${key}"`, skipped });

  test('parked keys are kept, in the order of their keys', async t => {
    const model = await filled(t, [thing('milk')]);
    await model.commit([], [entry('tofu'), entry('milk')], at(1), at(2));
    assert.deepEqual(await parkedOf(model), [entry('milk'), entry('tofu')]);
    assert.deepEqual(await model.find(), [thing('milk')]);
  });

  test('a parked key counts what was skipped since', async t => {
    const model = await filled(t, [thing('milk')]);
    await model.commit([], [entry('tofu'), entry('milk')], at(1), at(2));
    await model.commit([], [entry('tofu', 3)], at(2), at(3));
    await model.commit([], [entry('tofu', 4)], at(3), at(4));
    assert.deepEqual(await parkedOf(model), [entry('milk'), entry('tofu', 4)]);
  });
}

function closingCases({ test, sharing }: Group): void {
  test('closing twice is as good as once', async t => {
    const { models } = t;
    await models.close();
    await models.close();
  });

  test('what is asked of a closed store is Unavailable', async t => {
    const { models } = t;
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

  sharing('closing one handle leaves the other open', async t => {
    const { models, reopen } = t;
    const other = await reopen();
    await (await built(models, sample, 0)).commit(put(1, thing('milk')), [], undefined, at(1));
    await models.close();
    assert.deepEqual(await (await built(other, sample, 0)).find(), [thing('milk')]);
  });
}
