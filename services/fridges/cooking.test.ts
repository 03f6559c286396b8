import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { frozen, given } from '../../core/testing/given.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { parseLine, type WrittenLine } from '../../domain/lines.ts';
import { opened, TODAY } from '../../events/testing.ts';
import { draft, type Recipe } from './cooking.ts';
import type { FridgeState } from './fridge.state.ts';
import type { Stock } from './fridges.api.ts';
import type { NewIngredient } from './stock.ts';
import { decider } from './testing.ts';

const recipe = (servings: number | undefined, ...lines: readonly WrittenLine[]): Recipe =>
  frozen({
    ...{ recipeId: 'stew', version: 3, lines: lines.map(line => parseLine(baseCatalogue, line)) },
    ...(servings !== undefined && { servings }),
  });

type Batch = Stock['batches'][number];
const batch = (ingredientId: string, foodId: string, rest: Partial<Batch> = {}): Batch => ({
  ...{ ingredientId, foodId, name: `my ${foodId}`, amount: 1_000_000, base: 'g', unit: 'g', perUnit: 1000 },
  ...{ addedAt: '2026-03-01T00:00:00.000Z', ...rest },
});
const packs = { base: 'pack', unit: 'pack', perUnit: 1000 };
const pieces = { base: 'piece', unit: 'piece', perUnit: 1000 };
const kitchen = (...batches: readonly Batch[]): Stock => frozen({ revision: 9, today: TODAY, dueSoonDays: 5, batches });

const taken = (of: ReturnType<typeof draft>) =>
  of.deductions.map(({ ingredientId, amount, unit }) => [ingredientId, amount, unit]);
const lacking = (of: ReturnType<typeof draft>) => of.missing.map(({ text }) => text);

