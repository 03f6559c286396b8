import { readdir } from 'node:fs/promises';
import type { Family } from '../core/fact.ts';
import { logFamily } from '../core/log-identity.ts';

/** Every family of facts there is: those that the files of this folder hold, and the log's own. */
export async function allFamilies(): Promise<readonly Family[]> {
  const files = (await readdir(import.meta.dirname)).filter(
    file => file.endsWith('.ts') && file !== 'index.ts' && !file.endsWith('.test.ts'),
  );
  const modules = await Promise.all(files.sort().map(file => import(`./${file}`)));
  return [logFamily, ...modules.flatMap(module => Object.values(module as object)).filter(isFamily)];
}

const isFamily = (value: unknown): value is Family =>
  typeof value === 'object' && value !== null && 'kinds' in value && 'streamOf' in value;
