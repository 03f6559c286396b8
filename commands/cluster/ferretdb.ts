import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const SOURCE = join(ROOT, 'test/mongodb/server');
const BUILT = join(ROOT, 'node_modules/.cache/zipbob-mongodb');
const LEAST_GO = 24;
const BUILD_MS = 20 * 60_000;

function isRecent(command: string): boolean {
  const { stdout } = spawnSync(command, ['version'], { encoding: 'utf8' });
  return Number(/go1\.(\d+)/.exec(stdout ?? '')?.[1]) >= LEAST_GO;
}

/** FerretDB as a program, built again when its source has changed; the first build takes minutes. @throws Error that says what is missing */
export async function buildFerretDb(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.sum']) hash.update(readFileSync(join(SOURCE, name)));
  const program = join(BUILT, `server-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  const go = ['go', '/usr/local/go/bin/go'].find(isRecent);
  if (!go)
    throw new Error(`there is no Go 1.${LEAST_GO} to build FerretDB with: install it, or set MONGODB_URL to a MongoDB`);
  console.log('building FerretDB, which takes some minutes the first time');
  mkdirSync(BUILT, { recursive: true });
  const part = `${program}.${process.pid}`;
  await promisify(execFile)(go, ['build', '-trimpath', '-o', part, '.'], { cwd: SOURCE, timeout: BUILD_MS });
  renameSync(part, program);
  return program;
}
