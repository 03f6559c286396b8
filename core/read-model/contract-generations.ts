import assert from 'node:assert/strict';
import { Unavailable } from '../errors.ts';
import { at, built, type Group, put, sample, thing, thingsAt } from './contract-sample.ts';
import type { ReadModels } from './port.ts';

/** A generation whose row, checkpoint and parked key identify it. */
async function labelled(models: ReadModels, projection: typeof sample, generation: number, label: string) {
  const model = await built(models, projection, generation);
  const position = generation + 1;
  const parked = [{ key: label, position, error: 'oops', skipped: generation }];
  await model.commit(put(position, thing('row', { label })), parked, undefined, at(position));
  return model;
}

async function stateOf(models: ReadModels, projection: typeof sample, generation: number) {
  const model = await built(models, projection, generation);
  return {
    position: (await model.checkpoint())?.position,
    labels: (await model.find()).map(({ label }) => label),
    parked: (await model.parked()).map(({ key }) => key),
  };
}

const EMPTY = { position: undefined, labels: [], parked: [] };

export function generationCases({ test, sharing }: Group): void {
  test('generations are independent', async t => {
    const { models } = t;
    await labelled(models, sample, 0, 'zero');
    await labelled(models, sample, 1, 'one');
    assert.deepEqual(await stateOf(models, sample, 0), { position: 1, labels: ['zero'], parked: ['zero'] });
    assert.deepEqual(await stateOf(models, sample, 1), { position: 2, labels: ['one'], parked: ['one'] });
  });

  test('two versions of one projection are independent', async t => {
    const { models } = t;
    const newer = thingsAt(2);
    await labelled(models, sample, 0, 'old');
    await models.serve(sample, 0);
    assert.deepEqual(await stateOf(models, newer, 0), EMPTY);
    assert.equal(await models.served(newer), undefined);

    await labelled(models, newer, 0, 'new');
    await models.serve(newer, 7);
    assert.equal(await models.served(sample), 0);
    await models.drop(newer, 0);
    assert.deepEqual(await stateOf(models, sample, 0), { position: 1, labels: ['old'], parked: ['old'] });
  });

  test('no generation is served until one is chosen', async t => {
    const { models } = t;
    await labelled(models, sample, 0, 'zero');
    assert.equal(await models.served(sample), undefined);
    await models.serve(sample, 0);
    assert.equal(await models.served(sample), 0);
    await models.serve(sample, 3);
    assert.equal(await models.served(sample), 3);
  });

  test('dropping removes rows, checkpoint, parked keys and the pointer, and nothing else', async t => {
    const { models } = t;
    await labelled(models, sample, 0, 'zero');
    await labelled(models, sample, 1, 'one');
    await models.serve(sample, 0);
    await models.drop(sample, 0);
    assert.equal(await models.served(sample), undefined);
    assert.deepEqual(await stateOf(models, sample, 0), EMPTY);
    assert.deepEqual(await stateOf(models, sample, 1), { position: 2, labels: ['one'], parked: ['one'] });
  });

  test('dropping one generation keeps the pointer to another', async t => {
    const { models } = t;
    await labelled(models, sample, 0, 'zero');
    await labelled(models, sample, 1, 'one');
    await models.serve(sample, 1);
    await models.drop(sample, 0);
    assert.equal(await models.served(sample), 1);
  });

  test('checkpoints covers every generation, of other versions and logs too', async t => {
    const { models } = t;
    assert.deepEqual(await models.checkpoints(), []);
    await built(models, sample, 0); // has seen nothing
    await labelled(models, sample, 1, 'one');
    await labelled(models, thingsAt(2), 4, 'newer');
    const elsewhere = { log: 'log-b', position: 9 };
    await (await built(models, thingsAt(3), 0)).commit([], [], undefined, elsewhere);
    await models.serve(sample, 1);
    const byPosition = async () => (await models.checkpoints()).toSorted((a, b) => a.position - b.position);
    assert.deepEqual(await byPosition(), [at(2), at(5), elsewhere]);
    await models.drop(sample, 1);
    assert.deepEqual(await byPosition(), [at(5), elsewhere]);
  });

  test('dropping a missing generation does nothing', async t => {
    const { models } = t;
    await models.drop(sample, 4);
    assert.deepEqual(await stateOf(models, sample, 4), EMPTY);
  });

  test('a dropped generation can be rebuilt', async t => {
    const { models } = t;
    await labelled(models, sample, 0, 'first');
    await models.drop(sample, 0);
    await labelled(models, sample, 0, 'second');
    assert.deepEqual(await stateOf(models, sample, 0), { position: 1, labels: ['second'], parked: ['second'] });
  });

  test('a reader sees one whole generation while another replaces it', async t => {
    const { models } = t;
    const rows = (label: string) => Array.from({ length: 50 }, (_, i) => thing(`row-${i}`, { label }));
    const zero = await built(models, sample, 0);
    await zero.commit(put(1, ...rows('0')), [], undefined, at(1));
    await models.serve(sample, 0);
    const seen: string[] = [];
    let swapped = false;
    const reading = (async () => {
      do {
        const generation = (await models.served(sample))!;
        const found = await (await built(models, sample, generation)).find();
        assert.deepEqual([found.length, ...new Set(found.map(({ label }) => label))], [50, String(generation)]);
        seen.push(String(generation));
        await new Promise(setImmediate);
      } while (!swapped || seen.at(-1) !== '1');
    })();
    const one = await built(models, sample, 1);
    for (let position = 1; position <= 20; position++) {
      const from = position === 1 ? undefined : at(position - 1);
      await one.commit(put(position, ...rows('1')), [], from, at(position));
      await new Promise(setImmediate);
    }
    await models.serve(sample, 1);
    swapped = true;
    await reading;
    assert.deepEqual([...new Set(seen)], ['0', '1']);
  });

  sharing('a served generation is served by every handle', async t => {
    const { models, reopen } = t;
    const other = await reopen();
    await labelled(models, sample, 2, 'two');
    await models.serve(sample, 2);
    assert.equal(await other.served(sample), 2);
    assert.deepEqual(await stateOf(other, sample, 2), { position: 3, labels: ['two'], parked: ['two'] });
  });

  sharing('a generation that another handle dropped can be rebuilt', async t => {
    const { models, reopen } = t;
    const other = await reopen();
    await labelled(models, sample, 0, 'zero');
    await other.drop(sample, 0);
    assert.deepEqual(await stateOf(models, sample, 0), EMPTY);
    await labelled(models, sample, 0, 'again');
    assert.deepEqual(await stateOf(other, sample, 0), { position: 1, labels: ['again'], parked: ['again'] });
  });
  test('a generation that is not built, or was dropped, cannot be opened', async t => {
    const { models } = t;
    await assert.rejects(models.generation(sample, 0), Unavailable);
    await models.build(sample, 0);
    await models.generation(sample, 0);
    await assert.rejects(models.generation(sample, 1), Unavailable);
    await models.drop(sample, 0);
    await assert.rejects(models.generation(sample, 0), Unavailable);
  });

  test('building an existing generation does nothing', async t => {
    const { models } = t;
    await labelled(models, sample, 0, 'zero');
    await models.build(sample, 0);
    assert.deepEqual(await stateOf(models, sample, 0), { position: 1, labels: ['zero'], parked: ['zero'] });
  });

  test('retiring a version drops all its generations, and no others', async t => {
    const { models } = t;
    const alike = { ...sample, name: 'things@1' };
    for (const version of [2, 10, 1]) await labelled(models, thingsAt(version), version, 'row');
    await labelled(models, sample, 5, 'five');
    await labelled(models, alike, 0, 'alike');
    await models.serve(sample, 5);
    await models.serve(thingsAt(2), 2);
    assert.deepEqual(await models.versions('things'), [1, 2, 10]);
    assert.deepEqual(await models.versions('thing'), []);
    await models.retire('things', 1);
    assert.deepEqual(await models.versions('things'), [2, 10]);
    assert.deepEqual([await models.served(sample), await models.served(thingsAt(2))], [undefined, 2]);
    assert.deepEqual(await stateOf(models, thingsAt(10), 10), { position: 11, labels: ['row'], parked: ['row'] });
    assert.deepEqual(await models.versions('things@1'), [1]);
    assert.deepEqual(
      (await models.checkpoints()).map(({ position }) => position).toSorted((a, b) => a - b),
      [1, 3, 11],
    );
    assert.deepEqual(await stateOf(models, sample, 5), EMPTY);
  });
}
