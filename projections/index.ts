import { readdir } from 'node:fs/promises';
import type { Projection } from '../core/projection.ts';

/** Every read model there is: one per file of this folder. */
export async function allProjections(): Promise<readonly Projection[]> {
  const files = (await readdir(import.meta.dirname)).filter(
    file => file.endsWith('.ts') && file !== 'index.ts' && !file.endsWith('.test.ts'),
  );
  const modules = await Promise.all(files.sort().map(file => import(`./${file}`)));
  return modules.flatMap(module => Object.values(module as object).filter(isProjection));
}

const isProjection = (value: unknown): value is Projection =>
  typeof value === 'object' && value !== null && 'fold' in value && 'columns' in value;
