import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A third of a start is the stripping of types. */
export const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/zipbob-tests');

export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'zipbob-'));

/** The command for a program of ours where no file may grow beyond so many bytes. */
export const cramped = (bytes: number, program: readonly string[]): string[] => [
  ...['sh', '-c', 'ulimit -f "$0" && exec "$@"', String(bytes / 512), process.execPath],
  ...program,
];
