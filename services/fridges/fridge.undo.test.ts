import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { action, given } from '../../core/testing/given.ts';
import type { Effect } from '../../events/fridge.ts';
import {
  consumed,
  corrected,
  discarded,
  opened,
  restored,
  stored,
  storedPickles,
  TODAY,
  undone,
} from '../../events/testing.ts';
import type { FridgeCommand } from './fridge.decider.ts';
import type { Ingredient, outcomeOf } from './fridge.state.ts';
import { decider } from './testing.ts';

const undo = (actionId: string): FridgeCommand => ({ do: 'undo', actionId });
const drunk: Effect = {
  ...{ of: 2, kind: 'consumed', foodId: 'milk', amount: 300_000, base: 'ml' },
  ...{ date: TODAY, member: 'mina', sign: -1 },
};
const spoilt: Effect = { ...drunk, kind: 'discarded', value: 894 };
const again = (effect: Effect): Effect => ({ ...effect, sign: 1 });

const storedOne = given(decider, opened(), action({ commandId: 'bought' }, stored('milk-1')));
const consumedSome = given(
  decider,
  opened(),
  stored('milk-1'),
  action({ commandId: 'drunk' }, consumed('milk-1', 300_000, 700_000)),
);
const discardedSome = given(
  decider,
  opened(),
  stored('milk-1', { price: 2980 }),
  action({ commandId: 'spoilt' }, discarded('milk-1', 300_000, 700_000, { value: 894 })),
);
const correctedSome = given(
  decider,
  opened(),
  stored('milk-1'),
  action({ commandId: 'typo' }, corrected('milk-1', { amount: 900_000, bought: 900_000, price: 2980, dueDate: null })),
);

describe('undoing the last action', () => {
  test('a storing: it was never there', () =>
    storedOne.when(undo('bought')).then([undone('bought'), restored('milk-1', 'bought', { voided: true })]));

  test('a storing of several: none of them was ever there', () =>
    given(
      decider,
      opened(),
      stored('milk-1'),
      action({ commandId: 'shopping' }, stored('milk-2'), storedPickles('pickles-1')),
    )
      .when(undo('shopping'))
      .then([
        undone('shopping'),
        restored('milk-2', 'shopping', { voided: true }),
        restored('pickles-1', 'shopping', { voided: true }),
      ]));

  test('a consumption: the amount is back, and out of the reports', () =>
    consumedSome
      .when(undo('drunk'))
      .then([undone('drunk'), restored('milk-1', 'drunk', { amount: 1_000_000 }, [drunk])]));

  test('a discard: the value is out of the reports too', () =>
    discardedSome
      .when(undo('spoilt'))
      .then([undone('spoilt'), restored('milk-1', 'spoilt', { amount: 1_000_000 }, [spoilt])]));

  test('a consumption of what no catalogue knows, by nobody in particular', () =>
    given(
      decider,
      opened(),
      storedPickles('pickles-1'),
      action({ commandId: 'eaten', actor: undefined }, consumed('pickles-1', 1000, 1000)),
    )
      .when(undo('eaten'))
      .then([
        undone('eaten'),
        restored('pickles-1', 'eaten', { amount: 2000 }, [
          { of: 2, kind: 'consumed', amount: 1000, base: 'piece', date: TODAY, sign: -1 },
        ]),
      ]));

  test('a correction: the fields are as they were, or gone again', () =>
    correctedSome
      .when(undo('typo'))
      .then([
        undone('typo'),
        restored('milk-1', 'typo', { amount: 1_000_000, bought: 1_000_000, price: null, dueDate: '2026-03-17' }),
      ]));

  test('an action on several ingredients, in one go', () =>
    given(
      decider,
      opened(),
      stored('milk-1'),
      stored('milk-2'),
      action({ commandId: 'latte' }, consumed('milk-1', 1_000_000, 0), consumed('milk-2', 100_000, 900_000)),
    )
      .when(undo('latte'))
      .then([
        undone('latte'),
        restored('milk-1', 'latte', { amount: 1_000_000 }, [{ ...drunk, of: 3, amount: 1_000_000 }]),
        restored('milk-2', 'latte', { amount: 1_000_000 }, [{ ...drunk, of: 4, amount: 100_000 }]),
      ]));

  test('an action that touched one ingredient twice goes back to before both', () =>
    given(
      decider,
      opened(),
      stored('milk-1'),
      action({ commandId: 'messy' }, consumed('milk-1', 300_000, 700_000), consumed('milk-1', 200_000, 500_000)),
    )
      .when(undo('messy'))
      .then([
        undone('messy'),
        restored('milk-1', 'messy', { amount: 1_000_000 }, [drunk, { ...drunk, of: 3, amount: 200_000 }]),
      ]));
});

