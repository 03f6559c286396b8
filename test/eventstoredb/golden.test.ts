import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { LEFT_OUT, reasonFor } from './golden/left-out.ts';
import { recordings } from './golden/recorded.ts';
import { Replay } from './golden/replay.ts';
import { type EventStoreServer, startEventStore } from './start.ts';

// Sends the recorded requests of a real EventStoreDB 24.6 to the stand-in as raw gRPC frames, and compares every response
// frame, status and trailer. `golden/README.md` describes the recordings and the comparison.

/** In the order in which they were recorded: some depend on events of earlier ones. */
const ORDER = [
  'append-batch',
  'idempotency-batch',
  'limits-batch',
  'delete-batch',
  'append-unary',
  'idempotency-unary',
  'limits-unary',
  'delete-unary',
  'append-without-throw',
  'read-stream',
  'read-all',
  'subscribe-stream',
  'subscribe-all',
  'concurrent',
  'server-features',
];

/** Scenarios with an empty log of their own. */
const NEW_LOG = ['subscribe-new-log'];

test('every recorded step is replayed or left out by name', () => {
  assert.deepEqual([...recordings.keys()].sort(), [...ORDER, ...NEW_LOG, 'not-ready'].sort());
  for (const { files, steps } of LEFT_OUT) {
    for (const file of files) {
      const names = recordings.get(file)!.steps.map(({ step }) => step);
      for (const step of steps) assert.ok(names.includes(step), `${file} has no step "${step}"`);
    }
  }
});

/** The number of events written by the scenarios that are left out. Read windows of 32 fall in the same places only with them. */
const WRITTEN: Readonly<Record<string, number>> = { 'delete-batch': 13, 'delete-unary': 13, 'subscribe-stream': 8 };

describe('a real server recorded', () => {
  let server: EventStoreServer;
  let replay: Replay;
  before(async () => {
    server = await startEventStore();
    replay = new Replay(server);
  });
  after(async () => {
    replay.client.close();
    await server.stop();
  });

  for (const file of ORDER) {
    describe(file, () => {
      before(() => replay.beginScenario());
      if (WRITTEN[file]) test('fillers for its events', () => fill(replay, WRITTEN[file]!));
      for (const step of recordings.get(file)!.steps) {
        test(step.step, { skip: reasonFor(file, step.step) ?? false }, () => replay.step(step));
      }
    });
  }
});

async function fill({ client }: Replay, count: number): Promise<void> {
  const filler = () => ({
    id: { string: randomUUID() },
    metadata: { type: 'Filler', 'content-type': 'application/json' },
    customMetadata: { utf8: '' },
    data: { utf8: '{}' },
  });
  const fillers = Array.from({ length: count }, () => ({ proposedMessage: filler() }));
  await client.append([{ options: { streamIdentifier: { streamName: 'filler' }, any: {} } }, ...fillers]);
}

for (const file of NEW_LOG) {
  test(`a real server recorded: ${file}`, async t => {
    await using server = await startEventStore();
    const replay = new Replay(server);
    for (const step of recordings.get(file)!.steps) await t.test(step.step, () => replay.step(step));
    replay.client.close();
  });
}

test('a real server recorded: not-ready', async t => {
  await using server = await startEventStore({
    faults: [
      { on: 'append', do: 'hang' },
      { on: 'append', do: 'hang', ms: 0 },
      { on: 'append', do: 'refuse', as: 'not-ready', times: 2 },
    ],
  });
  const replay = new Replay(server);
  for (const step of recordings.get('not-ready')!.steps) {
    await t.test(step.step, { skip: reasonFor('not-ready', step.step) ?? false }, () => replay.step(step));
  }
  replay.client.close();
});
