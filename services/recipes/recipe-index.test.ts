import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Projection } from '../../core/projection.ts';
import { advance, type Subscriber } from '../../core/subscriber.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import type { RecipeEvent } from '../../events/recipe.ts';
import { balanced } from '../../platform/testing/replicas.ts';
import { since, Views } from '../../platform/views.ts';
import recipesWith from '../../projections/recipes.ts';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import { RecipeIndex, type RecipeRow } from './recipe-index.ts';

const recipes = recipesWith(baseCatalogue);
const LOG = 'log-of-the-test';
type Written = Partial<Extract<RecipeEvent, { type: 'RecipeImported' }>['data']>;

/** A recipe that is not there any more: no fact says so yet, but a view can. */
const GONE = 'gone';
const forgetful: typeof recipes = {
  ...recipes,
  fold: (row, event, key) => (event.data === GONE ? undefined : recipes.fold(row, event, key)),
  keys: event => (event.data === GONE ? [event.stream.replace('recipe-', '')] : recipes.keys(event)),
};

/** A view of recipes, and the index on it. */
async function stage(t: TestContext) {
  const models = sqliteReadModels(':memory:');
  t.after(() => models.close());
  const log = sqliteEventStore(':memory:');
  t.after(() => log.close());
  const index = new RecipeIndex(new Views({ relational: models, document: models }, log), baseCatalogue);
  let position = 0;

  async function generation(number: number, projection: typeof recipes = forgetful): Promise<Subscriber> {
    await models.build(projection, number);
    const model = await models.generation(projection as Projection, number);
    return {
      projection: projection as Projection,
      generation: number,
      model,
      checkpoint: undefined,
      parked: new Map(),
      live: true,
    };
  }
  const first = await generation(0);
  const serve = (number: number) => models.serve(recipes, number);

  async function feed(subscriber: Subscriber, recipesById: Record<string, Written | typeof GONE>): Promise<void> {
    const facts = Object.entries(recipesById).map(([recipeId, recipe]) => ({
      ...{ id: `${++position}`, stream: `recipe-${recipeId}`, revision: 0, position, type: 'RecipeImported' },
      data: recipe === GONE ? GONE : { ...bare, recipeId, title: recipeId, ...recipe },
      meta: { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 },
    }));
    await advance(subscriber, LOG, facts, position, { onError: 'stop' });
  }
  const hold = (told: Record<string, Written | typeof GONE>) => feed(first, told);
  return { index, models, log, first, generation, serve, feed, hold };
}
const bare = { ingredients: [], steps: [], tags: [], lang: 'ko', visibility: 'public' };

/** The same, with a view that is served. */
async function served(t: TestContext, recipesById: Record<string, Written> = {}) {
  const staged = await stage(t);
  await staged.serve(0);
  await staged.hold(recipesById);
  return staged;
}
const ids = (rows: readonly RecipeRow[]) => rows.map(({ recipeId }) => recipeId);
const withFoods = (
  index: RecipeIndex,
  foods: readonly string[],
  limit = 9,
  fridgeId = 'f1',
  wish: Parameters<RecipeIndex['withFoods']>[1]['wish'] = {},
) => index.withFoods(foods, { fridgeId, wish, limit });
const all = (index: RecipeIndex) => ids(index.search(undefined, () => true)).toSorted();

