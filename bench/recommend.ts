import { setTimeout } from 'node:timers/promises';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import { serverInfo } from '../platform/data-folder.ts';
import { Client, newcomer, type Reply } from '../test/support/client.ts';
import { seeded } from '../test/support/seeded.ts';
import { startZipBob } from '../test/support/zipbob.ts';
import { type Figure, figure, median, quantile, quiet, ROUNDS, report, scratch, timed } from './harness.ts';

/**
 * From asking what can be cooked to having the answer, over real HTTP as a client does it that polls, with our own
 * recipes and 2,000 made-up ones; against reading the fridge in the same run.
 */
const SEED = 20260310;
const RECIPES = 2000;
const AT_ONCE = 100;
const INGREDIENTS = 60;
const ASKED_A_ROUND = 30;
const POLL_MS = 2;
const WARM_UP = 10;

/** Of 3 to 15 foods each, as people write them. */
function madeUp(): object[] {
  const random = seeded(SEED);
  return Array.from({ length: RECIPES }, (_, number) => {
    const foods = new Set(
      Array.from({ length: 3 + Math.floor(random() * 13) }, () => Math.floor(random() * baseCatalogue.foods.length)),
    );
    const ingredients = [...foods].map(index => {
      const { name, unit } = baseCatalogue.foods[index]!;
      const amount = Math.ceil(random() * 5) * (['g', 'ml'].includes(unit) ? 50 : 1);
      return random() < 0.1 ? `${name.ko} 약간` : `${name.ko} ${amount}${unit}`;
    });
    const steps = [
      '재료를 먹기 좋은 크기로 썬다.',
      '팬에 기름을 두르고 중불에서 볶는다.',
      '간을 맞추고 한 번 더 끓인다.',
    ];
    return { title: `요리 ${number}`, lang: 'ko', servings: 2, minutes: 10 + (number % 50), ingredients, steps };
  });
}

function expected({ status, body }: Reply, wanted: number): Reply['body'] {
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${JSON.stringify(body)}`);
  return body;
}

async function importRecipes(url: string, token: string): Promise<void> {
  const operator = new Client(url);
  operator.token = token;
  const recipes = madeUp();
  for (let start = 0; start < recipes.length; start += AT_ONCE) {
    const some = recipes.slice(start, start + AT_ONCE);
    const { results } = expected(await operator.post('/ops/recipes', { recipes: some }), 200);
    for (const result of results) if (result.refused) throw new Error(`a recipe was refused: ${result.refused}`);
  }
}

export async function recommend(): Promise<Figure[]> {
  const folder = scratch();
  const server = await startZipBob(folder);
  try {
    await importRecipes(server.url, serverInfo(folder)!.token!);
    const { client, fridgeId } = await newcomer(server.url);
    const items = baseCatalogue.foods
      .slice(0, INGREDIENTS)
      .map(({ id, unit }) => ({ food: id, amount: ['g', 'ml'].includes(unit) ? 400 : 3 }));
    const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { items });
    expected(stored, 201);
    const list = await client.get('/recipes?limit=1', { 'Wait-For-Position': stored.headers.get('position')! });
    if (expected(list, 200).total < RECIPES) throw new Error(`only ${list.body.total} recipes are held`);

    async function ask(): Promise<void> {
      const { recommendationId } = expected(await client.post(`/fridges/${fridgeId}/recommendations`, {}), 202);
      for (;;) {
        const { status, recipes } = expected(await client.get(`/recommendations/${recommendationId}`), 200);
        if (status === 'done' && recipes.length > 0) return;
        if (status !== 'requested') throw new Error(`the recommendation is ${status}, with ${recipes.length} recipes`);
        await setTimeout(POLL_MS);
      }
    }
    const look = async () => expected(await client.get(`/fridges/${fridgeId}`), 200);

    for (let i = 0; i < WARM_UP; i++) {
      await ask();
      await look();
    }
    const rounds: { recommendations: number[]; reads: number[] }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const recommendations: number[] = [];
      const reads: number[] = [];
      await quiet();
      for (let i = 0; i < ASKED_A_ROUND; i++) {
        recommendations.push(await timed(ask));
        reads.push(await timed(look));
      }
      rounds.push({ recommendations, reads });
    }
    const at = (p: number, what: 'recommendations' | 'reads') => rounds.map(round => quantile(round[what], p));
    console.log(`p95 of a recommendation: ${Math.round(median(at(0.95, 'recommendations')))} ms (to be under 300)`);
    return [
      figure('recommendation p50 / GET fridge p50', 'ms', at(0.5, 'recommendations'), at(0.5, 'reads')),
      figure('recommendation p95 / GET fridge p95', 'ms', at(0.95, 'recommendations'), at(0.95, 'reads')),
    ];
  } finally {
    await server.stop();
  }
}

if (import.meta.main) report(await recommend());
