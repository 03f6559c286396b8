import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { matchFood } from './foods.ts';
import { isStill, keepingOf } from './keeping.ts';

/** The derived values of a typed name: its food, its place, and the days that it keeps there. */
function typedAs(name: string): string {
  const match = matchFood(baseCatalogue, name);
  const foodId = match && isStill(match) ? match.food.id : undefined;
  const keeping = keepingOf(baseCatalogue, foodId, name);
  return [foodId ?? 'no food', keeping?.place ?? '?', keeping?.shelfLife[keeping.place] ?? 'no date'].join(', ');
}

describe('food that is entered by name', () => {
  for (const [title, names] of Object.entries({
    'no food, fridge, 3': [
      'leftover spaghetti',
      'cooked pasta',
      '먹다 남은 파스타',
      'cooked lentils',
      'cooked quinoa',
      'cooked noodles',
      '불린미역',
      '불린 미역',
      'mashed potatoes',
      '삶은 감자',
      '찐고구마',
      '먹던 라면',
      '남은 반찬',
      'leftovers',
      '구운 고등어',
      'boiled potatoes',
      'steamed rice noodles',
      'rotisserie chicken something',
      'eggs boiled',
      '삶은 국수',
    ],
    'curry, fridge, 3': ['카레', '남은 카레', '어제 카레', 'leftover curry', 'curry', '오뚜기 카레'],
    'jajang, fridge, 3': ['짜장', '남은 짜장'],
    'abalone-porridge, fridge, 3': ['전복죽', '남은 전복죽'],
    'pumpkin-porridge, fridge, 3': ['호박죽'],
    'rice-porridge, fridge, 3': ['죽', '흰죽'],
    'chili-con-carne, fridge, 3': ['leftover chili'],
    'pizza, fridge, 2': ['남은 피자', 'leftover pizza'],
    'chicken-stock, fridge, 3': ['homemade chicken stock'],
    'boiled-egg, fridge, 7': ['반숙란', '구운란'],
    'onion, fridge, 3': ['남은 양파'],
    'cooked-rice, fridge, 3': ['밥', '남은 밥'],
    'kimchi, fridge, 90': ['김치', 'homemade kimchi'],
    'dumpling, fridge, 3': ['수제 만두'],
    'dumpling, freezer, 180': ['만두', '냉동 만두'],
    'shrimp, freezer, 180': ['frozen shrimp', '냉동 새우'],
    'rice, pantry, 365': ['쌀', '유기농 쌀', '국산 쌀', 'organic rice'],
    'egg, fridge, 35': ['eggs', 'large eggs', '12 eggs', 'free-range eggs'],
    'tofu, fridge, 10': ['두부', '풀무원 두부', 'fresh tofu'],
    'rice, fridge, no date': ['CJ 쌀', "grandma's rice"],
    'egg, fridge, no date': ['오메가3 계란'],
    'curry-powder, fridge, no date': ['오뚜기 카레가루'],
    'no food, ?, no date': ['비밀반찬', 'plant based milk'],
  })) {
    for (const name of names) test(`${name}: ${title}`, () => assert.equal(typedAs(name), title));
  }

  test('keeps like its food if the food is given by id', () => {
    assert.equal(keepingOf(baseCatalogue, 'rice', 'leftover curry')?.place, 'pantry');
    assert.equal(keepingOf(baseCatalogue, 'milk', 'whatever')?.shelfLife.fridge, 7);
  });
});
