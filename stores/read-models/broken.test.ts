import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failures } from '../../core/read-model/broken/judging.ts';
import { broken, rowsFirst } from '../../core/read-model/broken.ts';
import { cases, properties } from '../../core/read-model/contract.ts';

// broken.full.ts checks that no other case rejects a broken store.
describe('the contract suite of the read models', () => {
  test('accepts the sound store under the broken ones', async () =>
    assert.deepEqual(await failures(new Map([...cases, ...properties])), []));

  test('accepts a store that writes rows before it compares the checkpoint', async () =>
    assert.deepEqual(await failures(new Map([...cases, ...properties]), rowsFirst), []));

  for (const { fault, rejectedBy, make } of broken) {
    test(`${fault}: rejected by "${rejectedBy}"`, async () => {
      const run = cases.get(rejectedBy);
      assert.ok(run, 'no case has this title');
      assert.deepEqual(await failures(new Map([[rejectedBy, run]]), make), [rejectedBy]);
    });
  }
});
