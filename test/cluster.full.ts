import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { linesOf } from '../core/lines.ts';
import { type Client, newcomer, type Reply } from './support/client.ts';
import { noMariaDb } from './support/mariadb.ts';
import { noMongo } from './support/mongodb.ts';
import { noNats } from './support/nats.ts';
import { COMPILE_CACHE, scratchFolder } from './support/programs.ts';
import { noRedis } from './support/redis.ts';

const ROOT = join(import.meta.dirname, '..');
/** FerretDB may have to be built first. */
const START_MS = 15 * 60_000;
/** The promise of docs/operations.md: service is back within this time after the death of any process. */
const BACK_MS = 30_000;
const LOOK_MS = 200;

interface Process {
  readonly name: string;
  readonly kind: 'app' | 'server';
  readonly pid: number;
}

class Cluster {
  readonly folder = scratchFolder();
  readonly output: string[] = [];
  #child: ChildProcess | undefined;

  /** @returns its address */
  async start(): Promise<string> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, NODE_COMPILE_CACHE: COMPILE_CACHE, ZIPBOB_DATA: this.folder, ZIPBOB_PORT: '0' };
    const child = spawn(process.execPath, ['commands/cluster.ts'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', data => this.output.push(String(data)));
    const { promise: address, resolve, reject } = Promise.withResolvers<string>();
    void this.#listen(child, resolve);
    void once(child, 'exit').then(() => reject(new Error(`the cluster did not start:\n${this.output.join('')}`)));
    const timer = globalThis.setTimeout(() => child.kill('SIGTERM'), START_MS);
    return await address.finally(() => clearTimeout(timer));
  }

  async #listen(child: ChildProcess, ready: (address: string) => void): Promise<void> {
    for await (const { text } of linesOf(child.stdout!)) {
      this.output.push(`${text}\n`);
      if (text.startsWith('ready ')) ready(text.slice('ready '.length));
    }
  }

  get processes(): Process[] {
    const { processes } = JSON.parse(readFileSync(join(this.folder, 'cluster.json'), 'utf8')) as {
      processes: Process[];
    };
    return processes;
  }

  /** kill -9; resolves once another process has taken its place. */
  async kill(name: string): Promise<void> {
    const { pid } = this.processes.find(process => process.name === name)!;
    process.kill(pid, 'SIGKILL');
    const isReplaced = () => this.processes.some(process => process.name === name && process.pid !== pid);
    await until(`${name} is restarted`, async () => isReplaced());
  }

  /** kill -9 of the supervisor */
  async killSelf(): Promise<void> {
    const child = this.#child!;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** @returns its exit code */
  async stop(): Promise<number | null> {
    const child = this.#child!;
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    return code as number | null;
  }
}

async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + BACK_MS; performance.now() < end; ) {
    if (await met().catch(() => false)) return;
    await setTimeout(LOOK_MS);
  }
  throw new Error(`not within ${BACK_MS} ms: ${what}`);
}

/** Sends a command until it is acknowledged, always under the same key. */
async function acknowledged(send: () => Promise<Reply>): Promise<Reply> {
  let last: Reply | undefined;
  await until('a command is acknowledged', async () => {
    last = await send();
    return last.status === 201;
  });
  return last!;
}

const missing = [noNats, noMariaDb.skip, noMongo, noRedis].find(Boolean) || false;

describe('npm run cluster', { skip: missing }, async () => {
  const cluster = new Cluster();
  after(async () => {
    await cluster.stop();
    rmSync(cluster.folder, { recursive: true, force: true });
  });
  let client: Client;
  let fridgeId: string;
  const stored: string[] = [];

  const store = (name: string) =>
    acknowledged(() =>
      client.post(`/fridges/${fridgeId}/ingredients`, { name }, { 'Idempotency-Key': encodeURIComponent(name) }),
    );

  test('serves the loop: register, store, ask, answer', async () => {
    const member = await newcomer(await cluster.start());
    ({ client, fridgeId } = member);
    for (const name of ['두부', '신김치 500g', '돼지고기 목살 300g', '대파 2대', '양파 2개'])
      stored.push((await store(name)).body.items[0].ingredientId);
    const { recommendationId } = (await client.post(`/fridges/${fridgeId}/recommendations`, { limit: 1 })).body;
    await until('the recommendation is done', async () => {
      const { body } = await client.get(`/recommendations/${recommendationId}`);
      return body.status === 'done' && body.recipes.length === 1;
    });
  });

  test('runs every service in a process of its own, two of some', () => {
    const names = cluster.processes.filter(({ kind }) => kind === 'app').map(({ name }) => name);
    assert.deepEqual(names.toSorted(), [
      'auth-1',
      'fridges-1',
      'gateway-1',
      'gateway-2',
      'projector-1',
      'projector-2',
      'recipes-1',
      'recommendations-1',
      'recommendations-2',
    ]);
  });

  test('every process may be killed: what was acknowledged is there, once, and service is back', async () => {
    for (const { name } of cluster.processes) {
      const restarted = cluster.kill(name);
      const reply = await store(`after ${name}`);
      stored.push(reply.body.items[0].ingredientId);
      await restarted;
      await until(`all is ready after ${name}`, async () => (await fetch(`${client.url}/readyz`)).status === 200);
    }
    let found: string[] = [];
    await until('the list holds them all', async () => {
      const { body } = await client.get(`/fridges/${fridgeId}/ingredients?limit=100`);
      found = body.items.map(({ ingredientId }: { ingredientId: string }) => ingredientId);
      return found.length === stored.length;
    });
    assert.deepEqual(found.toSorted(), stored.toSorted());
  });

  test('when it is killed itself, nothing is left behind, and the next start finds everything', async () => {
    const pids = cluster.processes.map(({ pid }) => pid);
    await cluster.killSelf();
    await until('all processes have ended', async () => pids.every(pid => !isAlive(pid)));
    client.url = await cluster.start();
    const { body } = await client.get(`/fridges/${fridgeId}/ingredients?limit=100`);
    assert.equal(body.items.length, stored.length);
  });

  test('one SIGTERM stops all', async () => {
    const pids = cluster.processes.map(({ pid }) => pid);
    assert.equal(await cluster.stop(), 0);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.deepEqual(cluster.processes, []);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
