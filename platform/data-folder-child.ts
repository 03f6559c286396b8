import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

export interface Taker {
  readonly process: ChildProcess;
  /** the next line that it says */
  says(): Promise<string | undefined>;
  /** tells it to let go */
  release(): Promise<void>;
  kill(): Promise<void>;
}

/** Another process that takes the folder; killed when the test ends, if it still runs. */
export function taker(t: TestContext, folder: string, address = ''): Taker {
  const program = join(import.meta.dirname, 'data-folder.child.ts');
  const child = spawn(process.execPath, [program, folder, address], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    process: child,
    says: async () => (await lines.next()).value,
    async release() {
      child.stdin.write('go\n');
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
