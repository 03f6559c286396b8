import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Conflict, NewerFacts, Refused, Unavailable } from './errors.ts';
import { createdId } from './ids.ts';
import {
  count,
  handlerOn,
  meddled,
  metaFor,
  plant,
  shown,
  stage,
  stored,
  tallyDecider,
} from './testing/command-handler-sample.ts';

describe('two nodes on one log', () => {
  test('lose none of a hundred commands on one stream', async t => {
    const { store, open } = stage(t);
    // Unavailable promises that nothing was written; whoever is told so sends the same command again.
    const persistent = async (handler: ReturnType<typeof handlerOn>, commandId: string) => {
      for (;;) {
        try {
          return await handler.handle('1', count(1), metaFor(commandId));
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error;
        }
      }
    };
    const nodes = [handlerOn(open()), handlerOn(open())];
    const answers = await Promise.all(
      nodes.flatMap((handler, node) => Array.from({ length: 50 }, (_, n) => persistent(handler, `${node}-${n}`))),
    );
    const log = await stored(store, 'tally-1');
    assert.deepEqual(
      log.map(({ revision }) => revision),
      Array.from({ length: 100 }, (_, n) => n),
    );
    assert.equal(new Set(log.map(({ meta }) => meta.commandId)).size, 100);
    assert.equal(new Set(answers.map(({ revision }) => revision)).size, 100);
    assert.ok(answers.every(({ repeated }) => !repeated));
  });

  test('store the same command once and give the same answer', async t => {
    const { store, open } = stage(t);
    const nodes = [handlerOn(open()), handlerOn(open())];
    for (let n = 0; n < 20; n++) {
      const meta = metaFor(`c${n}`, { fingerprint: 'f' });
      const [one, two] = await Promise.all(nodes.map(handler => handler.handle('1', count(1, 2), meta)));
      assert.deepEqual(shown(one!.events), shown(two!.events));
      assert.deepEqual([one!.revision, one!.position], [two!.revision, two!.position]);
      assert.equal([one, two].filter(answer => answer!.repeated).length, 1);
    }
    assert.equal((await stored(store, 'tally-1')).length, 40);
  });

  test('decide again on what the other has written meanwhile', async t => {
    const { store, handler } = stage(t);
    let interfered = false;
    const late = meddled(store, async () => {
      if (!interfered) await handler.handle('1', count(5), metaFor('other'));
      interfered = true;
    });
    const { events, revision } = await handlerOn(late).handle('1', { do: 'print', tickets: 1 }, metaFor('c1'));
    assert.deepEqual([events[0]?.data, revision], [{ ticket: createdId('c1', 0), total: 5 }, 1]);
  });

  test('see each other in load', async t => {
    const { open } = stage(t);
    const [one, two] = [handlerOn(open()), handlerOn(open())];
    const none = await two.load('1');
    assert.deepEqual([none.state.total, none.revision, none.position], [0, -1, 0]);
    const { position } = await one.handle('1', count(3), metaFor('c1'));
    const loaded = await two.load('1');
    assert.deepEqual([loaded.state.total, loaded.revision, loaded.position], [3, 0, position]);
  });
});

describe('when the log says no', () => {
  test('conflicts without end are Unavailable', async t => {
    const { store } = stage(t);
    let tries = 0;
    const contended = meddled(store, () => {
      tries++;
      throw new Conflict('tally-1', 7);
    });
    await assert.rejects(handlerOn(contended).handle('1', count(1), metaFor('c1')), Unavailable);
    assert.equal(tries, 5);
    assert.equal((await store.head()).position, 0);
  });

  test('a log that is away is not asked again', async t => {
    const { store } = stage(t);
    let tries = 0;
    let away = true;
    const handler = handlerOn(
      meddled(store, () => {
        tries++;
        if (away) throw new Unavailable('away');
      }),
    );
    await assert.rejects(handler.handle('1', count(1), metaFor('c1')), Unavailable);
    assert.equal(tries, 1);
    away = false;
    assert.equal((await handler.handle('1', count(1), metaFor('c1'))).revision, 0);
  });

  test('a failed command does not hold up the next of its stream', async t => {
    const { handler } = stage(t);
    await handler.handle('1', count(9), metaFor('c1'));
    const [refused, counted] = await Promise.allSettled([
      handler.handle('1', { do: 'limit', to: 1 }, metaFor('c2')),
      handler.handle('1', count(1), metaFor('c3')),
    ]);
    assert.ok(refused.status === 'rejected' && refused.reason instanceof Refused);
    assert.ok(counted.status === 'fulfilled' && counted.value.state.total === 10);
  });
});

describe('facts of other releases', () => {
  test('older ones are read as the newest version', async t => {
    const { store, handler } = stage(t);
    await plant(store, 'tally-1', { type: 'Counted', data: { n: 3 } }, 1);
    assert.equal((await handler.load('1')).state.total, 3);
    assert.equal((await handler.handle('1', count(1), metaFor('c1'))).state.total, 4);
  });

  for (const [title, event, schema] of [
    ['an unknown fact', { type: 'Reset', data: {} }, 1],
    ['a higher version', { type: 'Counted', data: { by: 1 } }, 3],
    ['the name of something every object has', { type: 'toString', data: {} }, 1],
  ] as const) {
    test(`${title} stops commands of its stream, and nothing is appended`, async t => {
      const { store, handler } = stage(t);
      await handler.handle('1', count(1), metaFor('c1'));
      await plant(store, 'tally-1', event, schema);
      const { position } = await store.head();
      await assert.rejects(handler.handle('1', count(1), metaFor('c2')), NewerFacts);
      await assert.rejects(handler.handle('1', count(1), metaFor('c1')), NewerFacts);
      await assert.rejects(handler.load('1'), NewerFacts);
      assert.equal((await store.head()).position, position);
      assert.equal((await handler.handle('2', count(1), metaFor('c2'))).revision, 0);
    });
  }
});

describe('a fold that throws', () => {
  test('half-way through a stream is not kept', async t => {
    const { store, handler } = stage(t);
    let broken: number | undefined;
    const flawed = tallyDecider(({ revision }) => {
      if (revision === broken) throw new TypeError('flawed');
    });
    const other = handlerOn(store, flawed);
    await other.handle('1', count(1), metaFor('c1'));
    await handler.handle('1', count(10, 3), metaFor('c2'));
    broken = 2;
    await assert.rejects(other.handle('1', count(1), metaFor('c3')), TypeError);
    await assert.rejects(other.load('1'), TypeError);
    broken = undefined;
    assert.deepEqual((await other.load('1')).state, { total: 31, tickets: [] });
    assert.equal((await other.handle('1', count(100), metaFor('c3'))).state.total, 131);
  });

  test('over its own new facts is not kept', async t => {
    const { store } = stage(t);
    let broken: number | undefined = 2;
    const handler = handlerOn(
      store,
      tallyDecider(({ revision }) => {
        if (revision === broken) throw new TypeError('flawed');
      }),
    );
    await handler.handle('1', count(1), metaFor('c1'));
    await assert.rejects(handler.handle('1', count(10, 3), metaFor('c2')), TypeError);
    broken = undefined;
    const { state, repeated } = await handler.handle('1', count(10, 3), metaFor('c2'));
    assert.deepEqual([state.total, repeated], [31, true]);
    assert.equal((await stored(store, 'tally-1')).length, 4);
  });
});
