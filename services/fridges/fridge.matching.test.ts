import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { amountOf } from '../../domain/bought.ts';
import { meaningOf } from '../../domain/foods.ts';
import { steps } from '../../domain/steps.ts';
import type { PlaceKind } from '../../events/fridge.ts';
import { correction } from './correction.ts';
import type { Ingredient } from './fridge.state.ts';
import { stock } from './stock.ts';

const places = new Map<string, PlaceKind>([['fridge', 'fridge']]);
const kitchen = {
  catalogue: baseCatalogue,
  places,
  timeZone: 'Asia/Seoul',
  at: '2026-03-10T00:00:00.000Z',
  today: '2026-03-10',
};
/** what a command looks up besides names: places, units, foods by id */
const OTHERWISE = 40;

describe('a name is matched once a command', () => {
  for (const name of ['1 '.repeat(100).trim(), `${'fresh '.repeat(30)}milk`, `남은 ${'zz '.repeat(60)}`]) {
    const match = steps(() => meaningOf(baseCatalogue, name));
    const what = name.slice(0, 20);

    test(`when it is stored with its amount: ${what}`, () => {
      const taken = steps(() => stock({ name, amount: 1, unit: 'g', place: 'fridge' }, kitchen));
      assert.ok(taken <= match + OTHERWISE, `${taken} steps, one match takes ${match}`);
    });

    test(`when its amount stands in it: ${what}`, () => {
      const amount = steps(() => amountOf(baseCatalogue, {}, undefined, name));
      const taken = steps(() => stock({ name, place: 'fridge' }, kitchen));
      assert.ok(taken <= match + amount + OTHERWISE, `${taken} steps, one match takes ${match}, its amount ${amount}`);
    });

    test(`when it is corrected: ${what}`, () => {
      const { values } = stock({ name: 'milk', amount: 1, unit: 'g', place: 'fridge' }, kitchen);
      const now: Ingredient = { ...values, ingredientId: 'i', revision: 0, addedAt: kitchen.at, addedBy: 'm' };
      assert.equal(now.dueDateSource, 'rule');
      const before = steps(() => meaningOf(baseCatalogue, now.name));
      const taken = steps(() => correction(now, { name }, kitchen));
      assert.ok(taken <= match + before + OTHERWISE, `${taken} steps, one match takes ${match}`);
    });
  }
});
