import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { killAndRecover, settle } from './support/kills.ts';
import { scratchFolder } from './support/programs.ts';

test('fifty kills inside appends and commits lose nothing and duplicate nothing', async () => {
  const folder = scratchFolder();
  try {
    const home = await settle(folder);
    for (let round = 101; round <= 150; round++) await killAndRecover(folder, home, round);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
