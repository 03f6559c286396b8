import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';

/** in bytes; the first page identifies the file */
const PAGE = 4096;

export interface TestFolder {
  readonly folder: string;
  path(name: string): string;
  /** Closes it when the test ends: last opened, first closed. */
  keep<T extends { close(): unknown }>(open: T): T;
}

/** A folder for one test, removed when the test ends. */
export function testFolder(t: TestContext): TestFolder {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-test-'));
  const kept: { close(): unknown }[] = [];
  t.after(async () => {
    for (const open of kept.reverse()) await open.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    path: name => join(folder, name),
    keep(open) {
      kept.push(open);
      return open;
    },
  };
}

/** Simulates a failing disk under an open SQLite file: the file still opens, but its content cannot be read. */
export function damage(file: string): void {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const bytes = statSync(file).size - PAGE;
  const open = openSync(file, 'r+');
  writeSync(open, Buffer.alloc(bytes, 0x5a), 0, bytes, PAGE);
  closeSync(open);
}