describe('what cooking would take', () => {
  test('is said whole', () =>
    assert.deepEqual(
      draft(
        baseCatalogue,
        recipe(2, '돼지고기 300g', '두부 1모', '별사탕나물 50g'),
        kitchen(batch('p', 'pork')),
        undefined,
      ),
      {
        ...{ recipeId: 'stew', version: 3, servings: 2 },
        deductions: [{ ingredientId: 'p', amount: 300, unit: 'g' }],
        missing: [
          { text: '두부 1모', foodId: 'tofu', amount: 1, unit: 'block' },
          { text: '별사탕나물 50g', amount: 50, unit: 'g' },
        ],
      },
    ));

  for (const [line, there, amount, unit] of [
    ['우유 200ml', batch('i', 'milk', { base: 'ml', unit: 'l', perUnit: 1_000_000 }), 200, 'ml'],
    ['돼지고기 300g', batch('i', 'pork', { unit: 'kg', perUnit: 1_000_000 }), 300, 'g'],
    ['두부 150g', batch('i', 'tofu', { base: 'block', unit: 'block', amount: 2000 }), 150, 'g'],
    ['다진 마늘 1큰술', batch('i', 'garlic', { base: 'clove', unit: 'clove', amount: 9000 }), 1, 'tbsp'],
    ['간장 2큰술', batch('i', 'soy-sauce', { base: 'ml', unit: 'cup', perUnit: 200_000 }), 2, 'tbsp'],
    ['달걀 110g', batch('i', 'egg', { ...pieces, amount: 10_000 }), 110, 'g'],
    ['양파 1/3개', batch('i', 'onion', { ...pieces, amount: 3000 }), 0.333, 'piece'],
    ['고춧가루 1큰술', batch('i', 'gochugaru', { ...packs, amount: 1000 }), 1, 'tbsp'],
    ['돼지고기 목살 300g', batch('i', 'pork', { unit: 'kg', perUnit: 1_000_000 }), 300, 'g'],
    ['돼지고기 목살 1근', batch('i', 'pork'), 600, 'g'],
  ] as const) {
    test(`is in the unit of the recipe, or grams: ${line} of what is kept by the ${there.unit}`, () =>
      assert.deepEqual(taken(draft(baseCatalogue, recipe(2, line), kitchen(there), undefined)), [['i', amount, unit]]));
  }

  test('is in millilitres where a recipe means the cup of another country', () => {
    const lines = [parseLine(baseCatalogue, '1 cup milk', 'en')];
    const milk = batch('m', 'milk', { base: 'ml', unit: 'ml' });
    const answer = draft(baseCatalogue, { recipeId: 'r', version: 1, lines }, kitchen(milk), undefined);
    assert.deepEqual(taken(answer), [['m', 240, 'ml']]);
    const missing = draft(baseCatalogue, { recipeId: 'r', version: 1, lines }, kitchen(), undefined).missing;
    assert.deepEqual(missing, [{ text: '1 cup milk', foodId: 'milk', amount: 1, unit: 'cup' }]);
  });

  test('is added up where two lines need the same', () =>
    assert.deepEqual(
      taken(
        draft(
          baseCatalogue,
          recipe(2, '양파 1개', '소고기 100g', '양파 100g'),
          kitchen(batch('o', 'onion', { ...pieces, amount: 3000 }), batch('b', 'beef')),
          undefined,
        ),
      ),
      [
        ['o', 300, 'g'],
        ['b', 100, 'g'],
      ],
    ));

  test('comes of several, what was opened first, then what is due first', () =>
    assert.deepEqual(
      taken(
        draft(
          baseCatalogue,
          recipe(2, '우유 1l'),
          kitchen(
            batch('late', 'milk', { base: 'ml', unit: 'ml', amount: 900_000, dueDate: '2026-03-30' }),
            batch('soon', 'milk', { base: 'ml', unit: 'ml', amount: 500_000, dueDate: '2026-03-11' }),
            batch('open', 'milk', {
              ...{
                base: 'ml',
                unit: 'ml',
                amount: 300_000,
                dueDate: '2026-03-20',
                openedAt: '2026-03-09T00:00:00.000Z',
              },
            }),
          ),
          undefined,
        ),
      ),
      [
        ['open', 0.3, 'l'],
        ['soon', 0.5, 'l'],
        ['late', 0.2, 'l'],
      ],
    ));

  test('is nothing of what is past its use-by date', () => {
    const old = batch('old', 'tofu', { base: 'block', amount: 1000, dueDate: '2026-03-09', dueType: 'use_by' });
    const answer = draft(baseCatalogue, recipe(2, '두부 1모'), kitchen(old), undefined);
    assert.deepEqual([taken(answer), lacking(answer)], [[], ['두부 1모']]);
  });

  test('may be past its best-before date, and due today', () => {
    const kept = { base: 'block', unit: 'block', amount: 1000 };
    const answer = draft(
      baseCatalogue,
      recipe(2, '두부 2모'),
      kitchen(
        batch('today', 'tofu', { ...kept, dueDate: TODAY, dueType: 'use_by' }),
        batch('over', 'tofu', { ...kept, dueDate: '2026-03-01', dueType: 'best_before' }),
      ),
      undefined,
    );
    assert.deepEqual(taken(answer), [
      ['over', 1, 'block'],
      ['today', 1, 'block'],
    ]);
  });

  test('is nothing where only a little is needed, or where nobody can say how much; and nothing is missing', () => {
    const answer = draft(
      baseCatalogue,
      recipe(2, '소금 약간', '간장 2큰술', '우유 2상자'),
      kitchen(batch('s', 'salt'), batch('y', 'soy-sauce', { base: 'crate' }), batch('m', 'milk', { base: 'ml' })),
      undefined,
    );
    assert.deepEqual([taken(answer), lacking(answer)], [[], []]);
  });

  test('does not touch the stock that it is given', () => {
    const there = kitchen(batch('b', 'pork', { dueDate: '2026-03-20' }), batch('a', 'pork', { dueDate: '2026-03-12' }));
    const before = structuredClone(there);
    draft(baseCatalogue, recipe(2, '돼지고기 300g'), there, 8);
    assert.deepEqual(there, before);
  });
});

describe('servings', () => {
  const there = kitchen(batch('p', 'pork'));
  const grams = (servings: number | undefined, wanted: number | undefined) => {
    const answer = draft(baseCatalogue, recipe(servings, '돼지고기 300g'), there, wanted);
    return [answer.servings, answer.deductions[0]!.amount];
  };

  test('are those of the recipe', () => assert.deepEqual(grams(3, undefined), [3, 300]));

  test('may be more, and less', () => {
    assert.deepEqual(grams(2, 4), [4, 600]);
    assert.deepEqual(grams(4, 1), [1, 75]);
    assert.deepEqual(grams(3, 1), [1, 100]);
  });

  test('are two, and nothing is scaled, where the recipe does not say', () => {
    assert.deepEqual(grams(undefined, undefined), [2, 300]);
    assert.deepEqual(grams(undefined, 5), [5, 300]);
  });

  test('may need more than there is', () => {
    const answer = draft(baseCatalogue, recipe(2, '돼지고기 300g'), there, 10);
    assert.deepEqual([taken(answer), lacking(answer)], [[['p', 1000, 'g']], ['돼지고기 300g']]);
  });
});

