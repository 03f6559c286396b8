import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { given } from '../../core/testing/given.ts';
import type { RecipeEvent } from '../../events/recipe.ts';
import { type NewRecipe, type RecipeCommand, recipeDecider } from './recipe.decider.ts';

const soup: NewRecipe = {
  title: '콩나물국',
  ingredients: ['콩나물 200g', { name: '국간장', amount: '1큰술' }, { name: '소금' }],
  steps: ['끓인다.'],
  tags: ['국'],
  lang: 'ko',
};
const hold = (recipe: Partial<NewRecipe> = {}, visibility = 'public'): RecipeCommand => ({
  do: 'import',
  recipeId: 'soup',
  recipe: { ...soup, ...recipe },
  visibility,
});
const imported = (recipe: object = {}, visibility = 'public'): RecipeEvent => ({
  type: 'RecipeImported',
  data: { recipeId: 'soup', ...soup, ...recipe, visibility } as Extract<
    RecipeEvent,
    { type: 'RecipeImported' }
  >['data'],
});
const details = { servings: 3, minutes: 20, source: '할머니', url: 'https://example.org/soup' };

describe('holding a recipe', () => {
  test('keeps its lines as they are written', () => given(recipeDecider).when(hold()).then([imported()]));

  test('keeps everything that is told of it', () =>
    given(recipeDecider)
      .when(hold(details))
      .then([imported(details)]));

  test('keeps no fields that are not told', () =>
    given(recipeDecider)
      .when(hold({ servings: undefined, minutes: undefined, source: undefined, url: undefined }))
      .then([imported()]));

  test('keeps no amount that is not told', () => {
    const { past } = given(recipeDecider).when(hold({ ingredients: [{ name: '소금', amount: undefined }] }));
    assert.deepEqual(past[0]!.data.ingredients, [{ name: '소금' }]);
  });

  test('may be for one fridge only', () =>
    given(recipeDecider)
      .when(hold({}, 'fridge:f1'))
      .then([imported({}, 'fridge:f1')]));

  test('needs neither lines nor steps nor tags', () => {
    const bare = { ingredients: [], steps: [], tags: [] };
    given(recipeDecider)
      .when(hold(bare))
      .then([imported(bare)]);
  });

  test('is for nobody in particular', () => given(recipeDecider).when(hold(), { actor: undefined }).then([imported()]));
});

describe('a recipe that is held', () => {
  test('is not taken in again', () => given(recipeDecider, imported()).when(hold()).thenRefuses('recipe-held'));

  test('is not replaced by another', () =>
    given(recipeDecider)
      .when(hold())
      .when(hold({ title: '시금치국' }, 'fridge:f1'))
      .thenRefuses('recipe-held'));
});
