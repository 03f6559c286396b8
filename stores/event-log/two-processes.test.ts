import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { all, delivered, type Follower, follow } from '../../core/event-store/contract/tools.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { sqliteEventStore } from './sqlite.ts';
import type { Acknowledged, Answer, Task } from './two-processes.child.ts';

const PROGRAM = new URL('./two-processes.child.ts', import.meta.url);

/** A process that runs tasks in sequence. */
class Writer {
  readonly #child: ChildProcess = fork(PROGRAM, { execArgv: [] });

  async ask(task: Task): Promise<Extract<Answer, { conflicts: number }>> {
    const gone = new AbortController();
    const left = () => gone.abort(new Error(`the process ended during the task ${task.do}`));
    this.#child.once('exit', left);
    try {
      this.#child.send(task);
      const [answer] = (await once(this.#child, 'message', { signal: gone.signal })) as [Answer];
      assert.ok(!('error' in answer), `could not ${task.do}: ${'error' in answer && answer.error}`);
      return answer;
    } finally {
      this.#child.off('exit', left);
    }
  }

  leave(): void {
    this.#child.kill();
  }
}

/** Gives both writers their tasks at the same time. */
async function both(writers: readonly Writer[], task: (i: number) => Task) {
  const outcomes = await Promise.allSettled(writers.map((writer, i) => writer.ask(task(i))));
  return outcomes.map(outcome => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

const places = (facts: readonly Acknowledged[]) =>
  facts.map(({ id, stream, revision, position }) => ({ id, stream, revision, position }));

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('two processes on one event log (SQLite)', { timeout: 60_000 }, () => {
  let folder: string;
  let path: string;
  let writers: readonly Writer[];
  let store: EventStore;
  let follower: Follower;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zipbob-log-'));
    path = join(folder, 'log.db');
    writers = [new Writer(), new Writer()];
    store = sqliteEventStore(path);
    follower = follow(store, { families: ['own', 'shared', 'last'], batch: 7 });
  });
  after(async () => {
    for (const writer of writers) writer.leave();
    follower.abort();
    await follower.ended;
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Follows until everything written so far has arrived. This process itself never writes. */
  async function followed() {
    const { acknowledged } = await writers[0]!.ask({ do: 'append', stream: `last-${randomUUID()}`, expected: 'none' });
    await follower.saw(acknowledged[0]!);
    return delivered(follower.batches);
  }

  test('may both create it', async () => {
    for (let i = 0; i < 100; i++) {
      await both(writers, () => ({ do: 'open', path: join(folder, `new-${i}.db`) }));
      await both(writers, () => ({ do: 'close' }));
    }
  });

  test('get one conflict each time both expect the same revision', async () => {
    const stream = 'shared-rounds';
    const rounds = 20;
    await both(writers, () => ({ do: 'open', path }));
    for (let round = 0; round < rounds; round++) {
      const from = 2 * round;
      const expected = from === 0 ? 'none' : from - 1;
      const answers = await both(writers, () => ({ do: 'append', stream, expected }));
      assert.equal(answers[0]!.conflicts + answers[1]!.conflicts, 1);
      // Facts acknowledged in the other process are visible here.
      const acknowledged = answers.flatMap(answer => answer.acknowledged).sort((a, b) => a.revision - b.revision);
      assert.deepEqual(places(await all(store.read(stream, { from }))), acknowledged);
    }
    const facts = (await followed()).filter(fact => fact.stream === stream);
    assert.deepEqual(facts, await all(store.read(stream)));
    assert.deepEqual(
      facts.map(({ revision }) => revision),
      upTo(2 * rounds),
    );
  });

  test('lose no fact and write none twice', async () => {
    const count = 150;
    await both(writers, () => ({ do: 'open', path }));
    const answers = await both(writers, i => ({ do: 'run', own: `own-${i}`, shared: 'shared-run', count }));
    const acknowledged = answers.flatMap(answer => answer.acknowledged).sort((a, b) => a.position - b.position);
    const lengths = { 'own-0': count, 'own-1': count, 'shared-run': 2 * count };

    const facts = (await followed()).filter(({ stream }) => stream in lengths);
    assert.deepEqual(places(facts), acknowledged);
    assert.ok(facts.every(({ position }, i) => i === 0 || position > facts[i - 1]!.position));
    for (const [stream, length] of Object.entries(lengths)) {
      const stored = await all(store.read(stream));
      assert.deepEqual(
        stored.map(({ revision }) => revision),
        upTo(length),
      );
      assert.deepEqual(
        facts.filter(fact => fact.stream === stream),
        stored,
      );
    }
  });
});
