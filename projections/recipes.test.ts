import { describe, test } from 'node:test';
import { action, projecting } from '../core/testing/given.ts';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import type { RecipeEvent } from '../events/recipe.ts';
import recipesWith from './recipes.ts';

const recipes = recipesWith(baseCatalogue);
type Row = NonNullable<ReturnType<typeof recipes.fold>>;
type Written = Extract<RecipeEvent, { type: 'RecipeImported' }>['data'];
const AT = '2026-03-10T08:00:00.000Z';

const soup: Written = {
  ...{ recipeId: 'soup', title: '콩나물국', ingredients: [], steps: ['끓인다.', '먹는다.'], tags: ['국', '한식'] },
  ...{ lang: 'ko', visibility: 'public' },
};
const imported = (data: Partial<Written> = {}, at = AT) =>
  action<RecipeEvent>(
    { stream: `recipe-${data.recipeId ?? 'soup'}`, at },
    { type: 'RecipeImported', data: { ...soup, ...data } },
  );
const { ingredients: _, ...bare } = soup;
const row = (rest: Partial<Row> = {}): Row => ({
  ...{ ...bare, version: 1, revision: 0, lines: [], named: ['soybean-sprout'], addedAt: AT },
  ...rest,
});

describe('the recipes', () => {
  test('are held as they were written, at version 1', () => projecting(recipes, imported()).shows([row()]));

  test('say all that was told of them', () => {
    const details = {
      servings: 3,
      minutes: 20,
      source: '할머니',
      url: 'https://example.org/soup',
      visibility: 'fridge:f1',
    };
    return projecting(recipes, imported(details)).shows([row(details)]);
  });

  test('have their lines read', () =>
    projecting(
      recipes,
      imported({
        ingredients: [
          '콩나물 200g',
          { name: '국간장', amount: '1½큰술' },
          { name: '소금' },
          '홍고추 (선택)',
          '비밀 재료',
        ],
      }),
    ).shows([
      row({
        named: ['soybean-sprout', 'soup-soy-sauce', 'salt', 'red-chili'],
        lines: [
          { text: '콩나물 200g', foodId: 'soybean-sprout', amount: 200_000, base: 'g', shown: 200, unit: 'g', sure: 1 },
          {
            ...{ text: '국간장 1½큰술', foodId: 'soup-soy-sauce', amount: 22_500, base: 'ml' },
            ...{ shown: 1.5, unit: 'tbsp', sure: 1 },
          },
          { text: '소금', foodId: 'salt', sure: 1 },
          { text: '홍고추 (선택)', foodId: 'red-chili', optional: true, sure: 1 },
          { text: '비밀 재료', sure: 0 },
        ],
      }),
    ]));

  test('have their cups read by the language that they are written in', async () => {
    const ingredients = ['1 cup milk'];
    const milk = { text: '1 cup milk', foodId: 'milk', base: 'ml', shown: 1, unit: 'cup', sure: 1 };
    await projecting(recipes, imported({ ingredients, lang: 'en' })).shows([
      row({ lang: 'en', named: ['milk', 'soybean-sprout'], lines: [{ ...milk, amount: 240_000 }] }),
    ]);
    await projecting(recipes, imported({ ingredients })).shows([
      row({ named: ['milk', 'soybean-sprout'], lines: [{ ...milk, amount: 200_000 }] }),
    ]);
  });

  test('say which foods title, lines and steps speak of', () =>
    projecting(
      recipes,
      imported({ title: 'Egg rice', ingredients: ['비밀 재료'], steps: ['Serve with peanuts.'] }),
    ).shows([
      row({
        ...{ title: 'Egg rice', steps: ['Serve with peanuts.'], named: ['egg', 'rice', 'peanut'] },
        lines: [{ text: '비밀 재료', sure: 0 }],
      }),
    ]));

  test('stand apart, in the order of their ids', () =>
    projecting(
      recipes,
      imported({ recipeId: 'stew', title: '김치찌개' }),
      imported({ recipeId: 'rice', title: '달걀밥' }),
    ).shows([
      row({ recipeId: 'rice', title: '달걀밥', named: ['egg'] }),
      row({ recipeId: 'stew', title: '김치찌개', named: ['kimchi'] }),
    ]));
});
