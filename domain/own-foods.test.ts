import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { amountOf } from './bought.ts';
import { catalogueOf } from './catalogue.ts';
import { excludedWith } from './exclusion.ts';
import type { Food } from './food.ts';
import { matchFood } from './foods.ts';
import { isHeading } from './headings.ts';
import { keepingOf } from './keeping.ts';
import { parseLine } from './lines.ts';
import { foodsNamed } from './mentions.ts';
import { rank } from './ranking.ts';
import { kinOf } from './ranking-foods.ts';

/** A food that only one household knows, under a name that is longer than any that we ship. */
const dumplings: Food = {
  id: 'own-dumplings',
  kindOf: 'dumpling',
  name: { ko: '할머니표 즈즈빅', en: "grandmother's extraordinarily enormous zzyzx parcels" },
  aliases: { ko: ['소스'], en: ['zzyzx'] },
  category: 'dish',
  unit: 'piece',
  bought: { amount: 12, unit: 'piece' },
  shelfLife: { freezer: 60 },
  place: 'freezer',
  dueType: 'best_before',
  allergens: ['wheat'],
  substitutes: [],
};
const own = catalogueOf([...baseCatalogue.foods, dumplings]);
const NAMES = [dumplings.name.ko, dumplings.name.en, 'zzyzx', 'frozen zzyzx', '2 zzyzx'];

test('a food of one catalogue is found with that catalogue, and with no other', () => {
  for (const name of NAMES) {
    assert.equal(matchFood(own, name)?.food.id, dumplings.id, name);
    assert.equal(matchFood(baseCatalogue, name), undefined, name);
  }
  for (const [catalogue, foods] of [
    [own, [dumplings.id]],
    [baseCatalogue, []],
    [own, [dumplings.id]],
  ] as const) {
    assert.deepEqual([...foodsNamed(catalogue, 'Serve the zzyzx hot.')], foods);
    assert.deepEqual([parseLine(catalogue, '3 zzyzx').foodId].filter(Boolean), foods);
    assert.equal(isHeading(catalogue, '소스'), foods.length === 0);
  }
});

test('how it is bought, kept, excluded and stood in for is known with that catalogue only', () => {
  assert.deepEqual(amountOf(own, {}, dumplings, 'zzyzx'), dumplings.bought);
  assert.equal(keepingOf(own, dumplings.id, 'zzyzx')?.place, 'freezer');
  assert.equal(keepingOf(baseCatalogue, dumplings.id, 'zzyzx'), undefined);
  assert.deepEqual(kinOf(own, 'dumpling'), [...kinOf(baseCatalogue, 'dumpling'), dumplings.id]);
  assert.equal(excludedWith(own, ['flour']).has(dumplings.id), true);
  assert.equal(excludedWith(baseCatalogue, ['flour']).has(dumplings.id), false);
});

test('a recipe is ranked by it with that catalogue only', () => {
  const batch = { ingredientId: 'i', foodId: dumplings.id, amount: 12_000, base: 'piece', addedAt: '2026-03-01' };
  const kitchen = { batches: [batch], today: '2026-03-10', dueSoonDays: 5 };
  const ranked = (catalogue: typeof own) => {
    const lines = [parseLine(own, '3 zzyzx')];
    return rank(catalogue, [{ recipeId: 'r', version: 1, lines }], kitchen, { limit: 1 }).map(({ tier }) => tier);
  };
  assert.deepEqual([ranked(own), ranked(baseCatalogue)], [['ready'], []]);
});
