import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface TestFolder {
  readonly folder: string;
  path(name: string): string;
  /** Closes it when the test ends: last opened, first closed. */
  keep<T extends { close(): unknown }>(open: T): T;
}

/** A folder for one test, gone when that ends. */
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
