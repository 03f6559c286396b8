import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceBroker } from 'moleculer';

const OUR_RECIPES = join(import.meta.dirname, '../../data/recipes.jsonl');

type Result = { held: 'new' | 'before' } | { refused: string };

/** Takes in the recipes that we ship; those that are held already stay as they are. */
export async function seed(broker: ServiceBroker, say: (line: string) => void): Promise<void> {
  const lines = (await readFile(OUR_RECIPES, 'utf8')).trim().split('\n');
  const recipes = lines.map(line => JSON.parse(line) as object);
  const { results } = await broker.call<{ results: Result[] }, object>('recipes.importMany', { recipes });
  const refused = results.find(result => 'refused' in result);
  if (refused) throw new Error(`one of our own recipes was refused: ${refused.refused}`);
  const fresh = results.filter(result => 'held' in result && result.held === 'new').length;
  if (fresh > 0) say(`seeded ${fresh} recipes`);
}
