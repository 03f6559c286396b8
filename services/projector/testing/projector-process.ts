import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Signal } from '../../../core/signal.ts';
import type { FromProjector } from '../messages.ts';

const PROGRAM = join(import.meta.dirname, 'projector.child.ts');
const SLOW = join(import.meta.dirname, 'slow-commits.mjs');

/** A projector in a process of its own, with slow commits, that can be killed and paused. */
export class ProjectorProcess {
  readonly holder: string;
  readonly #child: ChildProcess;
  readonly stops: string[] = [];
  isFeeding = false;
  isPaused = false;
  readonly #news = new Signal();

  constructor(folder: string, logId: string, holder: string) {
    this.holder = holder;
    this.#child = fork(PROGRAM, [folder, logId, holder], { execArgv: ['--import', SLOW] });
    this.#child.on('message', (message: FromProjector) => {
      if (message.type === 'feeding') this.isFeeding = true;
      if (message.type === 'standing-by') this.isFeeding = false;
      if (message.type === 'stopped') this.stops.push(message.report);
      this.#news.notify();
    });
    this.#child.on('exit', () => this.#news.notify());
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when `met` holds after a message. @throws Error when the process has ended before */
  async until(met: (process: this) => boolean): Promise<void> {
    while (!met(this)) {
      if (!this.isAlive) throw new Error(`${this.holder} has ended`);
      await this.#news.wait();
    }
  }

  pause(): void {
    this.isPaused = this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
    this.isPaused = false;
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.resume();
    await this.#ended(() => this.#child.send({ type: 'stop' }));
  }

  async kill(): Promise<void> {
    await this.#ended(() => this.#child.kill('SIGKILL'));
  }

  async #ended(end: () => void): Promise<void> {
    if (!this.isAlive) return;
    const exit = once(this.#child, 'exit');
    end();
    await exit;
  }
}
