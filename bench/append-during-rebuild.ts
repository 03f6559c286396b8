import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { fridgeFamily } from '../events/fridge.ts';
import { readConfig } from '../moleculer.config.ts';
import { boot } from '../platform/boot.ts';
import type { Parts } from '../platform/parts.ts';
import { whileStarting } from '../platform/starting.ts';
import { decider } from '../services/fridges/testing.ts';
import { loadServices } from '../services/index.ts';
import { dataFolder } from './data-folder.ts';
import { type Figure, figure, quantile, quiet, ROUNDS, report, scratch } from './harness.ts';
import { Households } from './households.ts';

/**
 * Latency of a command until it is on disk, in a real node with all its services: while a thread of that node rebuilds
 * the read model of ingredients from 200,000 facts, and while it does not. A third phase shows the machine's share: an
 * equally busy thread that uses neither disk nor database.
 */
const SEED = 20260310;
const FACTS = 200_000;
const FRIDGES = 500;
/** separate from the fridges of the 200,000 facts: their state would fill this process's heap */
const BUSY_FRIDGES = 20;
/** interval between commands, whether the previous one was answered or not */
const EVERY_MS = 4;
/** about as long as a rebuild, for as many samples */
const IDLE_MS = 8000;
const MOST_MS = 120_000;
/** works for 200 ms, then rests for 200 ms, like a rebuild */
const COMPUTE = `
  const until = ms => performance.now() + ms;
  const end = until(${IDLE_MS});
  (function work() {
    for (const pause = until(200); performance.now() < pause; );
    if (performance.now() < end) setTimeout(work, 200);
  })();`;

type Phase = 'idle' | 'rebuilding' | 'computing';

/**
 * Latencies of one command every few milliseconds until `ended`. A command that takes longer than the interval delays
 * later ones, which are counted too (correction for coordinated omission).
 */
async function latencies(perform: () => Promise<unknown>, ended: () => boolean): Promise<number[]> {
  const found: number[] = [];
  const deadline = performance.now() + MOST_MS;
  while (!ended() && performance.now() < deadline) {
    const start = performance.now();
    await perform();
    const took = performance.now() - start;
    for (let waited = took; waited > 0; waited -= EVERY_MS) found.push(waited);
    await setTimeout(Math.max(1, EVERY_MS - took));
  }
  return found;
}

export async function appendDuringRebuild(): Promise<Figure[]> {
  const folder = scratch();
  await dataFolder(folder, new Households({ seed: SEED, fridges: FRIDGES }), FACTS);
  const households = new Households({ seed: SEED + 1, fridges: BUSY_FRIDGES });

  let parts: Parts | undefined;
  const config = readConfig({ ZIPBOB_DATA: folder, ZIPBOB_PORT: '0' });
  const services = await loadServices(config.services);
  const bench = (given: Parts) => {
    parts = given;
    return { name: 'bench' };
  };
  const node = await whileStarting(starting => boot(config, [...services, bench], starting));
  try {
    const fridges = parts!.handler(fridgeFamily, decider);
    const command = () => {
      const { fridgeId, command, meta } = households.next();
      return fridges.handle(fridgeId, command, meta, () => {});
    };
    const idle = async () => {
      await quiet();
      const end = performance.now() + IDLE_MS;
      return await latencies(command, () => performance.now() > end);
    };
    let rebuilds = 0;
    let rebuildMs = 0;
    const rebuilding = async () => {
      await quiet();
      const start = performance.now();
      let running = true;
      const rebuild = node.broker
        .call('projector.rebuild', { name: 'ingredients' }, { timeout: 0 })
        .finally(() => (running = false));
      const found = await latencies(command, () => !running);
      await rebuild;
      rebuilds++;
      rebuildMs += performance.now() - start;
      return found;
    };

    const computing = async () => {
      await quiet();
      let running = true;
      const exit = once(new Worker(COMPUTE, { eval: true }), 'exit').finally(() => (running = false));
      const found = await latencies(command, () => !running);
      await exit;
      return found;
    };

    await idle(); // opens the fridges, and lets late compilation finish
    const rounds: Record<Phase, number[]>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const first = round % 2 === 0 ? await idle() : undefined;
      const loaded = await rebuilding();
      rounds.push({ idle: first ?? (await idle()), rebuilding: loaded, computing: await computing() });
    }
    console.log(
      `a rebuild of ${FACTS} facts beside one command every ${EVERY_MS} ms: ${Math.round(rebuildMs / rebuilds)} ms`,
    );
    const at = (p: number, phase: Phase) => rounds.map(round => quantile(round[phase], p));
    return [
      figure('append p50, rebuild / idle', 'ms', at(0.5, 'rebuilding'), at(0.5, 'idle')),
      figure('append p99, rebuild / idle', 'ms', at(0.99, 'rebuilding'), at(0.99, 'idle'), { most: 2 }),
      figure('append p99, a thread that only computes / idle', 'ms', at(0.99, 'computing'), at(0.99, 'idle')),
    ];
  } finally {
    await node.close();
  }
}

if (import.meta.main) {
  report(await appendDuringRebuild());
  process.exit();
}
