import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failures } from '../../core/read-model/broken/judging.ts';
import { broken } from '../../core/read-model/broken.ts';
import { cases } from '../../core/read-model/contract.ts';

describe('the contract suite of the read models', () => {
  for (const { fault, rejectedBy, make } of broken) {
    test(`${fault}: rejected by exactly "${rejectedBy}"`, async () =>
      assert.deepEqual(await failures(cases, make), [rejectedBy]));
  }
});
