import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refused } from './errors.ts';
import { createdId } from './ids.ts';
import {
  count,
  handlerOn,
  meddled,
  metaFor,
  NOW,
  plant,
  shown,
  stage,
  stored,
  type TallyCommand,
  tallyDecider,
  watched,
} from './testing/command-handler-sample.ts';

describe('a command', () => {
  test('appends what was decided and answers with it', async t => {
    const { store, handler } = stage(t);
    const { events, state, revision, position, repeated } = await handler.handle('1', count(2, 3), metaFor('c1'));
    assert.deepEqual([revision, repeated, state.total], [2, false, 6]);
    const log = await stored(store, 'tally-1');
    assert.deepEqual(shown(events), shown(log as never));
    assert.equal(position, log.at(-1)!.position);
  });

  test('is decided on all that came before, in its own stream', async t => {
    const { handler } = stage(t);
    await handler.handle('1', count(2), metaFor('c1'));
    await handler.handle('2', count(40), metaFor('c2'));
    const { events, revision } = await handler.handle('1', { do: 'print', tickets: 1 }, metaFor('c3'));
    assert.deepEqual(events[0]?.data, { ticket: createdId('c3', 0), total: 2 });
    assert.equal(revision, 1);
  });

  test('writes who did what, when and why', async t => {
    const { store, handler } = stage(t);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const given = {
      correlationId: 'c0',
      causationId: 'fact-9',
      actor: 'mina',
      occurredAt: '2026-03-09T20:00:00.000Z',
      traceparent,
      fingerprint: 'f1',
    };
    await handler.handle('1', count(1), metaFor('c1', given));
    await handler.handle('1', { do: 'print', tickets: 1 }, metaFor('c2'));
    const [first, second] = await stored(store, 'tally-1');
    assert.deepEqual(first!.meta, { commandId: 'c1', ...given, at: NOW, schema: 2 });
    assert.deepEqual(second!.meta, { commandId: 'c2', correlationId: 'c2', causationId: 'c2', at: NOW, schema: 1 });
  });

  test('happened when the decider says that it did', async t => {
    const { store } = stage(t);
    const seen: (string | undefined)[] = [];
    const plain = tallyDecider();
    const decider = {
      ...plain,
      occurredAt: () => '2026-03-10T07:00:00.000Z',
      decide: (...[command, state, intent]: Parameters<typeof plain.decide>) => {
        seen.push(intent.at, intent.occurredAt, intent.actor);
        return plain.decide(command, state, intent);
      },
    };
    const meta = metaFor('c1', { occurredAt: '1999-01-01T00:00:00.000Z', actor: 'mina' });
    await handlerOn(store, decider).handle('1', count(1), meta);
    assert.deepEqual(seen, [NOW, '2026-03-10T07:00:00.000Z', 'mina']);
    assert.equal((await stored(store, 'tally-1'))[0]!.meta.occurredAt, '2026-03-10T07:00:00.000Z');
  });

  test('waits for those before it in its stream, so that they never conflict', async t => {
    const { store } = stage(t);
    let appends = 0;
    const counted = meddled(store, () => void appends++);
    const handler = handlerOn(counted);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => handler.handle('1', count(1), metaFor(`c${n}`))),
    );
    assert.deepEqual(
      answers.map(({ revision }) => revision),
      Array.from({ length: 50 }, (_, n) => n),
    );
    assert.equal(appends, 50);
  });

  test('that has nothing left to do appends nothing', async t => {
    const { store, handler } = stage(t);
    const none = await handler.handle('1', { do: 'limit', to: 5 }, metaFor('c1'));
    assert.deepEqual(none, { events: [], state: none.state, revision: -1, position: 0, repeated: false });
    const { position } = await handler.handle('1', count(1), metaFor('c2'));
    const again = await handler.handle('1', { do: 'limit', to: 5 }, metaFor('c3'));
    assert.deepEqual(again, { events: [], state: again.state, revision: 0, position, repeated: false });
    assert.equal((await store.head()).position, position);
  });

  test('that is refused appends nothing and is not remembered', async t => {
    const { store, handler } = stage(t);
    await handler.handle('1', count(9), metaFor('c1'));
    const refused = handler.handle('1', { do: 'limit', to: 5 }, metaFor('c2'));
    await assert.rejects(refused, { name: 'Refused', code: 'too-many' });
    await handler.handle('1', count(-9), metaFor('c3'));
    const { repeated } = await handler.handle('1', { do: 'limit', to: 5 }, metaFor('c2'));
    assert.equal(repeated, false);
    const { events } = await handler.handle('1', count(7), metaFor('c2', { fingerprint: 'other' }));
    assert.equal(events.length, 1);
    assert.equal((await stored(store, 'tally-1')).length, 3);
  });
});

