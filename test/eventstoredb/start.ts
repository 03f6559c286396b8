import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILE_CACHE, cramped, scratchFolder } from '../support/programs.ts';
import { makeCertificate } from './certificates.ts';
import type { Counter } from './counters.ts';
import type { Ask, Fault } from './faults.ts';

const PROGRAM = join(import.meta.dirname, 'server.ts');
const START_MS = 30_000;

export interface StartOptions {
  /** where the log is, and stays; without one it is made, and removed by `stop` */
  readonly folder?: string;
  /** what goes wrong from the start on */
  readonly faults?: readonly Fault[];
  /** that its file may have */
  readonly bytes?: number;
  /** a certificate for `localhost`, or for a host that it is not (golden 13) */
  readonly tls?: 'right' | 'wrong-name';
  /** the one user; the client names it only over TLS */
  readonly user?: string;
  readonly password?: string;
  /** a free one where none is named */
  readonly port?: number;
  /** a leader on the same folder, whose follower it is until it is told to `lead` */
  readonly follows?: EventStoreServer;
}

export interface EventStoreServer {
  /** for the client: the right certificate, name and password are in it */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly process: ChildProcess;
  /** SIGTERM, and its exit code */
  stop(): Promise<number | null>;
  /** kill -9; the log stays */
  kill(): Promise<void>;
  /** The program again, on the same log and port, with no faults, after `kill` or on its own. */
  restart(other?: { password: string }): Promise<void>;
  fault(fault: Fault): Promise<void>;
  /** Forgets faults that did not strike yet, ends a `hang`. */
  clear(): Promise<void>;
  /** Says of a port of this host that a follower listens there. */
  followedBy(port: number): Promise<void>;
  /** A follower takes over; its leader is gone. */
  lead(): Promise<void>;
  /** Resolves once it has seen so many since it started. */
  until(counter: Counter, count: number): Promise<void>;
  /** Stops the process itself (SIGSTOP): not even a ping is answered. */
  freeze(): void;
  thaw(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the stand-in on a free port. @throws Error with what it said where it does not start */
export async function startEventStore(options: StartOptions = {}): Promise<EventStoreServer> {
  const folder = options.folder ?? scratchFolder();
  const args = ['--db', join(folder, 'eventstore.db'), ...tlsArguments(folder, options)];
  const { bytes } = options;
  const { follows } = options;
  const following = follows ? ['--follows', String(follows.port)] : [];
  const user = (password = options.password ?? '') =>
    options.user ? ['--user', options.user, '--password', password] : [];
  let running = await Program.start([...args, ...user(), ...following, '--port', String(options.port ?? 0)], bytes);
  const { port } = running;
  await follows?.followedBy(port);
  for (const fault of options.faults ?? []) await running.ask({ do: 'fault', fault });

  const stop = async (): Promise<number | null> => {
    const code = await running.end('SIGTERM');
    if (!options.folder) rmSync(folder, { recursive: true, force: true });
    return code;
  };
  return {
    url: urlOf(port, folder, options),
    port,
    folder,
    get process() {
      return running.child;
    },
    stop,
    kill: async () => void (await running.end('SIGKILL')),
    restart: async other => {
      await running.end('SIGTERM');
      running = await Program.start([...args, ...user(other?.password), '--port', String(port)], bytes);
    },
    fault: fault => running.ask({ do: 'fault', fault }),
    clear: () => running.ask({ do: 'clear' }),
    followedBy: follower => running.ask({ do: 'followed-by', port: follower }),
    lead: () => running.ask({ do: 'lead' }),
    until: (counter, count) => running.ask({ do: 'until', counter, count }),
    freeze: () => void running.child.kill('SIGSTOP'),
    thaw: () => void running.child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

function tlsArguments(folder: string, { tls }: StartOptions): string[] {
  if (!tls) return [];
  const { cert, key } = makeCertificate(folder, tls === 'right' ? 'localhost' : 'elsewhere.example');
  return ['--tls-cert', cert, '--tls-key', key];
}

function urlOf(port: number, folder: string, { tls, user, password }: StartOptions): string {
  if (!tls) return `esdb://127.0.0.1:${port}?tls=false`;
  const who = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@` : '';
  const host = tls === 'right' ? 'localhost' : 'elsewhere.example';
  return `esdb://${who}localhost:${port}?tls=true&tlsCAFile=${join(folder, `${host}.crt`)}`;
}

/** One run of the program, and the channel to it. */
class Program {
  readonly child: ChildProcess;
  readonly port: number;
  readonly #exited: Promise<unknown[]>;
  readonly #answers = new Map<number, PromiseWithResolvers<void>>();
  #asks = 0;

  static async start(args: readonly string[], bytes?: number): Promise<Program> {
    const program = [PROGRAM, ...args];
    const [command, ...rest] = bytes ? cramped(bytes, program) : [process.execPath, ...program];
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
    const child = spawn(command!, rest, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const output: string[] = [];
    child.stderr!.on('data', data => output.push(String(data)));
    const exited = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    for await (const line of createInterface(child.stdout!)) {
      output.push(line);
      const port = /^listening esdb:\/\/[^:]+:(\d+)/.exec(line)?.[1];
      if (!port) continue;
      clearTimeout(timer);
      child.stdout!.resume();
      return new Program(child, Number(port), exited);
    }
    clearTimeout(timer);
    await exited;
    throw new Error(`the stand-in ended with ${child.exitCode ?? child.signalCode}: ${output.join('\n')}`);
  }

  constructor(child: ChildProcess, port: number, exited: Promise<unknown[]>) {
    this.child = child;
    this.port = port;
    this.#exited = exited;
    child.on('message', ({ id, error }: { id: number; error?: string }) => {
      const answers = this.#answers.get(id);
      this.#answers.delete(id);
      if (error === undefined) answers?.resolve();
      else answers?.reject(new Error(error));
    });
    child.on('exit', () => {
      for (const { reject } of this.#answers.values()) reject(new Error('the stand-in has ended'));
    });
  }

  ask(ask: Ask): Promise<void> {
    const answers = Promise.withResolvers<void>();
    const id = ++this.#asks;
    this.#answers.set(id, answers);
    this.child.send({ id, ask }, error => error && answers.reject(error));
    return answers.promise;
  }

  /** A frozen one is thawed, or it would never notice. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGCONT');
      this.child.kill(signal);
      await this.#exited;
    }
    return this.child.exitCode;
  }
}
