import { readdir } from 'node:fs/promises';
import type { Projection } from '../core/projection.ts';
import type { Catalogue } from '../domain/catalogue.ts';

/**
 * All read models, one per file of this folder. A file exports it, or by default a function that makes it with a
 * catalogue.
 */
export async function allProjections(catalogue: Catalogue): Promise<readonly Projection[]> {
  const files = (await readdir(import.meta.dirname)).filter(
    file => file.endsWith('.ts') && file !== 'index.ts' && !file.endsWith('.test.ts'),
  );
  const modules = (await Promise.all(files.sort().map(file => import(`./${file}`)))) as Module[];
  return modules.flatMap(({ default: make, ...exported }) => [
    ...(make ? [make(catalogue)] : []),
    ...Object.values(exported).filter(isProjection),
  ]);
}

type Module = { readonly default?: (catalogue: Catalogue) => Projection };

const isProjection = (value: unknown): value is Projection =>
  typeof value === 'object' && value !== null && 'fold' in value && 'columns' in value;
