import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { freePort } from '../support/free-port.ts';

/**
 * EVENTSTORE_START: a shell command with a folder and a port as arguments, which serves an EventStoreDB without TLS there
 * until SIGTERM. Tests of the whole system then use such servers instead of the stand-in.
 */
export const given = process.env.EVENTSTORE_START;

const START_MS = 60_000;
const PAUSE_MS = 200;

export interface GivenServer {
  readonly url: string;
  /** sends SIGTERM, and resolves when the server has ended */
  stop(): Promise<void>;
}

/** Runs the given command on a folder and a free port. @throws Error if it does not answer within a minute */
export async function startGiven(folder: string): Promise<GivenServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const child = spawn('sh', ['-c', `exec ${given} "$0" "$1"`, folder, String(port)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  for (const end = performance.now() + START_MS; performance.now() < end && child.exitCode === null; ) {
    if (await answers(url)) return { url, stop };
    await setTimeout(PAUSE_MS);
  }
  await stop();
  throw new Error(`EVENTSTORE_START: nothing answers at ${url}`);
}

async function answers(url: string): Promise<boolean> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    for await (const _ of client.readAll({ maxCount: 1, deadline: 1000 }));
    return true;
  } catch {
    return false;
  } finally {
    await client.dispose();
  }
}
