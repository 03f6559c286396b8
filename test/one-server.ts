import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { type Running, scratchFolder, startZipBob } from './zipbob.ts';

export interface OneServer {
  readonly folder: string;
  readonly url: string;
  /** everything that it has said so far, on both streams */
  readonly said: string;
  /** how many facts its log holds */
  readonly facts: number;
  /** ends it, by kill -9 or by SIGTERM, and starts it again on its data folder, at another port */
  restart(how?: 'kill' | 'stop'): Promise<void>;
}

/** One throwaway server for all tests of a file. */
export async function oneServer(extra: Record<string, string> = {}): Promise<OneServer> {
  const folder = scratchFolder();
  const said: string[] = [];
  let running: Running | undefined;
  after(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    running = await startZipBob(folder, extra);
    for (const stream of [running.process.stdout!, running.process.stderr!]) {
      stream.on('data', data => said.push(String(data)));
    }
  }

  await start();
  return {
    folder,
    get url() {
      return running!.url;
    },
    get said() {
      return said.join('');
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

export function factsIn(folder: string): number {
  const db = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  const { n } = db.prepare('SELECT count(*) AS n FROM facts').get()!;
  db.close();
  return Number(n);
}
