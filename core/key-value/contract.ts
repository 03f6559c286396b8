import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { KeyValue } from './port.ts';

/** An empty store for one test, and its clock. */
export interface Stage {
  readonly kv: KeyValue;
  /** Opens another handle on the same store, as another node or a restarted one does. */
  open(): KeyValue;
  /** Moves the clock forward, or back if negative. */
  pass(seconds: number): void;
}

/** Registers the contract of the key-value port for an adapter. `stage` closes everything it opened when its test ends. */
export function keyValueContract(stage: (t: TestContext) => Stage): void {
  describe('a short-lived value', () => {
    test('is visible to every handle once it is set', async t => {
      const { kv, open } = stage(t);
      assert.equal(await kv.get('session'), undefined);
      await kv.set('session', 'mina', 60);
      assert.equal(await kv.get('session'), 'mina');
      assert.equal(await open().get('session'), 'mina');
      assert.equal(await kv.get('Session'), undefined);
    });

    test('keeps any text', async t => {
      const { kv } = stage(t);
      for (const value of [
        '',
        '👩🏽‍🍳',
        'é'.normalize('NFD'),
        `'); DROP TABLE entries; --`,
        'a\0b',
        'x'.repeat(100_000),
      ]) {
        await kv.set(value, value, 60);
        assert.equal(await kv.get(value), value);
      }
    });

    test('is replaced when it is set again, with the new lifetime', async t => {
      const { kv, pass } = stage(t);
      await kv.set('session', 'one', 10);
      await kv.set('session', 'two', 60);
      pass(30);
      assert.equal(await kv.get('session'), 'two');
      await kv.set('session', 'three', 5);
      pass(5);
      assert.equal(await kv.get('session'), undefined);
    });

    test('expires to the millisecond', async t => {
      const { kv, open, pass } = stage(t);
      await kv.set('session', 'mina', 60);
      pass(59.999);
      assert.equal(await kv.get('session'), 'mina');
      pass(0.001);
      assert.equal(await kv.get('session'), undefined);
      assert.equal(await open().get('session'), undefined);
    });

    test('survives a restart with its remaining lifetime', async t => {
      const { kv, open, pass } = stage(t);
      await kv.set('session', 'mina', 60);
      await kv.close();
      pass(30);
      const again = open();
      assert.equal(await again.get('session'), 'mina');
      pass(30);
      assert.equal(await again.get('session'), undefined);
    });

    test('that has expired does not come back when others are written', async t => {
      const { kv, pass } = stage(t);
      await kv.set('old', '1', 10);
      await kv.set('lasting', '2', 100);
      pass(10);
      await kv.set('new', '3', 10);
      assert.deepEqual(await Promise.all(['old', 'lasting', 'new'].map(kv.get)), [undefined, '2', '3']);
    });

    test('is gone once it is deleted', async t => {
      const { kv, open } = stage(t);
      await kv.set('session', 'mina', 60);
      await kv.set('other', 'otto', 60);
      await open().delete('session');
      await kv.delete('never there');
      assert.equal(await kv.get('session'), undefined);
      assert.equal(await kv.get('other'), 'otto');
    });
  });

  describe('replace', () => {
    test('sets a value if there is none', async t => {
      const { kv } = stage(t);
      assert.equal(await kv.replace('limit', undefined, '1', 60), true);
      assert.equal(await kv.replace('limit', undefined, '2', 60), false);
      assert.equal(await kv.get('limit'), '1');
    });

    test('sets a value if the present one is expected', async t => {
      const { kv } = stage(t);
      await kv.set('limit', '1', 60);
      assert.equal(await kv.replace('limit', '1', '2', 60), true);
      assert.equal(await kv.replace('limit', '1', '3', 60), false);
      assert.equal(await kv.get('limit'), '2');
    });

    test('tells no value from the empty text', async t => {
      const { kv } = stage(t);
      assert.equal(await kv.replace('limit', '', '1', 60), false);
      await kv.set('limit', '', 60);
      assert.equal(await kv.replace('limit', undefined, '1', 60), false);
      assert.equal(await kv.replace('limit', '', '1', 60), true);
    });

    test('gives the new value its own lifetime, and changes none if it fails', async t => {
      const { kv, pass } = stage(t);
      await kv.set('limit', '1', 10);
      assert.equal(await kv.replace('limit', 'other', '2', 1000), false);
      assert.equal(await kv.replace('limit', '1', '2', 20), true);
      pass(19.999);
      assert.equal(await kv.get('limit'), '2');
      pass(0.001);
      assert.equal(await kv.get('limit'), undefined);
    });

    test('treats an expired value as none', async t => {
      const { kv, pass } = stage(t);
      await kv.set('limit', '1', 10);
      pass(10);
      assert.equal(await kv.replace('limit', '1', '2', 10), false);
      assert.equal(await kv.replace('limit', undefined, '3', 10), true);
      assert.equal(await kv.get('limit'), '3');
    });

    test('lets one of several concurrent callers win', async t => {
      const { kv, open } = stage(t);
      const handles = [kv, open(), open()];
      let present: string | undefined;
      for (let round = 0; round < 20; round++) {
        const won = await Promise.all(handles.map((kv, n) => kv.replace('limit', present, `${round}-${n}`, 60)));
        assert.equal(won.filter(Boolean).length, 1);
        present = `${round}-${won.indexOf(true)}`;
        assert.equal(await kv.get('limit'), present);
      }
    });

    test('loses no step when two handles count with it', async t => {
      const { kv, open } = stage(t);
      const countUp = async (handle: typeof kv) => {
        for (;;) {
          const before = await handle.get('count');
          if (await handle.replace('count', before, String(Number(before ?? 0) + 1), 60)) return;
        }
      };
      const handles = [kv, open()];
      await Promise.all(Array.from({ length: 100 }, (_, n) => countUp(handles[n % 2]!)));
      assert.equal(await kv.get('count'), '100');
    });
  });

  describe('a count', () => {
    test('starts with the first addition and expires as a whole', async t => {
      const { kv, pass } = stage(t);
      assert.deepEqual(await kv.add('tries', 1, 60), { count: 1, left: 60_000 });
      pass(20);
      assert.deepEqual(await kv.add('tries', 2, 60), { count: 3, left: 40_000 });
      assert.deepEqual(await kv.add('other', 5, 10), { count: 5, left: 10_000 });
      pass(39.999);
      assert.deepEqual(await kv.add('tries', 1, 60), { count: 4, left: 1 });
      pass(0.001);
      assert.deepEqual(await kv.add('tries', 1, 60), { count: 1, left: 60_000 });
    });

    test('is only read by adding 0', async t => {
      const { kv, pass } = stage(t);
      assert.deepEqual(await kv.add('tries', 0, 60), { count: 0, left: 0 });
      pass(30);
      assert.deepEqual(await kv.add('tries', 1, 60), { count: 1, left: 60_000 });
      pass(30);
      assert.deepEqual(await kv.add('tries', 0, 60), { count: 1, left: 30_000 });
      assert.equal(await kv.get('tries'), '1');
    });

    test('never goes below 0', async t => {
      const { kv } = stage(t);
      assert.deepEqual(await kv.add('tries', -1, 60), { count: 0, left: 0 });
      assert.equal(await kv.get('tries'), undefined);
      await kv.add('tries', 2, 60);
      assert.equal((await kv.add('tries', -1, 60)).count, 1);
      assert.equal((await kv.add('tries', -5, 60)).count, 0);
      assert.equal((await kv.add('tries', 1, 60)).count, 1);
    });

    test('loses none of a hundred concurrent additions', async t => {
      const { kv, open } = stage(t);
      const handles = [kv, open()];
      const counted = await Promise.all(Array.from({ length: 100 }, (_, n) => handles[n % 2]!.add('tries', 1, 60)));
      assert.deepEqual(
        counted.map(({ count }) => count).sort((a, b) => a - b),
        Array.from({ length: 100 }, (_, n) => n + 1),
      );
      assert.equal((await kv.add('tries', 0, 60)).count, 100);
    });

    test('survives a restart', async t => {
      const { kv, open, pass } = stage(t);
      await kv.add('tries', 7, 60);
      await kv.close();
      pass(10);
      assert.deepEqual(await open().add('tries', 1, 60), { count: 8, left: 50_000 });
    });

    test('can be deleted', async t => {
      const { kv } = stage(t);
      await kv.add('tries', 7, 60);
      await kv.delete('tries');
      assert.deepEqual(await kv.add('tries', 0, 60), { count: 0, left: 0 });
    });

    test('cannot be added to another value', async t => {
      const { kv } = stage(t);
      await kv.set('session', 'mina', 60);
      await assert.rejects(kv.add('session', 1, 60));
      assert.equal(await kv.get('session'), 'mina');
    });
  });

  describe('a clock that is set back', () => {
    const HOUR = 3600;

    test('neither extends a lifetime nor brings back expired values', async t => {
      const { kv, pass } = stage(t);
      await kv.set('old', '1', 60);
      pass(60);
      await kv.add('lock', 10, 900);
      await kv.set('session', 'mina', 900);
      pass(300 - HOUR);
      const { count, left } = await kv.add('lock', 0, 900);
      assert.equal(count, 10);
      assert.ok(left <= 900_000);
      assert.equal(await kv.get('old'), undefined);
      pass(900);
      assert.deepEqual(await kv.add('lock', 0, 900), { count: 0, left: 0 });
      assert.equal(await kv.get('session'), undefined);
    });

    test('has no effect across a restart either', async t => {
      const { kv, open, pass } = stage(t);
      await kv.set('old', '1', 60);
      pass(60);
      await kv.add('lock', 10, 900);
      await kv.close();
      pass(-HOUR);
      const again = open();
      assert.equal(await again.get('old'), undefined);
      assert.ok((await again.add('lock', 1, 900)).left <= 900_000);
      pass(900);
      assert.equal((await again.add('lock', 0, 900)).count, 0);
    });

    test('never moves the time of the store back', async t => {
      const { kv, pass } = stage(t);
      const begin = await kv.now();
      pass(10);
      assert.equal(await kv.now(), begin + 10_000);
      pass(-HOUR);
      const then = await kv.now();
      assert.ok(then >= begin + 10_000);
      pass(5);
      assert.ok((await kv.now()) >= then + 5_000);
    });
  });

  test('the identity of a store lasts as long as the store', async t => {
    const { kv, open } = stage(t);
    const identity = await kv.identity();
    assert.equal(await open().identity(), identity);
    await kv.close();
    assert.equal(await open().identity(), identity);
    assert.notEqual(await stage(t).kv.identity(), identity);
  });

  test('a second close does nothing', async t => {
    const { kv } = stage(t);
    await kv.close();
    await kv.close();
  });
}