describe('what is missing', () => {
  test('is how much more is needed for so many, in the unit of the recipe', () =>
    assert.deepEqual(
      draft(
        baseCatalogue,
        recipe(2, '돼지고기 300g', '두부 1모', '국간장 1큰술', '별사탕나물 약간', '별사탕 1개'),
        kitchen(batch('p', 'pork', { amount: 400_000 }), batch('t', 'tofu', { base: 'block', amount: 1000 })),
        6,
      ).missing,
      [
        { text: '돼지고기 300g', foodId: 'pork', amount: 500, unit: 'g' },
        { text: '두부 1모', foodId: 'tofu', amount: 2, unit: 'block' },
        { text: '국간장 1큰술', foodId: 'soup-soy-sauce', amount: 3, unit: 'tbsp' },
        { text: '별사탕나물 약간' },
        { text: '별사탕 1개', amount: 3, unit: 'piece' },
      ],
    ));

  test('comes in the order of the recipe, whole or in part', () =>
    assert.deepEqual(
      lacking(
        draft(
          baseCatalogue,
          recipe(2, '무언가 신기한 것', '돼지고기 2kg', '소금 약간', '두부 1모', '대파 1대', '소고기 300g'),
          kitchen(batch('p', 'pork'), batch('b', 'beef', { amount: 100_000 }), batch('t', 'tofu', { base: 'block' })),
          undefined,
        ),
      ),
      ['무언가 신기한 것', '돼지고기 2kg', '소금 약간', '대파 1대', '소고기 300g'],
    ));

  test('is each food once', () =>
    assert.deepEqual(
      draft(baseCatalogue, recipe(2, '간장 2큰술', '간장 1큰술', '소금과 후추'), kitchen(batch('s', 'salt')), 4)
        .missing,
      [
        { text: '간장 2큰술, 간장 1큰술', foodId: 'soy-sauce', amount: 6, unit: 'tbsp' },
        { text: '소금과 후추', foodId: 'black-pepper' },
      ],
    ));

  test('is neither a heading nor a twentieth', () =>
    assert.deepEqual(
      draft(
        baseCatalogue,
        recipe(2, '[양념]', '돼지고기 300g'),
        kitchen(batch('p', 'pork', { amount: 290_000 })),
        undefined,
      ).missing,
      [],
    ));

  test('is neither water nor what may be left out', () =>
    assert.deepEqual(
      lacking(draft(baseCatalogue, recipe(2, '물 500ml', '대파 1대 (선택)'), kitchen(), undefined)),
      [],
    ));
});

const foods = ['pork', 'onion', 'milk', 'tofu', 'garlic', 'soy-sauce', 'egg'] as const;
const item = fc.record({
  food: fc.constantFrom(...foods),
  amount: fc.double({ min: 0.01, max: 900, noNaN: true }),
  unit: fc.constantFrom('g', 'kg', 'ml', 'l', 'lb', 'oz', '개', '모', '쪽', '컵', 'T', '항아리'),
});
const line = fc
  .tuple(
    fc.constantFrom('돼지고기', '양파', '우유', '두부', '다진 마늘', '간장', '달걀'),
    fc.oneof(fc.integer({ min: 1, max: 900 }), fc.constantFrom('1/3', '2½', '0.7')),
    fc.constantFrom('g', 'kg', 'ml', '개', '모', '쪽', '큰술', 'T', '컵', 'oz', '근'),
  )
  .map(([name, amount, unit]) => `${name} ${amount}${unit}`);

const stockOf = ({ ingredients }: FridgeState): Stock => kitchen(...ingredients.values());

describe('every draft', () => {
  test('can be cooked as it is', () => {
    let took = 0;
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 6 }),
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        (items: NewIngredient[], lines, wanted) => {
          const fridge = given(decider, opened()).when({ do: 'store', items });
          const { deductions, recipeId, version, servings } = draft(
            baseCatalogue,
            recipe(3, ...lines),
            stockOf(fridge.state),
            wanted,
          );
          const cook = { do: 'cook', recipeId, version, servings, deductions, leftovers: [] } as const;
          const { refusal } = fridge.when(cook);
          assert.equal(refusal?.message, undefined);
          if (deductions.length > 0) took++;
        },
      ),
      { seed: 20260310, numRuns: 300 },
    );
    assert.ok(took > 100, `only ${took} drafts took anything`);
  });
});
