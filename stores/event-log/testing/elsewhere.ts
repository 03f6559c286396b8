import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Conflict, NotAppendable, Unavailable } from '../../../core/errors.ts';
import type { Appended, Batch, EventStore, Head, Proposed } from '../../../core/event-store/port.ts';
import type { Recorded } from '../../../core/fact.ts';
import type { Answer, Ask, Failure } from './elsewhere.child.ts';

const PROGRAM = new URL('./elsewhere.child.ts', import.meta.url);
const GONE = 'the other process has ended';

export interface Elsewhere {
  readonly store: EventStore;
  /** Appends each fact to its own stream, many at a time. */
  scatter(stream: string, events: readonly Proposed[]): Promise<void>;
  /** ends the process */
  leave(): Promise<void>;
}

/**
 * An event store in another process: each call is a message to it, and each batch is requested.
 * @param place a file, or the URL of an EventStoreDB
 */
export function openElsewhere(place: string): Elsewhere {
  const child = fork(PROGRAM, [place], { execArgv: [], serialization: 'advanced' });
  const waiting = new Map<number, PromiseWithResolvers<never>>();
  let calls = 0;
  child.on('message', (answer: Answer) => {
    const { resolve, reject } = waiting.get(answer.id)!;
    waiting.delete(answer.id);
    'error' in answer ? reject(raised(answer.error)) : resolve(answer.value as never);
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Unavailable(GONE));
  });

  function ask<T>(ask: Ask): Promise<T> {
    if (!child.connected) return Promise.reject(new Unavailable(GONE));
    const call = Promise.withResolvers<never>();
    const id = calls++;
    waiting.set(id, call);
    child.send({ id, ask }, error => error && call.reject(new Unavailable(GONE)));
    return call.promise;
  }

  async function* items<T>(begin: Ask, signal?: AbortSignal): AsyncGenerator<T> {
    const source = await ask<number>(begin);
    const abort = () => void ask({ do: 'abort', source }).catch(() => {});
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      for (;;) {
        const { done, value } = await ask<IteratorResult<T>>({ do: 'next', source });
        if (done) return;
        yield value;
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      await ask({ do: 'leave', source });
    }
  }

  const store: EventStore = {
    append: (stream, events, expected) => ask<Appended>({ do: 'append', stream, events, expected }),
    read: (stream, range) => items<Recorded>({ do: 'read', stream, ...(range && { range }) }),
    follow: ({ signal, onInterruption: _, ...options }) => items<Batch>({ do: 'follow', options }, signal),
    head: () => ask<Head>({ do: 'head' }),
    headPosition: () => ask<number>({ do: 'headPosition' }),
    ready: () => ask<void>({ do: 'ready' }),
    close: () => ask<void>({ do: 'close' }),
  };
  return {
    store,
    scatter: (stream, events) => ask<void>({ do: 'scatter', stream, events }),
    async leave() {
      await store.close();
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
}

/** Recreates the error of the other process. */
function raised({ name, message, stream, actual }: Failure): Error {
  if (name === 'Conflict') return new Conflict(stream!, actual!);
  if (name === 'Unavailable') return new Unavailable(message);
  if (name === 'NotAppendable') return new NotAppendable(message);
  return new Error(`${name}: ${message}`);
}
