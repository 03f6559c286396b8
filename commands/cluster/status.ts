import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverInfo } from '../../platform/data-folder.ts';

const ANSWER_MS = 5000;

interface Process {
  readonly name: string;
  readonly kind: string;
  readonly pid: number;
}

/** Prints the processes of a running cluster, and its readiness. @returns the exit code */
export async function showStatus(data: string): Promise<number> {
  const info = serverInfo(data);
  if (!info?.address) {
    console.error(`no cluster runs on ${data}`);
    return 1;
  }
  const { processes } = JSON.parse(readFileSync(join(data, 'cluster.json'), 'utf8')) as { processes: Process[] };
  console.table(processes.map(({ name, kind, pid }) => ({ name, kind, pid })));
  const reply = await fetch(`${info.address}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
  console.log(info.address, await reply.json());
  return reply.ok ? 0 : 1;
}
