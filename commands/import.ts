import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { linesOf } from '../core/lines.ts';
import { readConfig } from '../moleculer.config.ts';
import { messageOf, printable } from '../platform/printable.ts';
import { importer, type Result } from './importer.ts';
import { tidied } from './tidied.ts';

/** `npm run import -- FILE...`: imports recipes from JSON lines, one recipe each. */
const BATCH = 100;
const PROGRESS_MS = 1000;

interface Line {
  readonly where: string;
  readonly recipe: unknown;
}

const count = { new: 0, before: 0, refused: 0 };
let shown = performance.now();

function refuse(where: string, why: string): void {
  count.refused++;
  console.error(printable(`${where}: ${why}`));
}

function note({ where }: Line, result: Result): void {
  if ('refused' in result) refuse(where, result.refused);
  else count[result.held]++;
}

function progress(): void {
  if (performance.now() - shown < PROGRESS_MS) return;
  shown = performance.now();
  console.log(summary());
}

const summary = () => `${count.new} new, ${count.before} already stored, ${count.refused} refused`;

/** The valid JSON lines of a file, in batches; invalid ones are refused at once. */
async function* batches(file: string): AsyncGenerator<Line[]> {
  const content = file.endsWith('.gz') ? createReadStream(file).pipe(createGunzip()) : createReadStream(file);
  let batch: Line[] = [];
  let number = 0;
  for await (const { text } of linesOf(content)) {
    number++;
    if (text.trim() === '') continue;
    const where = `${file}:${number}`;
    try {
      batch.push({ where, recipe: tidied(JSON.parse(text)) });
    } catch {
      refuse(where, 'is not valid JSON');
    }
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run import -- FILE...   (recipes as JSON lines, also .gz)');
  process.exit(1);
}
try {
  const target = await importer(readConfig(), process.env);
  try {
    for (const file of files) {
      for await (const batch of batches(file)) {
        const results = await target.take(batch.map(({ recipe }) => recipe));
        for (const [i, line] of batch.entries()) note(line, results[i]!);
        progress();
      }
    }
  } finally {
    await target.close();
  }
  console.log(summary());
  process.exit(count.refused > 0 ? 1 : 0);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