describe('the index', () => {
  test('is empty where nothing is held', async t => {
    const { index } = await served(t);
    assert.deepEqual(all(await index.fresh()), []);
    assert.equal(index.get('soup'), undefined);
  });

  test('cannot be had while the view is still being built', async t => {
    const { index, serve, hold } = await stage(t);
    await hold({ soup: {} });
    await assert.rejects(index.fresh(), { name: 'Unavailable' });
    await serve(0);
    assert.deepEqual(all(await index.fresh()), ['soup']);
  });

  test('holds the rows of the view', async t => {
    const { index } = await served(t, { soup: { title: '콩나물국', ingredients: ['콩나물 200g'], minutes: 20 } });
    const { title, lines, minutes, version, revision } = (await index.fresh()).get('soup')!;
    assert.deepEqual([title, minutes, version, revision], ['콩나물국', 20, 1, 0]);
    assert.deepEqual(
      lines.map(({ foodId }) => foodId),
      ['soybean-sprout'],
    );
  });

  test('asks again for what has come since', async t => {
    const { index, hold } = await served(t, { soup: {} });
    await index.fresh();
    await hold({ stew: {}, rice: {} });
    assert.deepEqual(all(index), ['soup']);
    assert.deepEqual(all(await index.fresh()), ['rice', 'soup', 'stew']);
    assert.deepEqual(all(await index.fresh()), ['rice', 'soup', 'stew']);
  });

  test('forgets what a changed recipe said before', async t => {
    const { index, hold } = await served(t, { soup: { title: '두부국', ingredients: ['두부 1모', '소금'] } });
    await index.fresh();
    await hold({ soup: { title: '콩나물국', ingredients: ['콩나물 200g', '소금'] } });
    await index.fresh();
    const found = (food: string) => ids(withFoods(index, [food], 9));
    assert.deepEqual([found('tofu'), found('soybean-sprout'), found('salt')], [[], ['soup'], ['soup']]);
    assert.deepEqual([index.search('두부', () => true), ids(index.search('콩나물국', () => true))], [[], ['soup']]);
  });

  test('forgets a recipe that is not there any more', async t => {
    const { index, hold } = await served(t, {
      soup: { ingredients: ['두부 1모'] },
      stew: { ingredients: ['두부 1모'] },
    });
    await index.fresh();
    await hold({ soup: GONE });
    await index.fresh();
    assert.deepEqual([all(index), ids(withFoods(index, ['tofu'])), index.get('soup')], [['stew'], ['stew'], undefined]);
    await hold({ soup: { ingredients: ['두부 1모'] } });
    assert.deepEqual(ids(withFoods(await index.fresh(), ['tofu'])), ['soup', 'stew']);
  });

  test('holds them all where there are very many', async t => {
    const many = Object.fromEntries(Array.from({ length: 2500 }, (_, n) => [`r${n}`, { ingredients: ['두부 1모'] }]));
    const { index } = await served(t, many);
    assert.equal(all(await index.fresh()).length, 2500);
    assert.equal(withFoods(index, ['tofu'], 3000).length, 2500);
  });

  test('lets others work between its pages', async t => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`r${n}`, {}]));
    const { index } = await served(t, many);
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    await index.fresh();
    clearImmediate(next);
    assert.ok(turns >= 9, `${turns} turns`);
  });

  test('is filled anew where another generation is served', async t => {
    const { index, generation, feed, serve, hold } = await served(t, { soup: { ingredients: ['두부 1모'] }, stew: {} });
    await index.fresh();
    const next = await generation(1);
    await feed(next, { rice: { title: '두부밥', ingredients: ['두부 1모'] } });
    assert.deepEqual(all(await index.fresh()), ['soup', 'stew']);
    await serve(1);
    assert.deepEqual(all(await index.fresh()), ['rice']);
    assert.deepEqual(ids(withFoods(index, ['tofu'])), ['rice']);
    await hold({ late: {} });
    assert.deepEqual(all(await index.fresh()), ['rice']);
    await serve(0);
    assert.deepEqual(all(await index.fresh()), ['late', 'soup', 'stew']);
  });

  test('has, for whoever waits for a position, what the view held there, though a replica is behind', async t => {
    const { models, log } = await served(t, { soup: {}, stew: {} });
    const position = (await (await models.generation(forgetful, 0)).checkpoint())!.position;
    for (let revision = -1; (await log.headPosition()) < position; revision++) {
      const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', at: '2026-03-10T08:00:00.000Z', schema: 1 };
      const fact = { id: `${revision}`, event: { type: 'Any', data: {} }, meta };
      await log.append('any', [fact], revision < 0 ? 'none' : revision);
    }
    const late = sqliteReadModels(':memory:');
    t.after(() => late.close());
    await late.build(forgetful, 0);
    await late.serve(forgetful, 0);
    for (const replicas of [balanced(models, late), balanced(late, models)]) {
      const index = new RecipeIndex(new Views({ relational: replicas, document: replicas }, log), baseCatalogue);
      assert.deepEqual(all(await index.fresh(since(position))), ['soup', 'stew']);
    }
  });

  test('has, for whoever asks, all that the view held by then', async t => {
    const { index, models, hold } = await served(t, { soup: {} });
    const model = await models.generation(forgetful, 0);
    const read = model.changed.bind(model);
    const slow = Promise.withResolvers<void>();
    model.changed = async (after, limit) => {
      const found = await read(after, limit);
      await slow.promise; // what was read takes its time to come
      return found;
    };
    const earlier = index.fresh();
    for (let n = 0; n < 5; n++) await new Promise(setImmediate);
    await hold({ stew: {} });
    const later = index.fresh().then(all);
    slow.resolve();
    await earlier;
    assert.deepEqual(await later, ['soup', 'stew']);
  });
});

