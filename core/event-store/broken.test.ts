import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { broken } from './broken.ts';
import { inFile, inMemory, type Wrap } from './contract/open-sqlite.ts';
import { cases } from './contract.ts';

/** The titles of the cases that a store fails. In memory where a case can be run there: files are slow. */
async function failures(wrap?: Wrap): Promise<string[]> {
  const failed: string[] = [];
  for (const [title, run] of cases) {
    try {
      const skipped = await run(() => inMemory(wrap));
      if (skipped) await run(() => inFile(wrap));
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

describe('the contract suite of the event store', { concurrency: 8 }, () => {
  test('accepts the store that the broken ones are made of', async () => assert.deepEqual(await failures(), []));

  for (const { fault, rejectedBy, wrap } of broken) {
    test(`${fault}: rejected by exactly "${rejectedBy}"`, async () =>
      assert.deepEqual(await failures(wrap), [rejectedBy]));
  }

  test('has no case that accepts every broken store', () => {
    const proven = new Set(broken.map(({ rejectedBy }) => rejectedBy));
    assert.deepEqual(
      [...cases.keys()].filter(title => !proven.has(title)),
      [],
    );
  });
});
