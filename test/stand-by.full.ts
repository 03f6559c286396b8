import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { seeded } from './support/seeded.ts';
import { LIMIT, stage } from './support/stand-by.ts';

for (const seed of [1, 2]) {
  test(
    `two projectors that are killed and paused at random lose and duplicate nothing (seed ${seed})`,
    LIMIT,
    async t => {
      const { start, open, seen, assertRight } = await stage(t);
      const random = seeded(seed);
      const pick = (count: number) => Math.floor(random() * count);
      const names = ['first', 'second'];
      const running = names.map(start);
      let last = 0;
      for (let round = 0; round < 40; round++) {
        for (let n = pick(8); n > 0; n--) last = await open();
        const side = pick(2);
        const process = running[side]!;
        const kind = pick(6);
        if (kind === 0) {
          await process.kill();
          running[side] = start(pick(2) === 0 ? process.holder : `${names[side]}-${round}`);
        } else if (kind <= 2) process.isPaused ? process.resume() : process.pause();
        else await setTimeout(pick(400));
      }
      for (const process of running) process.resume();
      await seen(await open().then(position => Math.max(position, last)));
      await assertRight();
      assert.deepEqual(
        running.flatMap(({ stops }) => stops),
        [],
      );
    },
  );
}
