import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { broken } from '../../core/event-store/broken.ts';
import { cases } from '../../core/event-store/contract.ts';
import { failures } from './testing/judging.ts';

// broken.full.ts checks that no other case rejects a broken store.
describe('the contract suite of the event store', { concurrency: 8 }, () => {
  test('accepts the sound store under the broken ones', async () => assert.deepEqual(await failures(cases.keys()), []));

  for (const { fault, rejectedBy, wrap } of broken) {
    test(`${fault}: rejected by "${rejectedBy}"`, async () =>
      assert.deepEqual(await failures([rejectedBy], wrap), [rejectedBy]));
  }

  test('has no case that accepts every broken store', () => {
    const proven = new Set(broken.map(({ rejectedBy }) => rejectedBy));
    assert.deepEqual(
      [...cases.keys()].filter(title => !proven.has(title)),
      [],
    );
  });
});
