import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ownFolder } from './support/data-folders.ts';

const ROOT = join(import.meta.dirname, '..');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** As docs/architecture.md says. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  domain: [],
  events: ['core'],
  projections: ['core', 'events', 'domain'],
  stores: ['core', 'driver'],
  platform: ['core', 'events', 'domain', 'stores', 'bus', 'driver'],
  services: ['core', 'events', 'domain', 'platform', 'projections', 'stores', 'bus', 'driver'],
  commands: [
    ...['core', 'events', 'domain', 'platform', 'projections', 'services', 'stores'],
    ...['moleculer.config.ts', 'bus', 'driver'],
  ],
};
const PURE = ['core', 'events', 'domain', 'services'];

const FOLDERS = [...Object.keys(MAY_IMPORT), 'bench', 'test', 'web'];
const FILES = ['start.ts', 'moleculer.config.ts'];
const DRIVERS = ['node:sqlite', '@eventstore/db-client'];
const BUS = ['moleculer', 'moleculer/index.js', 'moleculer-web', 'moleculer-web/src/index.js'];

interface Planted {
  readonly file: string;
  readonly imports: string;
  readonly allowed: boolean;
}

/** Every way from a file to what it could import, one file each. */
function planted(folder: string, suffix: string, may: readonly string[]): Planted[] {
  const found: Planted[] = [];
  for (const [depth, way] of ['', 'deep/', 'deep/down/'].entries()) {
    const up = '../'.repeat(depth + 1);
    const put = (target: string, imports: string) =>
      found.push({
        file: `${folder}/${way}planted-${found.length}${suffix}`,
        imports,
        allowed: target === folder || may.includes(target),
      });
    for (const target of FOLDERS) put(target, `${up}${target}/some/where.ts`);
    for (const target of FOLDERS) put(target, `${up}${target}/here.ts`);
    for (const target of FILES) put(target, up + target);
    for (const name of BUS) put('bus', name);
    if (folder === 'core' || may.includes('driver')) for (const name of DRIVERS) put('driver', name);
    put(folder, './beside.ts');
  }
  return found;
}

/** The files that the rules of this repository about imports refuse in a folder. */
function refused(folder: string): string[] {
  const options = ['--only=style/noRestrictedImports', '--vcs-enabled=false', '--max-diagnostics=none'];
  const args = [BIOME, 'lint', ...options, '--reporter=json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.notEqual(stdout, '', stderr);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string } }[] };
  for (const { category } of diagnostics) assert.equal(category, 'lint/style/noRestrictedImports');
  return diagnostics.map(({ location }) => location.path.replaceAll('\\', '/')).sort();
}

test('the linter refuses every import that goes the wrong way, however deep the file lies, and no other', () => {
  const folder = ownFolder();
  cpSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  const all = [
    ...Object.entries(MAY_IMPORT).flatMap(([name, may]) => planted(name, '.ts', may)),
    ...['.decider.ts', '.state.ts'].flatMap(suffix => planted('services', suffix, PURE)),
    { file: 'services/fridges/clock.decider.ts', imports: 'node:perf_hooks', allowed: false },
    ...['bench', 'test'].flatMap(name => planted(name, '.ts', [...FOLDERS, ...FILES, 'bus', 'driver'])),
  ];
  for (const { file, imports } of all) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import '${imports}';\n`);
  }
  const wrong = all.filter(({ allowed }) => !allowed);
  assert.deepEqual(refused(folder), wrong.map(({ file }) => file).sort());
});

test('it refuses them in every form: of types, passed on, and when needed', () => {
  const folder = ownFolder();
  cpSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  const forms = [
    `import type { Client } from '../test/support/client.ts';`,
    `export * from '../test/support/client.ts';`,
    `export { Client } from '../test/support/client.ts';`,
    `export const client = () => import('../test/support/client.ts');`,
  ];
  mkdirSync(join(folder, 'core'));
  for (const [n, form] of forms.entries()) writeFileSync(join(folder, `core/${n}.ts`), `${form}\n`);
  assert.deepEqual(
    refused(folder),
    forms.map((_, n) => `core/${n}.ts`),
  );
});

test('nothing of this repository goes the wrong way', () => assert.deepEqual(refused(ROOT), []));
