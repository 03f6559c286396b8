import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { broken } from '../../core/event-store/broken.ts';
import { cases } from '../../core/event-store/contract.ts';
import { failures } from './testing/judging.ts';

describe('the contract suite of the event store', { concurrency: 8 }, () => {
  for (const { fault, rejectedBy, wrap } of broken) {
    test(`${fault}: rejected by exactly "${rejectedBy}"`, async () =>
      assert.deepEqual(await failures(cases.keys(), wrap), [rejectedBy]));
  }
});
