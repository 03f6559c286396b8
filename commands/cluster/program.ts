import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { BackOff } from '../../core/back-off.ts';
import { linesOf } from '../../core/lines.ts';
import { pause } from '../../core/pause.ts';

/** A program that lives this long was well; its next death begins a new series. */
const STEADY_MS = 30_000;
/** Deaths in a row after which a program is not restarted any more. */
const MOST_DEATHS = 10;
const PAUSES = { firstMs: 200, longestMs: 10_000 };
/** Between two looks whether a program answers. */
const LOOK_MS = 100;
/** Longer than a node needs to finish the calls in flight. */
const STOP_MS = 20_000;

/** Linux ends a program whose parent was killed; elsewhere it stays, and the next start meets its ports. */
const DIE_WITH_PARENT =
  spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'TERM'] : [];

export interface ProgramSpec {
  /** unique, and kept over restarts */
  readonly name: string;
  readonly kind: 'app' | 'server';
  /** of an app */
  readonly services?: readonly string[];
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** SIGTERM by default */
  readonly stopSignal?: NodeJS.Signals;
  /** a line that it prints once it can be used, or a question that it does not answer before */
  readonly ready: RegExp | (() => Promise<unknown>);
}

export interface Watcher {
  /** The program has another process, or none. */
  changed(): void;
  output(spec: ProgramSpec, line: string): void;
  /** a sentence for the operator */
  report(line: string): void;
}

/** A program that is restarted when it dies, until it is stopped. */
export class Program {
  readonly spec: ProgramSpec;
  readonly #watcher: Watcher;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> | undefined;

  constructor(spec: ProgramSpec, watcher: Watcher) {
    this.spec = spec;
    this.#watcher = watcher;
    this.#ready.promise.catch(() => {}); // whoever waits for it gets it
  }

  /** of its process, while there is one */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves once the program answers for the first time. @throws Error if it is given up before that, or stopped */
  start(): Promise<void> {
    this.#running ??= this.#keepRunning();
    return this.#ready.promise;
  }

  /** Resolves once the process is gone; one that does not end in twenty seconds is killed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#ready.reject(new Error(`${this.spec.name} was stopped`));
    this.#child?.kill(this.spec.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS);
    await this.#running;
    clearTimeout(timer);
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    const backOff = new BackOff(PAUSES);
    for (let deaths = 0; !signal.aborted; ) {
      const start = performance.now();
      const end = await this.#runOnce();
      if (signal.aborted) return;
      if (performance.now() - start > STEADY_MS) {
        deaths = 0;
        backOff.reset();
      }
      deaths++;
      if (deaths === MOST_DEATHS) {
        const message = `${this.spec.name} ended ${deaths} times in a row, and is not restarted any more (${end})`;
        this.#watcher.report(message);
        this.#ready.reject(new Error(message));
        return;
      }
      this.#watcher.report(`${this.spec.name} has ended (${end}), and is restarted`);
      await backOff.pause(signal);
    }
  }

  /** @returns how it ended */
  async #runOnce(): Promise<string> {
    const [program, ...args] = [...DIE_WITH_PARENT, ...this.spec.command] as [string, ...string[]];
    const { env = process.env, cwd } = this.spec;
    const child = spawn(program, args, { env, ...(cwd !== undefined && { cwd }), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) void this.#relay(stream);
    const ending = new AbortController();
    const end = once(child, 'exit').then(
      ([code, signal]) => String(signal ?? `exit code ${code}`),
      (error: Error) => error.message,
    );
    this.#watcher.changed();
    void this.#awaitAnswer(ending.signal);
    const how = await end;
    ending.abort();
    this.#child = undefined;
    this.#watcher.changed();
    return how;
  }

  async #relay(stream: Readable): Promise<void> {
    const { ready } = this.spec;
    try {
      for await (const { text } of linesOf(stream)) {
        if (ready instanceof RegExp && ready.test(text)) this.#ready.resolve();
        else this.#watcher.output(this.spec, text);
      }
    } catch {
      // The process is gone.
    }
  }

  async #awaitAnswer(signal: AbortSignal): Promise<void> {
    const { ready } = this.spec;
    while (!(ready instanceof RegExp) && !signal.aborted) {
      try {
        await ready();
        this.#ready.resolve();
        return;
      } catch {
        await pause(LOOK_MS, signal);
      }
    }
  }
}
