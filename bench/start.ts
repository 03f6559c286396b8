import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Running, startZipBob } from '../test/support/zipbob.ts';
import { dataFolder } from './data-folder.ts';
import { alternate, discard, type Figure, figure, report, scratch, timed } from './harness.ts';
import { Households } from './households.ts';

/**
 * Time from starting the real program to its `ready` line, on an empty data folder and on one with 50,000 facts and built
 * views, against a Node that starts and ends; and its resident memory afterwards, against an idle Node.
 */
const SEED = 20260310;
const FACTS = 50_000;
const FRIDGES = 125;
/** time for the garbage of the start to be collected */
const SETTLE_MS = 3000;

const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

/** Starts ZipBob, takes a measurement, and stops it again. */
async function started<T>(folder: string, look: (running: Running, ms: number) => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const running = await startZipBob(folder);
  const ms = performance.now() - start;
  try {
    return await look(running, ms);
  } finally {
    await running.stop();
  }
}

const settled = async (pid: number): Promise<number> => {
  await setTimeout(SETTLE_MS);
  return residentMb(pid);
};

const bareStart = () => timed(() => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit'));

async function bareMemory(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  try {
    await once(child, 'spawn');
    return await settled(child.pid!);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

export async function start(): Promise<Figure[]> {
  const warmFolder = scratch();
  await dataFolder(warmFolder, new Households({ seed: SEED, fridges: FRIDGES }), FACTS);
  const building = await started(warmFolder, (_, ms) => ms);
  console.log(`first start on ${FACTS} facts, which builds all views: ${Math.round(building)} ms`);

  async function cold<T>(look: (running: Running, ms: number) => T | Promise<T>): Promise<T> {
    const folder = scratch();
    const seen = await started(join(folder, 'var'), look);
    discard(folder);
    return seen;
  }

  const speed = await alternate({
    bare: bareStart,
    cold: () => cold((_, ms) => ms),
    warm: () => started(warmFolder, (_, ms) => ms),
  });
  const memory = await alternate({
    bare: bareMemory,
    cold: () => cold(({ process }) => settled(process.pid!)),
    warm: () => started(warmFolder, ({ process }) => settled(process.pid!)),
  });
  return [
    figure('cold start to ready / node -e 0', 'ms', speed.cold, speed.bare),
    figure(`warm start to ready, ${FACTS} facts / node -e 0`, 'ms', speed.warm, speed.bare),
    figure('resident memory, empty / waiting node', 'MB', memory.cold, memory.bare),
    figure(`resident memory, ${FACTS} facts / waiting node`, 'MB', memory.warm, memory.bare),
  ];
}

if (import.meta.main) report(await start());
