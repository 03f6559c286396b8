import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import { matchFood } from '../domain/foods.ts';
import { parseLine, type WrittenLine } from '../domain/lines.ts';
import { SHAPES } from '../domain/shapes.ts';
import type { PlaceKind } from '../events/fridge.ts';
import { stock } from '../services/fridges/stock.ts';
import { alternate, cost, type Figure, figure, median, report } from './harness.ts';

/**
 * Cost of the longest line and the longest name, against ordinary ones in the same run. The ordinary lines are those of
 * our own recipes; the longest have the maximum length of the API, in shapes that are hard to parse.
 */
const LINE = 500;
const NAME = 200;
const TIMES = 200;
const ITEMS = 200;

const recipes = readFileSync(join(import.meta.dirname, '../data/recipes.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as { lang: string; ingredients: string[] });
const ordinary = recipes.flatMap(({ ingredients, lang }) => ingredients.map(text => ({ text, lang })));
const names = ['유기농 우유 1L', '12 eggs', 'chicken breast', '남은 카레', '대파'];

const characters = new Intl.Segmenter('ko', { granularity: 'grapheme' });
const cut = (text: string, most: number): string =>
  Array.from(characters.segment(text), ({ segment }) => segment)
    .slice(0, most)
    .join('')
    .trim();
const longest = (most: number) =>
  Object.entries(SHAPES).map(([shape, text]) => [shape, cut(text(most), most)] as const);
const wordsIn = (text: string): number => text.split(/\s+/).length;

/** Processor time of one call in milliseconds, averaged over `times` calls. */
async function each(times: number, work: (n: number) => unknown): Promise<number> {
  const { cpu } = await cost(() => {
    for (let n = 0; n < times; n++) work(n);
  });
  return cpu / times;
}

const kitchen = {
  catalogue: baseCatalogue,
  places: new Map<string, PlaceKind>([['fridge', 'fridge']]),
  timeZone: 'Asia/Seoul',
  at: '2026-03-10T00:00:00.000Z',
  today: '2026-03-10',
};
const store = (name: string) => stock({ name, place: 'fridge' }, kitchen);
const read = (line: WrittenLine, lang?: string) => parseLine(baseCatalogue, line, lang);

async function slowest<T>(texts: readonly (readonly [string, T])[], work: (text: T) => unknown) {
  const found: { shape: string; ms: number }[] = [];
  for (const [shape, text] of texts) found.push({ shape, ms: await each(TIMES / 4, () => work(text)) });
  return found.reduce((a, b) => (a.ms >= b.ms ? a : b));
}

export async function lines(): Promise<Figure[]> {
  const hardLines = longest(LINE);
  const hardNames = longest(NAME);
  const ones = hardLines.find(([shape]) => shape === 'numbers')![1];
  const oneNames = hardNames.find(([shape]) => shape === 'numbers')![1];
  const words = ordinary.reduce((sum, { text }) => sum + wordsIn(text), 0) / ordinary.length;
  const anOrdinary = () =>
    each(TIMES * 10, n => {
      const { text, lang } = ordinary[n % ordinary.length]!;
      return read(text, lang);
    });
  await anOrdinary();
  const rounds = await alternate({
    ordinary: anOrdinary,
    ones: () => each(TIMES, () => read(ones)),
    slowest: async () => (await slowest(hardLines, text => read(text))).ms,
    ordinaryName: () => each(TIMES * 10, n => matchFood(baseCatalogue, names[n % names.length]!)),
    slowestName: async () => (await slowest(hardNames, text => matchFood(baseCatalogue, text))).ms,
    ordinaryItems: () => each(5, () => Array.from({ length: ITEMS }, (_, n) => store(names[n % names.length]!))),
    items: () => each(5, () => Array.from({ length: ITEMS }, () => store(oneNames))),
  });
  const { shape, ms } = await slowest(hardLines, text => read(text));
  console.log(`slowest line: ${shape}, ${ms.toFixed(2)} ms (to be under 2)`);
  console.log(`ordinary lines/s: ${Math.round(1000 / median(rounds.ordinary))}`);
  const micros = (values: readonly number[], by: number) => values.map(value => (value * 1000) / by);
  return [
    figure(
      'longest line "1 1 1 ..." / ordinary line, us a word',
      'us',
      micros(rounds.ones, wordsIn(ones)),
      micros(rounds.ordinary, words),
      { most: 2 },
    ),
    figure('slowest longest line / ordinary line', 'ms', rounds.slowest, rounds.ordinary),
    figure('slowest longest name / ordinary name', 'ms', rounds.slowestName, rounds.ordinaryName),
    figure('200 items called "1 1 1 ..." / 200 ordinary items', 'ms', rounds.items, rounds.ordinaryItems),
  ];
}

if (import.meta.main) report(await lines());
