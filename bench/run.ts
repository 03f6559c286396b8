import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { type Figure, PATIENCE, ROOT, ROUNDS, selection, table } from './harness.ts';

/** `npm run bench [-- NAME...]`: runs each benchmark in a process of its own, one after the other, and prints one table. */
const ALL = [
  'commands',
  'replay',
  'append-during-rebuild',
  'start',
  'recommend',
  'lines',
  'listing',
  'gateway',
  'eventstoredb',
  'mariadb',
  'mongodb',
  'hostile',
] as const;
const LIMIT_MS = 15 * 60_000;

const unknown = selection.find(name => !(ALL as readonly string[]).includes(name));
if (unknown) {
  console.error(`there is no benchmark called ${unknown}; there are ${ALL.join(', ')}`);
  process.exit(1);
}

const load = () =>
  `load ${loadavg()
    .map(value => value.toFixed(2))
    .join(' ')}`;

async function run(name: string): Promise<readonly Figure[]> {
  console.log(`\n${name}, ${load()}`);
  const child = fork(join(import.meta.dirname, `${name}.ts`), [
    '--rounds',
    String(ROUNDS),
    '--patience',
    String(PATIENCE),
    ...(ROOT === undefined ? [] : ['--root', ROOT]),
  ]);
  const timer = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS);
  let figures: readonly Figure[] = [];
  child.on('message', message => {
    figures = message as readonly Figure[];
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  // A benchmark without ratios prints its own table.
  if (code === 0 && (figures.length > 0 || name === 'hostile' || name === 'mongodb')) return figures;
  console.error(`${name} ended with ${code ?? signal}`);
  process.exitCode = 1;
  return figures;
}

console.log(`${new Date().toISOString()}, node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
const figures: Figure[] = [];
for (const name of selection.length > 0 ? selection : ALL) figures.push(...(await run(name)));
console.log(`\n${load()}`);
if (figures.length > 0) table(figures);