describe('folded streams in memory', () => {
  const ids = Array.from({ length: 600 }, (_, n) => String(n));
  const readAnew = (reads: ReadonlyMap<string, readonly number[]>) =>
    ids.filter(id => reads.get(`tally-${id}`)?.at(-1) === 0);

  test('are kept by their size: many small ones, or a few large ones', async t => {
    const { store, reads } = watched(stage(t).store);
    const most = 1_000_000;
    const handler = handlerOn(store, tallyDecider(), most);
    for (const id of ids) await handler.handle(id, count(1), metaFor(`c${id}`));
    reads.clear();
    for (const id of ids) await handler.load(id);
    assert.deepEqual(readAnew(reads), []);

    // A ticket is a UUID, so 100 of them are 10,000 bytes at least.
    for (const id of ids) await handler.handle(id, { do: 'print', tickets: 100 }, metaFor(`d${id}`));
    reads.clear();
    for (const id of ids.toReversed()) await handler.load(id);
    const anew = readAnew(reads).length;
    assert.ok(anew >= ids.length - most / 10_000, `${anew} were read anew`);
    assert.ok(anew < ids.length);
  });

  test('always hold the last one, however large', async t => {
    const { store, reads } = watched(stage(t).store);
    const handler = handlerOn(store, tallyDecider(), 1000);
    await handler.handle('1', count(1, 400), metaFor('c1'));
    await handler.load('1');
    assert.deepEqual(reads.get('tally-1'), [0, 400]);
    await handler.handle('2', count(1), metaFor('c2'));
    await handler.load('1');
    assert.deepEqual(reads.get('tally-1'), [0, 400, 0]);
  });

  test('come back whole when they have left', async t => {
    const { store } = stage(t);
    const handler = handlerOn(store, tallyDecider(), 100_000);
    await Promise.all(ids.map(id => handler.handle(id, count(Number(id)), metaFor(`c${id}`))));
    await Promise.all(ids.map(id => plant(store, `tally-${id}`, { type: 'Counted', data: { by: 1 } }, 2)));
    const answers = await Promise.all(ids.map(id => handler.handle(id, count(1), metaFor(`d${id}`))));
    assert.deepEqual(
      answers.map(({ state }) => state.total),
      ids.map(id => Number(id) + 2),
    );
    const again = await Promise.all(ids.map(id => handler.handle(id, count(Number(id)), metaFor(`c${id}`))));
    assert.ok(again.every(({ repeated, revision }) => repeated && revision === 0));
  });
});

describe('a long stream', () => {
  test('is folded with turns of the event loop between its pages', async t => {
    const { store, open } = stage(t);
    const writer = handlerOn(store);
    for (let n = 0; n < 10; n++) await writer.handle('1', count(1, 500), metaFor(`c${n}`));
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const { state } = await handlerOn(open()).load('1');
    clearImmediate(next);
    assert.equal(state.total, 5000);
    assert.ok(turns >= 9, `${turns} turns while 5,000 facts were read`);
  });
});

describe('streams that do not exist', () => {
  test('push no folded stream out of memory', async t => {
    const { store, reads } = watched(stage(t).store);
    const handler = handlerOn(store, tallyDecider(), 4000);
    await handler.handle('1', count(1, 3), metaFor('c1'));
    for (let n = 0; n < 600; n++) assert.equal((await handler.load(`none-${n}`)).revision, -1);
    assert.equal((await handler.load('1')).state.total, 3);
    assert.deepEqual(reads.get('tally-1'), [0, 3]);
    assert.equal((await handler.handle('none-0', count(1), metaFor('c2'))).revision, 0);
  });
});

