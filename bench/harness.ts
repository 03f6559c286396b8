import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** A subject beside its baseline, both measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** medians over the rounds */
  readonly subject: number;
  readonly baseline: number;
  /** median of the ratios of the rounds, and the least and the greatest of them */
  readonly ratio: number;
  readonly range: readonly [number, number];
  /** what the ratio should be: at least this, or at most */
  readonly aim?: Aim;
}

export type Aim = { readonly least: number } | { readonly most: number };

const { values: options, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    patience: { type: 'string', default: '5' },
    root: { type: 'string' },
  },
  allowPositionals: true,
});
export const benchNames = positionals;
/** A checkout whose program is measured, where a benchmark can do that; this one if none is named. */
export const ROOT = options.root;
/** `--rounds 1` is for a quick look; figures that are quoted need the usual 5. */
export const ROUNDS = Number(options.rounds);
/** Seconds to wait before each measurement, at most, for the machine to be busy with nothing else. */
export const PATIENCE = Number(options.patience);

const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A folder on a real disk, gone when the benchmark ends, however that is. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-bench-'));
  folders.add(folder);
  return folder;
}

export function discard(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** The share `p` of the values are at most this. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)]!;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds that some work takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** `lanes` callers; each takes the next piece of work as soon as its last one is done. */
export async function spread<T>(work: readonly T[], lanes: number, perform: (one: T) => unknown): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < work.length) await perform(work[next++]!);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

export interface Cost {
  readonly ms: number;
  /** milliseconds of processor time in all threads of this process: what a busy machine distorts least */
  readonly cpu: number;
}

/** What some work takes. */
export async function cost(work: () => unknown): Promise<Cost> {
  const before = process.cpuUsage();
  const ms = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { ms, cpu: (user + system) / 1000 };
}

const LOOK_MS = 500;
const QUIET = 0.85;

function cpuTimes(): { idle: number; all: number } {
  const times = cpus().map(cpu => cpu.times);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap(time => Object.values(time))) };
}

/** Resolves when the processors have been idle for half a second, or when patience ends. */
export async function quiet(): Promise<void> {
  const deadline = performance.now() + PATIENCE * 1000;
  while (performance.now() < deadline) {
    const before = cpuTimes();
    await setTimeout(LOOK_MS);
    const after = cpuTimes();
    if (after.idle - before.idle >= QUIET * (after.all - before.all)) return;
  }
}

/** Measures each of them once per round; who goes first changes from round to round, so that a busy machine hits all. */
export async function alternate<T, K extends string>(measures: Record<K, () => Promise<T>>): Promise<Record<K, T[]>> {
  const names = Object.keys(measures) as K[];
  const results = Object.fromEntries(names.map(name => [name, [] as T[]])) as Record<K, T[]>;
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      await quiet();
      results[name][round] = await measures[name]();
    }
  }
  return results;
}

export function figure(
  name: string,
  unit: string,
  subject: readonly number[],
  baseline: readonly number[],
  aim?: Aim,
): Figure {
  const ratios = subject.map((value, round) => value / baseline[round]!);
  return {
    name,
    unit,
    subject: median(subject),
    baseline: median(baseline),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
    ...(aim && { aim }),
  };
}

const number = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });

function row({ name, unit, subject, baseline, ratio, range, aim }: Figure) {
  const met = aim && ('least' in aim ? ratio >= aim.least : ratio <= aim.most);
  return {
    figure: name,
    unit,
    ours: number(subject),
    baseline: number(baseline),
    ratio: number(ratio),
    'least..most': range.map(number).join('..'),
    aim: aim ? ('least' in aim ? `>= ${aim.least}` : `<= ${aim.most}`) : '',
    met: met === undefined ? '' : met ? 'yes' : 'NO',
  };
}

export function table(figures: readonly Figure[]): void {
  const rows = figures.map(row);
  const columns = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
  const widths = columns.map(column => Math.max(column.length, ...rows.map(cells => cells[column].length)));
  const left = new Set(['figure', 'unit']);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (left.has(columns[i]!) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  console.log(line(columns));
  console.log(
    `|${widths.map((width, i) => `${'-'.repeat(width + 1)}${left.has(columns[i]!) ? '-' : ':'}`).join('|')}|`,
  );
  for (const cells of rows) console.log(line(columns.map(column => cells[column])));
}

/** Prints what a benchmark found, and hands it to `run.ts` where that has started it. */
export function report(figures: readonly Figure[]): void {
  table(figures);
  process.send?.(figures);
  process.disconnect?.();
}
