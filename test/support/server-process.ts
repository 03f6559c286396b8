import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

const START_MS = 60_000;
const PAUSE_MS = 50;

/** A program of the machine that a test has started. It is gone when the test's process ends. */
export class ServerProcess {
  readonly #command: readonly [program: string, ...args: string[]];
  readonly #answers: () => Promise<unknown>;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> | undefined;

  /** @param answers rejects while the server is not ready */
  static async start(command: readonly [string, ...string[]], answers: () => Promise<unknown>): Promise<ServerProcess> {
    const server = new ServerProcess(command, answers);
    await server.start();
    return server;
  }

  constructor(command: readonly [string, ...string[]], answers: () => Promise<unknown>) {
    this.#command = command;
    this.#answers = answers;
  }

  /** @throws Error with what it said where it ends, or does not answer in a minute */
  async start(): Promise<void> {
    const [program, ...args] = this.#command;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', data => {
        output = (output + String(data)).slice(-4000);
      });
    }
    this.#child = child;
    this.#ended = once(child, 'close');
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    for (const end = performance.now() + START_MS; performance.now() < end && child.exitCode === null; ) {
      const failure = await this.#answers().then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      if (!failure) return;
      output = output || failure.message;
      await setTimeout(PAUSE_MS);
    }
    await this.kill();
    throw new Error(`${program} does not start: ${output}`);
  }

  /** SIGTERM. A frozen one is thawed, or it would never notice. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.thaw();
    this.#child?.kill(signal);
    await this.#ended;
  }

  kill = (): Promise<void> => this.stop('SIGKILL');

  /** Nothing is answered any more, and no connection is closed. */
  freeze = (): void => void this.#child?.kill('SIGSTOP');
  thaw = (): void => void this.#child?.kill('SIGCONT');
}
