import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, afterEach, beforeEach } from 'node:test';
import { factsIn } from './event-log.ts';
import { scratchFolder } from './programs.ts';
import { type Running, startZipBob } from './zipbob.ts';

export interface OneServer {
  readonly folder: string;
  readonly url: string;
  /** everything that it has said so far, on both streams */
  readonly output: string;
  /** how many facts its log holds */
  readonly facts: number;
  /** ends it, by kill -9 or by SIGTERM, and starts it again on its data folder, at another port */
  restart(how?: 'kill' | 'stop'): Promise<void>;
}

/** One throwaway server for all tests of a file. */
export async function oneServer(extra: Record<string, string> = {}): Promise<OneServer> {
  const folder = scratchFolder();
  const output: string[] = [];
  let running: Running | undefined;
  after(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    running = await startZipBob(folder, extra);
    for (const stream of [running.process.stdout!, running.process.stderr!]) {
      stream.on('data', data => output.push(String(data)));
    }
  }

  await start();
  return {
    folder,
    get url() {
      return running!.url;
    },
    get output() {
      return output.join('');
    },
    get facts() {
      return factsIn(folder);
    },
    async restart(how = 'kill') {
      await running![how]();
      await start();
    },
  };
}

/** For the tests of a file, whatever they try: the server lives, and nothing is stored. */
export function storesNothing(server: OneServer): void {
  let facts: number;
  beforeEach(() => {
    facts = server.facts;
  });
  afterEach(async () => {
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
    assert.equal(server.facts, facts);
  });
}
