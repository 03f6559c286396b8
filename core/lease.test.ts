import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { sqliteReadModels } from '../stores/read-models/sqlite.ts';
import { Unavailable } from './errors.ts';
import { type Leases, type Turn, takeTurns } from './lease.ts';
import { testFolder } from './testing/test-folder.ts';

const LIMIT = { timeout: 20_000 };

/** Real leases with a fault. */
function faulty(inner: Leases): Leases & { fault: () => void } {
  const leases = {
    fault: () => {},
    async lease(name: string) {
      leases.fault();
      return inner.lease(name);
    },
    swapLease: inner.swapLease.bind(inner),
  };
  return leases;
}

function stage(t: TestContext) {
  const models = testFolder(t).keep(sqliteReadModels(':memory:'));
  const leases = faulty(models);
  const stopping = new AbortController();
  t.after(() => stopping.abort());
  /** A node that takes turns and records its turns and stand-bys. */
  const node = (holder: string, own: Leases = leases, work?: (turn: Turn) => Promise<void>) => {
    const stop = new AbortController();
    const turns: Turn[] = [];
    const standBys: string[] = [];
    const aways: string[] = [];
    let news = Promise.withResolvers<void>();
    const spread = () => {
      news.resolve();
      news = Promise.withResolvers();
    };
    const ended = takeTurns(
      {
        leases: own,
        name: 'test',
        holder,
        signal: AbortSignal.any([stopping.signal, stop.signal]),
        onStandBy(other) {
          standBys.push(other);
          spread();
        },
        onAway({ message }) {
          aways.push(message);
          spread();
        },
      },
      async turn => {
        turns.push(turn);
        spread();
        await work?.(turn);
        if (!turn.signal.aborted) await once(turn.signal, 'abort');
      },
    );
    return {
      turns,
      standBys,
      aways,
      ended,
      stop: () => stop.abort(),
      async until(met: () => boolean): Promise<void> {
        while (!met()) await news.promise;
      },
    };
  };
  return { models, leases, node };
}

test('one node gets its turn at once, the other when that turn ends', LIMIT, async t => {
  const { node } = stage(t);
  const first = node('first');
  await first.until(() => first.turns.length === 1);
  const second = node('second');
  await second.until(() => second.standBys.length === 1);
  assert.deepEqual([second.standBys, second.turns], [['first'], []]);
  first.stop();
  await first.ended;
  await second.until(() => second.turns.length === 1);
  assert.equal(first.turns[0]!.signal.aborted, true);
});

test('a node that answers its challenges keeps its turn', LIMIT, async t => {
  const { models, node } = stage(t);
  const first = node('first');
  await first.until(() => first.turns.length === 1);
  const second = node('second');
  await second.until(() => second.standBys.length === 1);
  while ((await models.lease('test'))!.renewals < 4) await new Promise(setImmediate);
  assert.deepEqual([first.turns.length, first.turns[0]!.signal.aborted, second.turns], [1, false, []]);
});

test('a node without a stand-by writes nothing after it has taken its lease', LIMIT, async t => {
  const { models, leases, node } = stage(t);
  let looks = 0;
  leases.fault = () => void looks++;
  const first = node('first');
  await first.until(() => first.turns.length === 1);
  const taken = await models.lease('test');
  while (looks < 4) await new Promise(setImmediate);
  assert.deepEqual(await models.lease('test'), taken);
});

test('a node that was replaced notices it when it checks', LIMIT, async t => {
  const { models, node } = stage(t);
  const first = node('first');
  await first.until(() => first.turns.length === 1);
  const present = (await models.lease('test'))!;
  await models.swapLease('test', present, { holder: 'other', renewals: present.renewals + 1, challenged: false });
  const [turn] = first.turns as [Turn];
  await turn.check();
  assert.equal(turn.signal.aborted, true);
  await first.until(() => first.standBys.length === 1);
  assert.deepEqual(first.standBys, ['other']);
});

test('a holder that cannot reach the lease store keeps its turn until another node takes over', LIMIT, async t => {
  const { models, leases, node } = stage(t);
  const first = node('first');
  await first.until(() => first.turns.length === 1);
  leases.fault = () => {
    throw new Unavailable('the lease store is unreachable');
  };
  await first.turns[0]!.check();
  assert.equal(first.turns[0]!.signal.aborted, false);
  const second = node('second', models);
  await second.until(() => second.turns.length === 1);
  leases.fault = () => {};
  await first.until(() => first.standBys.length === 1);
  assert.equal(first.turns[0]!.signal.aborted, true);
});

test(
  'work that fails because a store is unavailable is restarted; another failure ends it and releases the lease',
  LIMIT,
  async t => {
    const { models, node } = stage(t);
    const failures = [new Unavailable('no answer'), new TypeError('a bug')];
    const first = node('first', models, async () => {
      throw failures.shift()!;
    });
    await assert.rejects(first.ended, { message: 'a bug' });
    assert.deepEqual([first.turns.length, first.aways], [2, ['no answer']]);
    assert.equal((await models.lease('test'))!.holder, undefined);
  },
);
