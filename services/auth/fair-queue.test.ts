import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FairQueue, type Share } from './fair-queue.ts';

/** A queue whose work ends when the test says so, and what became of each piece of it. */
function stage({ atOnce = 1, mostWaiting = 8 } = {}) {
  const queue = new FairQueue(atOnce, mostWaiting, () => new Error('overloaded'));
  const started: string[] = [];
  const dropped: string[] = [];
  const ends: (() => void)[] = [];
  const settled = () => new Promise(resolve => setImmediate(resolve));
  return {
    queue,
    started,
    dropped,
    settled,
    ask(name: string, ...share: Share) {
      const done = queue.run(share, () => {
        started.push(name);
        return new Promise<void>(resolve => ends.push(resolve));
      });
      done.catch(() => dropped.push(name));
    },
    /** Ends what runs until nothing is left to start. */
    async runAll() {
      await settled();
      while (ends.length > 0) {
        ends.shift()!();
        await settled();
      }
    },
  };
}

const many = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('a fair queue', () => {
  test('does work of one share in the order in which it came, so much at a time', async () => {
    const { ask, started, settled, runAll } = stage({ atOnce: 2 });
    for (const n of many(5)) ask(`${n}`, 'home', 'mina');
    await settled();
    assert.deepEqual(started, ['1', '2']);
    await runAll();
    assert.deepEqual(started, ['1', '2', '3', '4', '5']);
  });

  test('lets networks take turns, and e-mails in each', async () => {
    const { ask, started, runAll } = stage();
    ask('first', 'away', 'x');
    for (const n of many(3)) ask(`a${n}`, 'away', 'a');
    ask('b1', 'away', 'b');
    for (const n of many(2)) ask(`mina${n}`, 'home', 'mina');
    await runAll();
    assert.deepEqual(started, ['first', 'a1', 'mina1', 'b1', 'mina2', 'a2', 'a3']);
  });

  test('makes a newcomer wait for one turn of each other group and no longer, however many come after it', async () => {
    const { ask, started, runAll } = stage();
    ask('first', 'a', 'x');
    for (const n of many(3)) ask(`a${n}`, 'a', 'x');
    ask('mina', 'home', 'mina');
    for (const network of ['b', 'c', 'd', 'e']) ask(network, network, 'x');
    await runAll();
    assert.deepEqual(started.slice(0, 3), ['first', 'a1', 'mina']);
  });

  test('of twenty callers from one network keeps no member of another out', async () => {
    const { ask, started, dropped, settled, runAll } = stage({ atOnce: 2 });
    for (const n of many(20)) ask(`caller ${n}`, 'away', `nobody-${n}`);
    await settled();
    assert.equal(dropped.length, 10);
    ask('mina', 'home', 'mina');
    await settled();
    assert.deepEqual(dropped.slice(10), ['caller 10']);
    await runAll();
    assert.equal(started.indexOf('mina'), 3, 'two ran already, one stood before it');
  });

  test('of twenty callers with one e-mail keeps no neighbour with another out', async () => {
    const { ask, started, dropped, runAll } = stage({ atOnce: 2 });
    for (const n of many(20)) ask(`caller ${n}`, 'home', 'jun');
    ask('mina', 'home', 'mina');
    await runAll();
    assert.equal(started.indexOf('mina'), 3);
    assert.equal(started.length + dropped.length, 21);
    assert.ok(!dropped.includes('mina'));
  });

  test('drops nobody for a newcomer whose group is as large', async () => {
    const { ask, started, dropped, runAll } = stage({ mostWaiting: 4 });
    ask('first', 'x', 'x');
    for (const network of ['a', 'b', 'c', 'd', 'e']) ask(network, network, 'x');
    ask('second of a', 'a', 'x');
    await runAll();
    assert.deepEqual(started, ['first', 'a', 'b', 'c', 'd']);
    assert.deepEqual(dropped, ['e', 'second of a']);
  });

  test('never lets more wait than it may, and loses nothing that it did not drop', async () => {
    const { ask, started, dropped, runAll } = stage({ atOnce: 2, mostWaiting: 8 });
    for (const n of many(200)) ask(`${n}`, `network ${n % 7}`, `e-mail ${n % 13}`);
    await runAll();
    assert.equal(started.length, 10);
    assert.equal(new Set([...started, ...dropped]).size, 200);
    assert.equal(dropped.length, 190);
  });

  test('goes on after work that failed', async () => {
    const { queue } = stage();
    const failing = queue.run(['home', 'mina'], () => Promise.reject(new Error('broken')));
    const next = queue.run(['home', 'mina'], async () => 'done');
    await assert.rejects(failing, { message: 'broken' });
    assert.equal(await next, 'done');
  });
});
