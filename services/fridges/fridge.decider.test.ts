import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createdId } from '../../core/ids.ts';
import { action, envelope, given } from '../../core/testing/given.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { addDays } from '../../domain/dates.ts';
import type { Given } from '../../events/fridge.ts';
import { opened, stored, TODAY } from '../../events/testing.ts';
import { DUE_SOON_DAYS, type FridgeCommand } from './fridge.decider.ts';
import { emptyFridge } from './fridge.state.ts';
import type { NewIngredient } from './stock.ts';
import { decider } from './testing.ts';

const store = (...items: NewIngredient[]): FridgeCommand => ({ do: 'store', items });
const id = (index = 0) => createdId('command-1', index);
const pickles = { name: '할머니표 비밀반찬', base: 'piece', unit: 'piece', perUnit: 1000, place: 'fridge' };
const milkDays = baseCatalogue.byId.get('milk')!.shelfLife.fridge!;
const milkByRule = {
  dueDate: addDays(TODAY, milkDays),
  dueDateSource: 'rule',
  dueType: 'use_by',
  rule: { days: milkDays, from: TODAY, place: 'fridge' },
} as const;
const litre = { amount: 1_000_000, base: 'ml', unit: 'l', perUnit: 1_000_000, bought: 1_000_000 };

describe('opening', () => {
  const open: FridgeCommand = {
    do: 'open',
    fridgeId: 'f1',
    name: 'Our fridge',
    timeZone: 'Europe/Paris',
    owner: 'mina',
  };

  test('a fridge opens with three places and an owner', () =>
    given(decider)
      .when(open)
      .then([
        {
          type: 'FridgeOpened',
          data: {
            fridgeId: 'f1',
            name: 'Our fridge',
            timeZone: 'Europe/Paris',
            dueSoonDays: DUE_SOON_DAYS,
            places: [
              { place: 'fridge', kind: 'fridge' },
              { place: 'freezer', kind: 'freezer' },
              { place: 'pantry', kind: 'pantry' },
            ],
            owner: 'mina',
          },
        },
      ]));

  test('an open fridge is not opened again', () =>
    given(decider, opened())
      .when({ ...open, name: 'Another' })
      .then([]));
});

describe('who may', () => {
  const onMilk = { ingredientId: 'milk-1' } as const;
  const commands: FridgeCommand[] = [
    store({ name: '우유' }),
    { do: 'consume', ...onMilk },
    { do: 'discard', ...onMilk, reason: 'spoiled' },
    { do: 'correct', ...onMilk, patch: { place: 'freezer' } },
    { do: 'undo', actionId: 'action-1' },
  ];
  // No fact makes anybody a guest yet.
  const withGuest = {
    ...decider,
    initial: () => ({ ...emptyFridge(), members: new Map([['gast', 'guest' as const]]) }),
  };

  for (const command of commands) {
    test(`the owner may ${command.do}`, () => {
      const { refusal } = given(decider, opened(), stored('milk-1')).when(command);
      assert.equal(refusal, undefined);
    });

    test(`a guest may not ${command.do}`, () =>
      given(withGuest, opened(), stored('milk-1')).when(command, { actor: 'gast' }).thenRefuses('guests-only-look'));

    test(`a stranger who would ${command.do} sees no fridge`, () =>
      given(decider, opened(), stored('milk-1')).when(command, { actor: 'eve' }).thenRefuses('fridge-not-found'));

    test(`nobody in particular cannot ${command.do}`, () =>
      given(decider, opened(), stored('milk-1')).when(command, { actor: undefined }).thenRefuses('fridge-not-found'));

    test(`there is nothing to ${command.do} in a fridge that is not there`, () =>
      given(decider).when(command).thenRefuses('fridge-not-found'));
  }
});

