import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { killAndRecover, settle } from './kills.ts';
import { scratchFolder } from './zipbob.ts';

test('five kills inside appends and commits lose nothing and repeat nothing', async () => {
  const folder = scratchFolder();
  try {
    const home = await settle(folder);
    for (let round = 1; round <= 5; round++) await killAndRecover(folder, home, round);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
