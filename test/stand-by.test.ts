import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProjectorProcess } from '../services/projector/testing/projector-process.ts';
import { isFeeding, LIMIT, stage } from './support/stand-by.ts';

for (const [how, leave] of [
  ['is killed', async (holder: ProjectorProcess) => holder.kill()],
  ['is stopped (SIGSTOP)', async (holder: ProjectorProcess) => holder.pause()],
  ['ends', (holder: ProjectorProcess) => holder.stop()],
] as const) {
  test(`a standby projector takes over when the holder ${how}`, LIMIT, async t => {
    const { start, open, seen, assertRight } = await stage(t);
    const first = start('first');
    await first.until(isFeeding);
    const second = start('second');
    await seen(await open());
    assert.deepEqual([first.isFeeding, second.isFeeding], [true, false]);
    await leave(first);
    await second.until(isFeeding);
    await seen(await open());
    if (first.isPaused) {
      first.resume();
      await first.until(({ isFeeding }) => !isFeeding);
      await seen(await open());
      assert.deepEqual([first.stops, second.isFeeding], [[], true]);
    }
    await assertRight();
  });
}

test('a restarted process with its old name takes its lease at once', LIMIT, async t => {
  const { start, models } = await stage(t);
  const first = start('same');
  await first.until(isFeeding);
  await first.kill();
  const before = await models.lease('projector');
  await start('same').until(isFeeding);
  // It did not wait: no other projector contested the lease.
  assert.deepEqual(await models.lease('projector'), { ...before, renewals: before!.renewals + 1 });
});
