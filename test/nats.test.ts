import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BrokerOptions, type Context, ServiceBroker } from 'moleculer';
import { faultIn, onBus, placeOf, requireBus } from '../platform/bus.ts';
import { freePort } from './support/free-port.ts';
import { noNats, PASSWORD, startNats } from './support/nats.ts';

describe('a URL of a NATS', () => {
  for (const url of [
    'nats://127.0.0.1',
    'nats://127.0.0.1:4222',
    'nats://user:p%40ss@one:4222,nats://two:4223',
    'tls://token@nats.example.org',
    'tls://u:p@nats.example.org?tlsCAFile=/etc/ca.pem',
  ])
    test(`${url} is taken`, () => assert.equal(faultIn(url), undefined));

  for (const url of ['', 'localhost:4222', 'http://127.0.0.1:4222', 'nats://u:p/w@host:4222', 'nats://one:4222,two'])
    test(`"${url}" is refused without repeating it`, () =>
      assert.match(faultIn(url)!, /^is not a list of URLs such as/));

  test('an unknown option is named', () =>
    assert.equal(faultIn('tls://host?tlsCaFile=x'), 'has an unknown option: tlsCaFile'));

  test('is shown without its user and password', () =>
    assert.equal(placeOf('nats://u:secret@one:4222, nats://two'), 'one:4222,two:4222'));
});

describe('nodes on a NATS', { skip: noNats }, async () => {
  const nats = noNats ? undefined : await startNats();

  async function node(
    t: { after(end: () => Promise<void>): void },
    nodeID: string,
    namespace: string,
    services: object[],
  ) {
    const options: BrokerOptions = { ...onBus(nats!.url), nodeID, namespace, logger: false, requestTimeout: 5000 };
    const broker = new ServiceBroker(options);
    for (const service of services) broker.createService(service as never);
    await broker.start();
    t.after(() => broker.stop());
    return broker;
  }

  test('call each other, and only within their cluster', async t => {
    const echo = { name: 'echo', actions: { say: ({ params }: Context) => params } };
    await node(t, 'server', 'one', [echo]);
    const [same, other] = [await node(t, 'same', 'one', []), await node(t, 'other', 'two', [])];
    await same.waitForServices('echo', 10_000);
    assert.deepEqual(await same.call('echo.say', { word: '두부' }), { word: '두부' });
    await assert.rejects(other.call('echo.say', {}), { name: 'ServiceNotFoundError' });
  });

  test('a call whose node is killed is made again on another', async t => {
    const child = fork(join(import.meta.dirname, 'support/bus-node.child.ts'), [nats!.url]);
    t.after(() => child.kill('SIGKILL'));
    await once(child, 'message');
    const caller = await node(t, 'caller', 'three', []);
    await caller.waitForServices('slow', 10_000);
    const called = once(child, 'message');
    const answer = caller.call('slow.do');
    await called;
    await node(t, 'second', 'three', [{ name: 'slow', actions: { do: () => 'done' } }]);
    child.kill('SIGKILL');
    assert.equal(await answer, 'done');
  });

  test('a wrong password is said, and not repeated', async () => {
    const wrong = nats!.url.replace(encodeURIComponent(PASSWORD), 'wr0ng');
    await assert.rejects(requireBus(wrong), {
      message: `NATS_URL (127.0.0.1:${nats!.port}): user, password or token is wrong`,
    });
  });

  test('the right one is enough', () => requireBus(nats!.url));
});

test('a NATS that is not there is said', async () => {
  const port = await freePort();
  await assert.rejects(requireBus(`nats://127.0.0.1:${port}`), {
    message: `NATS_URL (127.0.0.1:${port}): no server answers there`,
  });
});
