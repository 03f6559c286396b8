import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './zipbob.ts';

/** `npm run import` as a user runs it. */
export async function runImport(
  folder: string,
  ...files: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { child, ended } = await launch(folder, ['commands/import.ts', ...files]);
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  return { code: (await ended)!, out: out.join(''), err: err.join('') };
}

/** Writes a file of recipes, as JSON lines, into a folder. @returns its path */
export function jsonLines(folder: string, name: string, recipes: readonly unknown[]): string {
  const file = join(folder, name);
  writeFileSync(file, recipes.map(recipe => JSON.stringify(recipe)).join('\n'));
  return file;
}