describe('storing', () => {
  const fridge = given(decider, opened());

  test('a name is matched to its food, whose shelf life gives the date', () =>
    fridge.when(store({ name: '유기농 우유', amount: 1, unit: 'L' })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(), name: '유기농 우유', foodId: 'milk', ...litre, place: 'fridge' },
          ...{ ...milkByRule, given: { amount: 1, unit: 'L' }, matched: 1 },
        },
      },
    ]));

  test('a food that is named needs no name, amount or unit', () =>
    fridge.when(store({ food: 'egg' })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{
            ingredientId: id(),
            name: baseCatalogue.byId.get('egg')!.name.ko,
            foodId: 'egg',
            place: 'fridge',
            matched: 1,
          },
          ...{ amount: 10_000, base: 'piece', unit: 'piece', perUnit: 1000, bought: 10_000, dueType: 'best_before' },
          ...{ dueDate: addDays(TODAY, baseCatalogue.byId.get('egg')!.shelfLife.fridge!), dueDateSource: 'rule' },
          rule: { days: baseCatalogue.byId.get('egg')!.shelfLife.fridge!, from: TODAY, place: 'fridge' },
        },
      },
    ]));

  test('a name beside a food stays as typed', () => {
    const { state } = fridge.when(store({ food: 'milk', name: '남은 라떼용' }));
    const { name, foodId } = state.ingredients.get(id())!;
    assert.deepEqual({ name, foodId }, { name: '남은 라떼용', foodId: 'milk' });
  });

  test('a food that no catalogue has is refused', () =>
    fridge.when(store({ food: 'unicorn' })).thenRefuses('unknown-food', {
      errors: [{ path: 'food', message: 'there is no food "unicorn" in the catalogue' }],
    }));

  test('what no catalogue knows is one piece in the fridge, without a date', () =>
    fridge
      .when(store({ name: pickles.name }))
      .then([{ type: 'IngredientStored', data: { ingredientId: id(), ...pickles, amount: 1000, bought: 1000 } }]));

  test('a unit that nobody knows is counted by its name', () =>
    fridge.when(store({ name: pickles.name, amount: 2.5, unit: '항아리' })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(), ...pickles, amount: 2500, base: '항아리', unit: '항아리', bought: 2500 },
          given: { amount: 2.5, unit: '항아리' },
        },
      },
    ]));

  test('what was said of the amount is kept as it was said, and nothing that was filled in', () => {
    const givenOf = (item: NewIngredient) => (fridge.when(store(item)).past.at(-1)!.data as { given?: Given }).given;
    assert.deepEqual(givenOf({ name: '두부', unit: '모' }), { unit: '모' });
    assert.deepEqual(givenOf({ name: '우유', amount: 2 }), { amount: 2 });
    assert.deepEqual(givenOf({ name: '우유', amount: 2, unit: 'Liters' }), { amount: 2, unit: 'Liters' });
    assert.equal(givenOf({ name: '우유' }), undefined);
  });

  test('a food goes to its usual place, in its usual unit', () => {
    const { place, unit } = fridge.when(store({ food: 'soy-sauce', amount: 500 })).state.ingredients.get(id())!;
    const { place: usual, unit: usualUnit } = baseCatalogue.byId.get('soy-sauce')!;
    assert.deepEqual({ place, unit }, { place: usual, unit: usualUnit });
  });

  test('a name alone is what one buys, and neither a gram nor one strawberry', () => {
    for (const [food, wanted] of [
      ['milk', [1_000_000, 'l']],
      ['pork', [1000, 'pack']],
      ['egg', [10_000, 'piece']],
      ['strawberry', [1000, 'pack']],
      ['onion', [1000, 'piece']],
    ] as const) {
      const { amount, unit } = fridge.when(store({ food })).state.ingredients.get(id())!;
      assert.deepEqual([amount, unit], wanted);
    }
  });

  test('an amount that was typed with the name is read, and the name stays as typed', () => {
    const pork = fridge.when(store({ name: '돼지고기 목살 600g' }));
    const { name, foodId, amount, unit, bought } = pork.state.ingredients.get(id())!;
    assert.deepEqual([name, foodId, amount, unit, bought], ['돼지고기 목살 600g', 'pork-neck', 600_000, 'g', 600_000]);
    const { data } = pork.past.at(-1)!;
    assert.deepEqual(['given' in data, 'matched' in data && data.matched], [false, 1]);
  });

  test('what was cooked is no longer its food, and keeps for days in the fridge', () => {
    const cooked = fridge.when(store({ name: 'leftover spaghetti' })).state.ingredients.get(id())!;
    const { foodId, place, dueDate, dueType, dueDateSource } = cooked;
    assert.deepEqual(
      { foodId, place, dueDate, dueType, dueDateSource },
      {
        ...{ foodId: undefined, place: 'fridge', dueDate: addDays(TODAY, 3), dueType: 'use_by', dueDateSource: 'rule' },
      },
    );
  });

  test('what may be another food goes into the fridge without a date, rather than into the pantry for a year', () => {
    const { foodId, place, dueDate } = fridge.when(store({ name: 'CJ 쌀' })).state.ingredients.get(id())!;
    assert.deepEqual([foodId, place, dueDate], ['rice', 'fridge', undefined]);
  });

  test('a date that is said to be none is none, whatever the rule says', () => {
    const stored = fridge.when(store({ food: 'milk', dueDate: null })).state.ingredients.get(id())!;
    assert.deepEqual([stored.dueDate, stored.dueDateSource, stored.dueType], [undefined, undefined, undefined]);
  });

  test('a food that is stored without a name is called as in the language of who stores it', () => {
    const called = (command: FridgeCommand, index = 0) => fridge.when(command).state.ingredients.get(id(index))!.name;
    assert.equal(called({ ...store({ food: 'milk' }), language: 'en' }), 'milk');
    assert.equal(called({ ...store({ food: 'milk' }), language: 'ko' }), '우유');
    assert.equal(called({ ...store({ food: 'milk', name: '흰 우유' }), language: 'en' }), '흰 우유');
    const cooking = { do: 'cook', recipeId: 'r1', version: 1, servings: 2, deductions: [] } as const;
    assert.equal(called({ ...cooking, leftovers: [{ food: 'kimchi' }], language: 'en' }, 1), 'kimchi');
  });

  test('a printed date is kept, and no rule is asked', () =>
    fridge.when(store({ food: 'milk', amount: 1, unit: 'l', dueDate: '2026-03-12' })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(), name: '우유', foodId: 'milk', ...litre, place: 'fridge' },
          ...{ dueDate: '2026-03-12', dueDateSource: 'printed', dueType: 'use_by' },
          ...{ given: { amount: 1, unit: 'l' }, matched: 1 },
        },
      },
    ]));

  test('a printed date of something unknown is a best-before date', () =>
    fridge.when(store({ name: pickles.name, dueDate: '2026-03-12' })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(), ...pickles, amount: 1000, bought: 1000 },
          ...{ dueDate: '2026-03-12', dueDateSource: 'printed', dueType: 'best_before' },
        },
      },
    ]));

  test('an opened pack gets the shorter date', () => {
    const { state } = fridge.when(store({ food: 'milk', openedAt: '2026-03-09T22:00:00.000Z' }));
    assert.equal(state.ingredients.get(id())!.dueDate, addDays(TODAY, baseCatalogue.byId.get('milk')!.opened!.fridge!));
  });

  const openedDays = baseCatalogue.byId.get('milk')!.opened!.fridge!;

  test('an opened pack counts from the day in the kitchen when it was opened', () => {
    const openedAt = '2026-03-03T15:30:00.000Z'; // 00:30 of the 4th in Seoul
    fridge.when(store({ food: 'milk', amount: 1, unit: 'l', openedAt })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(), name: '우유', foodId: 'milk', ...litre, place: 'fridge', openedAt },
          ...{ dueDate: addDays('2026-03-04', openedDays), dueDateSource: 'rule', dueType: 'use_by' },
          ...{ given: { amount: 1, unit: 'l' }, matched: 1 },
          rule: { days: openedDays, from: '2026-03-04', place: 'fridge' },
        },
      },
    ]);
  });

  test('six days after opening, the days that an opened pack keeps are six less', () => {
    const { state } = fridge.when(store({ food: 'milk', openedAt: '2026-03-04T03:00:00.000Z' }));
    assert.equal(state.ingredients.get(id())!.dueDate, addDays(TODAY, openedDays - 6));
  });

  const ruleFor = (item: NewIngredient) => {
    const { data } = fridge.when(store(item)).past.at(-1)!;
    return 'rule' in data ? data.rule : undefined;
  };

  test('a pack is not opened in the future, but clocks differ a little', () => {
    const at = '2026-03-10T00:00:00.000Z';
    const opening = (openedAt: string) => fridge.when(store({ food: 'milk', openedAt }), { at });
    opening('2026-03-10T00:05:00.001Z').thenRefuses('in-the-future', {
      errors: [{ path: 'openedAt', message: 'is in the future' }],
    });
    assert.equal(opening('2026-03-10T00:05:00.000Z').refusal, undefined);
  });

  test('a pack that was opened after it was put in counts from then', () => {
    const about = { occurredAt: '2026-03-01T03:00:00.000Z' };
    const { data } = fridge.when(store({ food: 'milk', openedAt: '2026-03-02T03:00:00.000Z' }), about).past.at(-1)!;
    assert.deepEqual('rule' in data && data.rule, { days: openedDays, from: '2026-03-02', place: 'fridge' });
  });

  test('a pack that was opened late does not keep the longer for it', () => {
    const about = { occurredAt: '2026-03-01T03:00:00.000Z' };
    const { data } = fridge.when(store({ food: 'milk', openedAt: '2026-03-07T03:00:00.000Z' }), about).past.at(-1)!;
    assert.deepEqual('rule' in data && data.rule, { days: milkDays, from: '2026-03-01', place: 'fridge' });
  });

  test('where opening shortens nothing, an opened pack counts from today', () => {
    const { shelfLife, opened: whenOpened } = baseCatalogue.byId.get('milk')!;
    assert.equal(whenOpened?.freezer, undefined);
    assert.deepEqual(ruleFor({ food: 'milk', place: 'freezer', openedAt: '2026-03-04T03:00:00.000Z' }), {
      ...{ days: shelfLife.freezer!, from: TODAY, place: 'freezer' },
    });
  });

  test('a place for which no shelf life is known gives no date', () => {
    assert.equal(baseCatalogue.byId.get('milk')!.shelfLife.pantry, undefined);
    fridge.when(store({ food: 'milk', amount: 1, unit: 'l', place: 'pantry' })).then([
      {
        type: 'IngredientStored',
        data: {
          ...{ ingredientId: id(), name: '우유', foodId: 'milk', ...litre, place: 'pantry' },
          ...{ given: { amount: 1, unit: 'l' }, matched: 1 },
        },
      },
    ]);
  });

  test('the rule goes by the kind of a place and keeps its name', () => {
    const places = [{ place: '김치냉장고', kind: 'fridge' }] as const;
    const { past } = given(decider, opened({ places })).when(store({ food: 'milk', place: '김치냉장고' }));
    const { data } = past.at(-1)!;
    assert.deepEqual('rule' in data && data.rule, { days: milkDays, from: TODAY, place: '김치냉장고' });
  });

  test('a place of no known kind gives no date', () => {
    const places = [{ place: 'cellar', kind: 'other' }] as const;
    const { state } = given(decider, opened({ places })).when(store({ food: 'milk', place: 'cellar' }));
    assert.equal(state.ingredients.get(id())!.dueDate, undefined);
  });

  test('a place that the fridge does not have is refused', () =>
    fridge.when(store({ food: 'milk', place: 'garage' })).thenRefuses('unknown-place', {
      errors: [{ path: 'place', message: 'this fridge has no place "garage"; it has fridge, freezer, pantry' }],
    }));

  test('an amount that rounds to nothing is refused', () =>
    fridge.when(store({ name: '소금', amount: 0.0004, unit: 'g' })).thenRefuses('amount-too-small'));

  test('the date by rule counts from the day in the kitchen when it was bought', () => {
    const { state } = fridge.when(store({ food: 'milk' }), {
      at: '2026-03-12T03:00:00.000Z',
      occurredAt: '2026-03-10T15:30:00.000Z', // 00:30 of the 11th in Seoul
    });
    assert.equal(state.ingredients.get(id())!.dueDate, addDays('2026-03-11', milkDays));
  });

  test('many items get ids by their place in the list', () => {
    const { state } = fridge.when(store({ food: 'milk' }, { food: 'egg' }, { food: 'tofu' }), {
      commandId: 'shopping',
    });
    assert.deepEqual(
      [...state.ingredients.values()].map(({ ingredientId, foodId }) => [ingredientId, foodId]),
      ['milk', 'egg', 'tofu'].map((food, i) => [createdId('shopping', i), food]),
    );
  });

  test('one bad item of many refuses them all', () =>
    fridge.when(store({ food: 'milk' }, { food: 'unicorn' })).thenRefuses('unknown-food'));

  test('the same food twice stays two ingredients', () => {
    const { state } = fridge.when(store({ food: 'milk' })).when(store({ food: 'milk' }));
    assert.deepEqual([...state.ingredients.keys()], [createdId('command-1', 0), createdId('command-2', 0)]);
  });

  test('note, barcode and price come in as they are', () => {
    const details = { note: envelope(), barcode: '8801115114154', price: 2980 };
    const { state } = fridge.when(store({ food: 'milk', ...details }));
    const { note, barcode, price } = state.ingredients.get(id())!;
    assert.deepEqual({ note, barcode, price }, details);
  });

  test('what is stored remembers who put it in, and when', () => {
    const occurredAt = '2026-03-09T20:00:00.000Z';
    const { state } = fridge.when(store({ food: 'milk' }), { occurredAt });
    const { addedBy, addedAt, revision } = state.ingredients.get(id())!;
    assert.deepEqual({ addedBy, addedAt, revision }, { addedBy: 'mina', addedAt: occurredAt, revision: 1 });
  });
});

