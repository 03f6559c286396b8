import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseCatalogue } from './base-catalogue.ts';
import { excludedWith } from './exclusion.ts';
import { parseLine } from './lines.ts';
import { foodsNamed } from './mentions.ts';
import { fitting } from './ranking.ts';

describe('the foods excluded with a food', () => {
  for (const [not, also, still] of [
    ['peanut', ['peanut', 'peanut-butter', 'peanut-oil', 'mixed-nuts'], ['walnut', 'butter', 'sesame-oil']],
    ['milk', ['milk', 'evaporated-milk', 'cheese', 'butter', 'bread'], ['coconut-milk', 'soy-milk', 'tofu']],
    ['egg', ['egg', 'mayonnaise', 'quail-egg', 'egg-noodles'], ['eggplant', 'noodles', 'milk']],
    ['shrimp', ['shrimp', 'salted-shrimp', 'crab', 'kimchi'], ['salmon', 'oyster', 'tofu']],
    ['mixed-nuts', ['mixed-nuts', 'walnut', 'almond-milk', 'peanut'], ['coconut', 'chestnut']],
    ['squid', ['squid', 'dried-squid'], ['oyster', 'shrimp']],
    ['pork', ['pork', 'pork-belly', 'bacon', 'ham'], ['beef', 'chicken']],
    ['pork-neck', ['pork-neck'], ['pork', 'pork-belly']],
    ['flour', ['flour', 'noodles', 'soy-sauce'], ['rice']],
    ['tofu', ['tofu', 'fried-tofu'], ['soy-sauce', 'doenjang', 'soybean-sprout']],
    ['mackerel', ['mackerel', 'canned-mackerel'], ['tuna', 'kimchi']],
    ['oyster', ['oyster', 'oyster-sauce'], ['clam', 'oyster-mushroom']],
    ['cheese', ['cheese', 'mozzarella', 'cream-cheese'], ['milk', 'butter']],
    ['onion', ['onion'], ['green-onion', 'onion-powder']],
  ] as const) {
    test(`${not}: neither ${also.join(', ')}; but ${still.join(', ')}`, () => {
      const excluded = excludedWith(baseCatalogue, [not]);
      for (const food of [...also, ...still])
        assert.ok(
          baseCatalogue.foods.some(({ id }) => id === food),
          food,
        );
      assert.deepEqual(
        also.filter(food => !excluded.has(food)),
        [],
      );
      assert.deepEqual(
        still.filter(food => excluded.has(food)),
        [],
      );
    });
  }

  test('are none if nothing is excluded', () => assert.deepEqual([...excludedWith(baseCatalogue, [])], []));
});

describe('a text names', () => {
  for (const [text, foods] of [
    ['1 egg beaten with 1 tablespoon water', ['egg', 'water']],
    ['Beat the EGGS.', ['egg']],
    ['1 large eggplant', ['eggplant']],
    ['coconut milk', ['coconut-milk']],
    ['coconut, milk', ['coconut', 'milk']],
    ['Peanut-butter cookies', ['peanut-butter']],
    ['butter beans', ['white-bean']],
    ['Buttermilk pancakes', ['buttermilk']],
    ['2 cloves garlic', ['garlic']],
    ['walnut oil', ['walnut', 'cooking-oil']],
    ['egg-free noodles', ['noodles']],
    ['a cup of chopped nuts', ['mixed-nuts']],
    ['Cheesecake', ['cheese']],
    ['삶은계란을 넣는다', ['egg']],
    ['다진새우', ['shrimp']],
    ['새우젓 1큰술', ['salted-shrimp']],
    ['땅콩버터 쿠키', ['peanut-butter']],
    ['코코넛 밀크', ['coconut-milk']],
    ['아몬드 우유', ['almond-milk']],
    ['게를 삶는다', ['crab']],
    ['얇게 썰어 되게 끓인다', []],
    ['배추와 배', ['napa-cabbage', 'pear']],
    ['두 배로, 2배로 늘린다', []],
    ['여러 가지 채소', []],
    ['가지 2개', ['eggplant']],
    ['무침을 무와 함께', ['radish']],
    ['계란 없이', []],
    ['달걀'.normalize('NFD'), ['egg']],
    ['', []],
  ] as const) {
    test(`${foods.join(', ') || 'nothing'}: ${text}`, () =>
      assert.deepEqual([...foodsNamed(baseCatalogue, text)], foods));
  }
});

describe('a recipe is excluded', () => {
  const fits = (exclude: string, line: string, rest = '') => {
    const lines = [parseLine(baseCatalogue, line)];
    return fitting(baseCatalogue, { exclude: [exclude] })({
      lines,
      named: [...foodsNamed(baseCatalogue, `${line}\n${rest}`)],
    });
  };
  for (const [exclude, line, rest] of [
    ['squid', '새우와 오징어 200g'],
    ['peanut', 'shrimp and peanuts'],
    ['peanut', '2 cups peanut butter cookies, crushed'],
    ['peanut', '1 tbsp peanut oil'],
    ['milk', '1 can evaporated milk'],
    ['egg', '1 egg beaten with 1 tablespoon water'],
    ['mixed-nuts', '1 tbsp walnut oil'],
    ['garlic', 'garlic and herb seasoned dry bread crumbs'],
    ['peanut', 'rice 200 g', 'Peanut rice'],
    ['egg', '밥 1공기', '달걀을 풀어 넣는다.'],
    ['tofu', '주먹밥(두부) 1개'],
  ] as const)
    test(`without ${exclude}: ${[line, rest].filter(Boolean).join('; ')}`, () =>
      assert.equal(fits(exclude, line, rest), false));

  for (const [exclude, line, rest] of [
    ['egg', '1 eggplant'],
    ['milk', '1 can coconut milk'],
    ['crab', '무 1개', '얇게 썰어 되게 끓인다.'],
    ['butter', '2 tbsp peanut butter'],
    ['eggplant', '양파 1개', '여러 가지 채소를 볶는다.'],
    ['chicken', '1 cup vegetable stock'],
  ] as const)
    test(`but not without ${exclude}: ${[line, rest].filter(Boolean).join('; ')}`, () =>
      assert.equal(fits(exclude, line, rest), true));
});