describe('recipes with foods', () => {
  const shelf = {
    b: { ingredients: ['두부 1모', '김치 200g', '대파 1대'] },
    a: { ingredients: ['두부 1모', '김치 200g'] },
    c: { ingredients: ['두부 반모', '두부 1모', '두부 2모'] },
    d: { ingredients: ['돼지고기 300g', '무언가 신기한 것'] },
  };
  const found = async (
    t: TestContext,
    recipesById: Record<string, Written>,
    ...[foods, fridge = 'f1', limit = 9]: [string[], string?, number?]
  ) => {
    const { index } = await served(t, recipesById);
    return ids(withFoods(await index.fresh(), foods, limit, fridge));
  };

  test('are those of which the greatest share is there first, then by id', async t => {
    assert.deepEqual(await found(t, shelf, ['tofu', 'kimchi', 'large-green-onion']), ['a', 'b', 'c']);
    assert.deepEqual(await found(t, shelf, ['tofu', 'large-green-onion']), ['c', 'b', 'a']);
    assert.deepEqual(await found(t, shelf, ['large-green-onion', 'kimchi']), ['b', 'a']);
  });

  test('are those with a cut of what is there too, and the other way round', async t => {
    const meat = { neck: { ingredients: ['돼지고기 목살 200g'] }, any: { ingredients: ['돼지고기 200g'] } };
    assert.deepEqual(await found(t, meat, ['pork']), ['any', 'neck']);
    assert.deepEqual(await found(t, meat, ['pork-neck']), ['any', 'neck']);
    assert.deepEqual(await found(t, meat, ['pork-belly']), ['any']);
  });

  test('are as wished for, before they are counted: no long recipe takes the place of a short one', async t => {
    const long = { ingredients: ['두부 1모', '김치 200g', '대파 1대', '돼지고기 300g'], minutes: 90 };
    const many = Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`long${n}`, long]));
    const { index } = await served(t, { ...many, short: { ingredients: ['두부 1모', '김치 200g'], minutes: 15 } });
    await index.fresh();
    const foods = ['tofu', 'kimchi', 'large-green-onion'];
    assert.deepEqual(ids(withFoods(index, foods, 1)), ['short']);
    for (const wish of [{ maxMinutes: 20 }, { exclude: ['pork'] }])
      assert.deepEqual(ids(withFoods(index, [...foods, 'pork'], 2000, 'f1', wish)), ['short']);
    assert.equal(withFoods(index, [...foods, 'pork'], 2000, 'f1', { include: ['pork'] }).length, 2000);
  });

  test('are not found by what may be left out, nor by water', async t =>
    assert.deepEqual(
      await found(t, { a: { ingredients: ['김치 200g', '두부 1모 (선택)', '물 1컵'] } }, ['tofu', 'water']),
      [],
    ));

  test('need one of them', async t => {
    assert.deepEqual(await found(t, shelf, ['pork']), ['d']);
    assert.deepEqual(await found(t, shelf, ['egg']), []);
    assert.deepEqual(await found(t, shelf, []), []);
  });

  test('are only so many', async t => assert.deepEqual(await found(t, shelf, ['tofu', 'kimchi'], 'f1', 2), ['a', 'c']));

  test('are for everybody, or of the fridge itself, never of another fridge', async t => {
    const own = {
      ...{ ours: { ...shelf.b, visibility: 'fridge:f1' }, theirs: { ...shelf.b, visibility: 'fridge:f2' } },
      ...{ odd: { ...shelf.b, visibility: 'fridge:f11' }, open: shelf.a },
    };
    assert.deepEqual(await found(t, own, ['tofu', 'kimchi', 'large-green-onion']), ['open', 'ours']);
    assert.deepEqual(await found(t, own, ['tofu'], 'f2'), ['open', 'theirs']);
    assert.deepEqual(await found(t, own, ['tofu'], 'public'), ['open']);
    assert.deepEqual(await found(t, own, ['kimchi', 'large-green-onion'], 'f1', 1), ['ours']);
  });
});

describe('searching', () => {
  const shelf = {
    stew: {
      title: '돼지고기 김치찌개',
      tags: ['한식'],
      ingredients: ['신김치 300g', { name: '두부', amount: '반모' }],
    },
    bread: {
      title: 'Garlic Bread',
      tags: ['Snack'],
      lang: 'en',
      ingredients: ['4 cloves garlic, minced', '1 baguette'],
    },
    eggs: { title: 'Fried eggs', lang: 'en', ingredients: ['1 egg', 'plant-based oil'] },
  };
  const found = async (t: TestContext, words: string | undefined, fits: (row: RecipeRow) => boolean = () => true) => {
    const { index } = await served(t, shelf);
    return ids((await index.fresh()).search(words, fits)).toSorted();
  };

  for (const [words, expected] of [
    ['김치찌개', ['stew']],
    ['돼지고기 김치', ['stew']],
    ['김치 찌개', ['stew']],
    ['김치찌개'.normalize('NFD'), ['stew']],
    ['한식', ['stew']],
    ['두부', ['stew']],
    ['신김치', ['stew']],
    ['반모', ['stew']],
    ['garlic', ['bread']],
    ['GARLIC bread', ['bread']],
    ['ｇａｒｌｉｃ', ['bread']],
    ['snack', ['bread']],
    ['Baguette', ['bread']],
    ['minced', ['bread']],
    ['e', ['bread', 'eggs']],
    ['pizza', []],
    ['eggplant', []],
    ['steps are not searched', []],
    ['-', ['eggs']],
    [', ', ['bread']],
    ['.', []],
    ["'", []],
    ['_-.', []],
  ] as const) {
    test(`"${words}" finds ${expected.join(' and ') || 'nothing'}`, async t =>
      assert.deepEqual(await found(t, words), expected));
  }

  test('for nothing in particular finds all', async t => {
    assert.deepEqual(await found(t, undefined), ['bread', 'eggs', 'stew']);
  });

  test('finds only what fits', async t => {
    assert.deepEqual(await found(t, 'e', row => row.lang === 'en' && row.tags.length > 0), ['bread']);
    assert.deepEqual(await found(t, undefined, () => false), []);
  });
});
