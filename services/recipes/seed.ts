import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceBroker } from 'moleculer';
import { recipesApi } from './recipes.api.ts';
import { call } from './recipes.calls.ts';

const OUR_RECIPES = join(import.meta.dirname, '../../data/recipes.jsonl');

/** Imports the recipes of this release; existing ones stay unchanged. */
export async function seed(broker: ServiceBroker, say: (line: string) => void): Promise<void> {
  const lines = (await readFile(OUR_RECIPES, 'utf8')).trim().split('\n');
  const recipes = lines.map(line => JSON.parse(line) as object);
  const { results } = await call(broker, recipesApi.importMany, { recipes });
  const refused = results.find(result => 'refused' in result);
  if (refused) throw new Error(`one of our own recipes was refused: ${refused.refused}`);
  const fresh = results.filter(result => 'held' in result && result.held === 'new').length;
  if (fresh > 0) say(`seeded ${fresh} recipes`);
}
