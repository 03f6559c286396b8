import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandIds } from './command-ids.ts';
import { createdId } from './ids.ts';

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => createdId('command', from + n));

test('the newest ids are found with the revision of their first fact', () => {
  const known = new CommandIds(3);
  for (const [revision, id] of ['a', 'b', 'b', 'c'].entries()) known.add(id, revision);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map(id => known.find(id)),
    [0, 1, 3, undefined],
  );
});

test('no older id is ever taken for a new one, in bounded memory', () => {
  const known = new CommandIds(100);
  const [old, recent] = [ids(0, 50_000), ids(50_000, 50_100)];
  for (const [revision, id] of [...old, ...recent].entries()) known.add(id, revision);
  assert.ok(old.every(id => known.find(id) === 'older'));
  assert.deepEqual(
    recent.map(id => known.find(id)),
    recent.map((_, n) => 50_000 + n),
  );
  assert.ok(known.bytes < 300_000, `${known.bytes} bytes`);
});

test('of 100,000 new ids few are taken for older ones', () => {
  const known = new CommandIds(1);
  for (const [revision, id] of ids(0, 100_000).entries()) known.add(id, revision);
  const wrong = ids(100_000, 200_000).filter(id => known.find(id) !== undefined).length;
  assert.ok(wrong < 100, `${wrong} of 100,000`);
});