describe('a command that comes again', () => {
  test('is answered from what is stored, and nothing is appended', async t => {
    const { store, open, handler } = stage(t);
    const meta = metaFor('c1', { fingerprint: 'f1' });
    const first = await handler.handle('1', count(2, 3), meta);
    const { position: head } = await store.head();
    const same = async (again: typeof handler, total: number) => {
      const { events, state, revision, position, repeated } = await again.handle('1', count(2, 3), meta);
      assert.deepEqual([revision, position, repeated, state.total], [first.revision, first.position, true, total]);
      assert.deepEqual(shown(events), shown(first.events));
    };
    await same(handler, 6);
    await same(handlerOn(open()), 6);
    assert.equal((await store.head()).position, head);

    await handler.handle('1', count(10), metaFor('c2'));
    await handler.handle('1', { do: 'print', tickets: 2 }, metaFor('c3'));
    await same(handler, 16);
    await same(handlerOn(open()), 16);
    assert.equal((await stored(store, 'tally-1')).length, 6);
  });

  test('comes to the same ids', async t => {
    const { handler } = stage(t);
    const print: TallyCommand = { do: 'print', tickets: 2 };
    const { events } = await handler.handle('1', print, metaFor('c1'));
    await handler.handle('1', print, metaFor('c2'));
    const { events: again, state } = await handler.handle('1', print, metaFor('c1'));
    assert.deepEqual(
      again.map(({ data }) => data),
      events.map(({ data }) => data),
    );
    assert.equal(new Set(state.tickets).size, 4);
    assert.deepEqual(state.tickets.slice(0, 2), [createdId('c1', 0), createdId('c1', 1)]);
  });

  for (const fingerprint of ['f2', undefined]) {
    test(`with ${fingerprint ? 'another' : 'no'} fingerprint is refused`, async t => {
      const { store, open, handler } = stage(t);
      await handler.handle('1', count(1), metaFor('c1', { fingerprint: 'f1' }));
      const meta = metaFor('c1', fingerprint ? { fingerprint } : {});
      for (const again of [handler, handlerOn(open())]) {
        await assert.rejects(again.handle('1', count(2), meta), {
          name: 'Refused',
          kind: 'invalid',
          code: 'idempotency-key-reused',
        });
      }
      assert.equal((await stored(store, 'tally-1')).length, 1);
    });
  }

  test('is another command in another stream', async t => {
    const { handler } = stage(t);
    await handler.handle('1', count(1), metaFor('c1', { fingerprint: 'f1' }));
    const { repeated } = await handler.handle('2', count(1), metaFor('c1', { fingerprint: 'f2' }));
    assert.equal(repeated, false);
  });

  test('is answered only to an actor who may still give it', async t => {
    const { store } = stage(t);
    let left = false;
    const authorize = (_command: TallyCommand, { total }: { total: number }, { actor }: { actor?: string }) => {
      if (left && actor === 'mina') throw new Refused('not-found', 'no-tally', `no tally of ${total} for ${actor}`);
    };
    const handler = handlerOn(store, { ...tallyDecider(), authorize });
    const meta = metaFor('c1', { actor: 'mina', fingerprint: 'f1' });
    const first = await handler.handle('1', count(2), meta);
    left = true;
    const refused = { name: 'Refused', code: 'no-tally', message: 'no tally of 2 for mina' };
    for (const again of [handler, handlerOn(store, { ...tallyDecider(), authorize })]) {
      await assert.rejects(again.handle('1', count(2), meta), refused);
      await assert.rejects(again.repeated('1', count(2), meta), refused);
      await assert.rejects(again.handle('1', count(2), { ...meta, fingerprint: 'f2' }), refused);
      await assert.rejects(again.handle('1', count(2), metaFor('c2', { actor: 'mina' })), refused);
    }
    left = false;
    assert.equal((await handler.repeated('1', count(2), meta))?.position, first.position);
  });

  test('can be looked for before anything else is checked', async t => {
    const { store, handler } = stage(t);
    const meta = metaFor('c1', { fingerprint: 'f1' });
    assert.equal(await handler.repeated('1', count(2), meta), undefined);
    const { events: _, ...first } = await handler.handle('1', count(2), meta);
    const { events, ...again } = (await handler.repeated('1', count(2), meta))!;
    assert.deepEqual(again, { ...first, repeated: true });
    assert.deepEqual(shown(events), shown((await stored(store, 'tally-1')) as never));
    const other = handler.repeated('1', count(2), { ...meta, fingerprint: 'f2' });
    await assert.rejects(other, { code: 'idempotency-key-reused' });
    assert.equal(await handler.repeated('2', count(2), meta), undefined);
  });

  test('while it is still at work is stored once', async t => {
    const { store, handler } = stage(t);
    const answers = await Promise.all([1, 2, 3].map(() => handler.handle('1', count(1, 2), metaFor('c1'))));
    assert.deepEqual(
      answers.map(({ repeated }) => repeated),
      [false, true, true],
    );
    assert.equal((await stored(store, 'tally-1')).length, 2);
  });
});
