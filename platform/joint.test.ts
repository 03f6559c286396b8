import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceBroker } from 'moleculer';
import { z } from 'zod';
import { internalAction } from './action.ts';
import { announce, calling, listening, named } from './joint.ts';

const box = named('box', {
  double: { input: z.object({ n: z.int() }), output: z.object({ twice: z.int() }) },
});
const opened = { event: 'box.opened', payload: z.object({ by: z.string() }) };
const { call, joints } = calling(box.double);

async function stage(t: { after(end: () => Promise<void>): void }, answer: (n: number) => { twice: number }) {
  const seen: unknown[] = [];
  const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
  broker.createService({
    name: 'box',
    events: listening(opened, news => seen.push(news)),
    actions: {
      double: internalAction(box.double, input => {
        seen.push(input);
        return answer(input.n);
      }),
    },
  });
  await broker.start();
  t.after(() => broker.stop());
  return { broker, seen };
}

test('a joint knows its action, and a service the joints that it calls', () => {
  assert.equal(box.double.action, 'box.double');
  assert.deepEqual(joints, [box.double]);
});

test('input is checked by the caller, and again by the service', async t => {
  const { broker, seen } = await stage(t, n => ({ twice: n * 2 }));
  const wrong = { n: 1.5 };
  await assert.rejects(
    call(broker, box.double, wrong),
    /^Error: the input of box.double does not match its schema: n /,
  );
  await assert.rejects(
    broker.call('box.double', wrong),
    /^Error: the input of box.double does not match its schema: n /,
  );
  assert.deepEqual(seen, []);
  const more = { n: 2, note: 'private' };
  assert.deepEqual(await call(broker, box.double, more), { twice: 4 });
  assert.deepEqual(await broker.call('box.double', more), { twice: 4 });
  assert.deepEqual(seen, [{ n: 2 }, { n: 2 }]);
});

test('an answer is checked by the service, and again by the caller', async t => {
  const { broker } = await stage(t, n => ({ twice: n / 2 }));
  const fault = /^Error: the answer of box.double does not match its schema: twice /;
  await assert.rejects(Promise.resolve(broker.call('box.double', { n: 1 })), fault);
  const answering = { call: async () => ({ twice: 'two' }) } as unknown as ServiceBroker;
  await assert.rejects(call(answering, box.double, { n: 1 }), fault);
});

test('news is checked when it is announced, and again when it is heard', async t => {
  const { broker, seen } = await stage(t, n => ({ twice: n }));
  assert.throws(() => announce(broker, opened, { by: 1 as unknown as string }), /^Error: box.opened does not match/);
  await announce(broker, opened, { by: 'mina', note: 'private' } as { by: string });
  assert.deepEqual(seen, [{ by: 'mina' }]);
});