describe('when it happened', () => {
  const addedAt = '2026-03-10T10:00:00.000Z';
  const at = '2026-03-10T12:00:00.000Z';
  const { state } = given(decider, opened(), action({ at: addedAt }, stored('milk-1')));
  const consume: FridgeCommand = { do: 'consume', ingredientId: 'milk-1' };
  const occurredAt = (command: FridgeCommand, claim?: string) =>
    decider.occurredAt!(command, state, { commandId: 'c', at, ...(claim && { occurredAt: claim }) });

  test('nothing said stays nothing said', () => assert.equal(occurredAt(consume), undefined));

  test('between the storing and now is believed', () =>
    assert.equal(occurredAt(consume, '2026-03-10T11:00:00.000Z'), '2026-03-10T11:00:00.000Z'));

  test('nothing happens to an ingredient before it was stored', () =>
    assert.equal(occurredAt(consume, '2026-03-01T00:00:00.000Z'), addedAt));

  test('nothing has happened later than now', () => assert.equal(occurredAt(consume, '2026-03-11T00:00:00.000Z'), at));

  test('things may have been stored long ago', () =>
    assert.equal(occurredAt(store({ food: 'milk' }), '2026-03-01T00:00:00.000Z'), '2026-03-01T00:00:00.000Z'));

  test('a storing that was itself late gives the earliest time', () => {
    const late = given(decider, opened(), action({ at, occurredAt: '2026-03-08T00:00:00.000Z' }, stored('milk-1')));
    const intent = { commandId: 'c', at, occurredAt: '2026-03-01T00:00:00.000Z' };
    assert.equal(decider.occurredAt!(consume, late.state, intent), '2026-03-08T00:00:00.000Z');
  });
});
