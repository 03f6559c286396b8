import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { action, given } from '../../core/testing/given.ts';
import { consumed, corrected, opened, restored, stored, storedPickles, undone } from '../../events/testing.ts';
import type { FridgeCommand } from './fridge.decider.ts';
import { MOST_PRESENT } from './room.ts';
import { decider } from './testing.ts';

/** Jars in a fridge, `jar-1` the first. */
const jars = (count: number) => Array.from({ length: count }, (_, i) => storedPickles(`jar-${i + 1}`));
const holding = (count: number) => given(decider, opened(), action({ commandId: 'bought' }, ...jars(count)));
const put = (count: number): FridgeCommand => ({
  do: 'store',
  listed: true,
  items: Array.from({ length: count }, (_, i) => ({ name: `thing ${i}` })),
});
const cook = (deductions: readonly string[], leftovers: number): FridgeCommand => ({
  do: 'cook',
  ...{ recipeId: 'r1', version: 1, servings: 1 },
  deductions: deductions.map(ingredientId => ({ ingredientId, amount: 2 })),
  leftovers: Array.from({ length: leftovers }, () => ({ name: 'stew' })),
});
const undo = (actionId: string): FridgeCommand => ({ do: 'undo', actionId });
const full = holding(MOST_PRESENT);
const data = { limit: MOST_PRESENT, present: MOST_PRESENT };
const has = (outcome: ReturnType<typeof full.when>): [string | undefined, number] => [
  outcome.refusal?.code,
  outcome.state.present.size,
];

describe('a full fridge', () => {
  test('takes the last ingredient that fits, and no more', () => {
    const nearly = holding(MOST_PRESENT - 2);
    assert.deepEqual(has(nearly.when(put(2))), [undefined, MOST_PRESENT]);
    nearly.when(put(3)).thenRefuses('fridge-full', { limit: MOST_PRESENT, present: MOST_PRESENT - 2 });
    full.when(put(1)).thenRefuses('fridge-full', data);
    full.when({ do: 'store', items: [{ name: 'one more' }] }).thenRefuses('fridge-full', data);
  });

  test('has room again where something was used up', () => {
    const used = full.when({ do: 'consume', ingredientId: 'jar-1' });
    assert.deepEqual(has(used.when(put(1))), [undefined, MOST_PRESENT]);
    used.when(put(2)).thenRefuses('fridge-full', { limit: MOST_PRESENT, present: MOST_PRESENT - 1 });
  });

  test('has room for leftovers in place of what the cooking uses up', () => {
    assert.deepEqual(has(full.when(cook(['jar-1', 'jar-2'], 2))), [undefined, MOST_PRESENT]);
    full.when(cook(['jar-1', 'jar-2'], 3)).thenRefuses('fridge-full', data);
    full.when(cook([], 1)).thenRefuses('fridge-full', data);
  });

  test('has no room for what a correction brings back', () => {
    const used = full.when({ do: 'consume', ingredientId: 'jar-1' }).when(put(1));
    used.when({ do: 'correct', ingredientId: 'jar-1', patch: { amount: 1 } }).thenRefuses('fridge-full', data);
    const kept = used.when({ do: 'correct', ingredientId: 'jar-2', patch: { amount: 7 } });
    assert.deepEqual(has(kept), [undefined, MOST_PRESENT]);
  });

  test('gives back what the last action took, and takes it again', () => {
    const used = full.when({ do: 'discard', ingredientId: 'jar-1', reason: 'spoiled' }, { commandId: 'thrown' });
    const back = used.when(undo('thrown'), { commandId: 'back' });
    assert.deepEqual(has(back), [undefined, MOST_PRESENT]);
    assert.deepEqual(has(back.when(undo('back'))), [undefined, MOST_PRESENT - 1]);
  });

  test('gives back what a cooking used up, and takes away what it left over', () => {
    const cooked = full.when(cook(['jar-1', 'jar-2'], 2), { commandId: 'cooked' });
    const back = cooked.when(undo('cooked'));
    assert.deepEqual(has(back), [undefined, MOST_PRESENT]);
    assert.ok(back.state.present.has('jar-1') && back.state.present.has('jar-2'));
  });

  test('a storing that was undone comes back', () => {
    const back = full.when(undo('bought'), { commandId: 'undone' });
    assert.deepEqual(has(back), [undefined, 0]);
    assert.deepEqual(has(back.when(undo('undone'))), [undefined, MOST_PRESENT]);
  });
});

describe('a fridge that holds more than the limit, from a release without one', () => {
  const over = holding(MOST_PRESENT + 3);

  test('may change and shrink, but not grow', () => {
    assert.deepEqual(has(over.when({ do: 'consume', ingredientId: 'jar-1' })), [undefined, MOST_PRESENT + 2]);
    assert.deepEqual(has(over.when(cook(['jar-1'], 1))), [undefined, MOST_PRESENT + 3]);
    over.when(cook([], 1)).thenRefuses('fridge-full', { limit: MOST_PRESENT, present: MOST_PRESENT + 3 });
  });
});

test('what is present is known of every kind of fact', () => {
  const present = (...facts: Parameters<typeof action>[1][]) => [
    ...given(decider, opened(), stored('milk-1'), stored('milk-2'), ...(facts as never[])).state.present,
  ];
  assert.deepEqual(present(), ['milk-1', 'milk-2']);
  assert.deepEqual(present(consumed('milk-1', 300_000, 700_000)), ['milk-1', 'milk-2']);
  assert.deepEqual(present(consumed('milk-1', 1_000_000, 0)), ['milk-2']);
  assert.deepEqual(present(corrected('milk-1', { amount: 0 })), ['milk-2']);
  assert.deepEqual(present(corrected('milk-1', { amount: 0 }), corrected('milk-1', { amount: 5 })), [
    'milk-2',
    'milk-1',
  ]);
  assert.deepEqual(present(undone('action-1'), restored('milk-1', 'action-1', { voided: true })), ['milk-2']);
  assert.deepEqual(
    present(restored('milk-1', 'action-1', { voided: true }), restored('milk-1', 'action-3', { voided: null })),
    ['milk-2', 'milk-1'],
  );
});
