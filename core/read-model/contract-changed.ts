import assert from 'node:assert/strict';
import fc from 'fast-check';
import { at, built, filled, type Group, gone, put, sample, type Thing, thing } from './contract-sample.ts';
import { Behind, type Change, type ReadModel } from './port.ts';

export function changedCases({ test, property }: Group): void {
  test('an empty read model has no changes', async t => {
    const model = await filled(t);
    assert.deepEqual(await model.changed(0, 10), []);
  });

  test('changed rows are sorted by position, tombstones included', async t => {
    const model = await filled(t, [thing('a'), thing('b'), thing('c')]);
    await model.commit([gone(4, 'a'), ...put(3, thing('b', { size: 3 }))], [], at(1), at(4));
    const all = [...put(1, thing('c')), ...put(3, thing('b', { size: 3 })), gone(4, 'a')];
    assert.deepEqual(await model.changed(0, 10), all);
    assert.deepEqual(await model.changed(1, 10), all.slice(1));
    assert.deepEqual(await model.changed(3, 10), all.slice(2));
    assert.deepEqual(await model.changed(4, 10), []);
  });

  test('changes at a position are complete or Behind', async t => {
    const model = await filled(t, [thing('a')]);
    assert.deepEqual(await model.changed(0, 10, 1), put(1, thing('a')));
    await assert.rejects(model.changed(0, 10, 2), Behind);
  });

  test('rows of one position are never split between pages', async t => {
    const model = await filled(t, [thing('a'), thing('b'), thing('c')]);
    await model.commit(put(2, thing('d')), [], at(1), at(2));
    assert.deepEqual(await model.changed(0, 1), put(1, thing('a'), thing('b'), thing('c')));
    assert.deepEqual(await model.changed(1, 1), put(2, thing('d')));
  });

  test('a row that changes again is reported again', async t => {
    const model = await filled(t, [thing('a'), thing('b')]);
    await model.commit(put(2, thing('a', { size: 2 })), [], at(1), at(2));
    assert.deepEqual(await model.changed(1, 10), put(2, thing('a', { size: 2 })));
  });

  property('paging from the last position reaches every row once', async t => {
    const { models } = t;
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(anyChanges, fc.integer({ min: 1, max: 6 }), async (changes, limit) => {
        const model = await built(models, sample, ++generation);
        await model.commit(changes, [], undefined, at(100));
        const expected = changes.toSorted((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1));
        assert.deepEqual(await walk(model, limit), expected);
        await models.drop(sample, generation);
      }),
      { seed: 20260310, numRuns: 100 },
    );
  });
}

async function walk(model: ReadModel<Thing>, limit: number): Promise<Change<Thing>[]> {
  const all: Change<Thing>[] = [];
  for (;;) {
    const page = await model.changed(all.at(-1)?.position ?? 0, limit);
    all.push(...page);
    if (page.length < limit) return all;
    assert.ok(all.length <= 100, 'the pages do not end');
  }
}

const anyChanges = fc
  .array(fc.record({ position: fc.integer({ min: 1, max: 12 }), deleted: fc.boolean() }), { maxLength: 30 })
  .map(list =>
    list.map(({ position, deleted }, i) => {
      const key = `key-${String(i).padStart(2, '0')}`;
      return { key, position, row: deleted ? undefined : thing(key, { rank: position }) };
    }),
  );