describe('undoing an undo', () => {
  test('a storing is there again', () =>
    storedOne
      .when(undo('bought'), { commandId: 'oops' })
      .when(undo('oops'))
      .then([undone('oops'), restored('milk-1', 'oops', { voided: null })]));

  test('a consumption counts again', () =>
    consumedSome
      .when(undo('drunk'), { commandId: 'oops' })
      .when(undo('oops'))
      .then([undone('oops'), restored('milk-1', 'oops', { amount: 700_000 }, [again(drunk)])]));

  test('a discard counts again, with its value', () =>
    discardedSome
      .when(undo('spoilt'), { commandId: 'oops' })
      .when(undo('oops'))
      .then([undone('oops'), restored('milk-1', 'oops', { amount: 700_000 }, [again(spoilt)])]));

  test('a correction is made again', () =>
    correctedSome
      .when(undo('typo'), { commandId: 'oops' })
      .when(undo('oops'))
      .then([
        undone('oops'),
        restored('milk-1', 'oops', { amount: 900_000, bought: 900_000, price: 2980, dueDate: null }),
      ]));

  test('and once more takes it out again', () =>
    consumedSome
      .when(undo('drunk'), { commandId: 'one' })
      .when(undo('one'), { commandId: 'two' })
      .when(undo('two'))
      .then([undone('two'), restored('milk-1', 'two', { amount: 1_000_000 }, [drunk])]));

  test('leaves the ingredients as if nothing had been undone', () => {
    const redone = discardedSome.when(undo('spoilt'), { commandId: 'oops' }).when(undo('oops'));
    const { revision: _then, ...before } = discardedSome.state.ingredients.get('milk-1')!;
    const { revision: _now, ...after } = redone.state.ingredients.get('milk-1')!;
    assert.deepEqual(after, before);
  });
});

describe('what cannot be undone', () => {
  test('an action that is not the last one', () =>
    given(decider, opened(), stored('milk-1'), consumed('milk-1', 1000, 999_000))
      .when(undo('action-1'))
      .thenRefuses('not-last-action'));

  test('an action on another ingredient, with one after it', () =>
    given(decider, opened(), stored('milk-1'), stored('milk-2')).when(undo('action-1')).thenRefuses('not-last-action'));

  test('the same action twice', () =>
    consumedSome.when(undo('drunk')).when(undo('drunk')).thenRefuses('not-last-action'));

  test('an action that never was', () => consumedSome.when(undo('nothing')).thenRefuses('not-last-action'));

  test('the opening of the fridge', () =>
    given(decider, opened()).when(undo('action-0')).thenRefuses('not-last-action'));

  test('a command that was refused', () =>
    consumedSome
      .when({ do: 'consume', ingredientId: 'milk-1', amount: 5000 }, { commandId: 'too-much' })
      .when(undo('too-much'))
      .thenRefuses('not-last-action'));
});

/** What must not compile: a fact that an undo would forget. Not run. */
export const forgetful = [
  // @ts-expect-error a fact says which ingredients it touches, or that it is final
  (() => undefined) satisfies typeof outcomeOf,
  (state: Parameters<typeof outcomeOf>[0], milk: Ingredient) => {
    // @ts-expect-error ingredients change by what a fact says only
    state.ingredients.set(milk.ingredientId, milk);
    // @ts-expect-error so does what is present
    state.present.add(milk.ingredientId);
  },
];
