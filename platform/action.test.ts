import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceBroker } from 'moleculer';
import { z } from 'zod';
import { action } from './action.ts';
import { route } from './route.ts';

test('a command carries the time at which its caller is told that it took too long', async t => {
  const commands: { deadline?: number }[] = [];
  const call = route('POST /x', { summary: 'x', input: z.object({}), output: z.undefined() });
  const broker = new ServiceBroker({ logger: false, requestTimeout: 5000, skipProcessEventRegistration: true });
  broker.createService({
    name: 'x',
    actions: {
      x: action(call, async (_input, request) => {
        await new Promise(setImmediate);
        commands.push(request.command({ keyId: 'k', key: Buffer.alloc(32) }, { who: 'mina' }));
        return { body: undefined };
      }),
    },
  });
  await broker.start();
  t.after(() => broker.stop());
  const before = performance.now();
  const meta = { method: 'POST', path: '/x', idempotencyKey: 'k', language: 'ko' };
  await broker.call('x.x', {}, { meta });
  await broker.call('x.x', {}, { meta, timeout: 100 });
  await broker.call('x.x', {}, { meta, timeout: 0 });
  const after = performance.now();
  const [usual, shorter, endless] = commands.map(({ deadline }) => deadline!);
  assert.ok(usual! >= before + 5000 && usual! <= after + 5000);
  assert.ok(shorter! >= before + 100 && shorter! <= after + 100);
  assert.equal(endless, Number.POSITIVE_INFINITY);
});
