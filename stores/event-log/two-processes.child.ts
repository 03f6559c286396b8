import { Conflict } from '../../core/errors.ts';
import { proposed } from '../../core/event-store/contract/tools.ts';
import type { Appended, EventStore, Expected } from '../../core/event-store/port.ts';
import { sqliteEventStore } from './sqlite.ts';

/** A task from the parent process. */
export type Task =
  | { readonly do: 'open'; readonly path: string }
  /** append one fact to a stream that the other process also writes to, with this expectation */
  | { readonly do: 'append'; readonly stream: string; readonly expected: Expected }
  /** append `count` facts in turn to a stream of this process and to a shared one, as fast as possible */
  | { readonly do: 'run'; readonly own: string; readonly shared: string; readonly count: number }
  | { readonly do: 'close' };

/** An append that was acknowledged. */
export interface Acknowledged extends Appended {
  readonly id: string;
  readonly stream: string;
}

export type Answer =
  | { readonly acknowledged: readonly Acknowledged[]; readonly conflicts: number }
  | { readonly error: string };

let store: EventStore;
let acknowledged: Acknowledged[] = [];
let conflicts = 0;

/** Appends one fact; after a conflict it retries from the actual revision. */
async function append(stream: string, expected: Expected): Promise<number> {
  const fact = proposed();
  for (let revision = expected; ; ) {
    try {
      const answer = await store.append(stream, [fact], revision);
      acknowledged.push({ id: fact.id, stream, ...answer });
      return answer.revision;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      conflicts++;
      revision = error.actual;
    }
  }
}

async function carryOut(task: Task): Promise<void> {
  if (task.do === 'open') store = sqliteEventStore(task.path);
  else if (task.do === 'append') await append(task.stream, task.expected);
  else if (task.do === 'close') await store.close();
  else {
    let own: Expected = 'none';
    let shared: Expected = 'none';
    for (let i = 0; i < task.count; i++) {
      own = await append(task.own, own);
      shared = await append(task.shared, shared);
    }
  }
}

const answer = (answer: Answer) => process.send?.(answer);

process.on('message', (task: Task) => {
  acknowledged = [];
  conflicts = 0;
  carryOut(task).then(
    () => answer({ acknowledged, conflicts }),
    error => answer({ error: String(error) }),
  );
});
