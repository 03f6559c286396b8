import type { TestContext } from 'node:test';
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from 'moleculer';
import { RemoteErrors } from '../remote-errors.ts';

const WAIT_MS = 20_000;
const LOOK_MS = 50;

/** Two brokers that reach each other by TCP on this machine, each with its services. Both know all of them. */
export async function twoNodes(
  t: TestContext,
  first: readonly ServiceSchema[],
  second: readonly ServiceSchema[],
  options: BrokerOptions = {},
): Promise<readonly [ServiceBroker, ServiceBroker]> {
  const node = async (nodeID: string, services: readonly ServiceSchema[], urls: string) => {
    const broker = new ServiceBroker({
      logger: false,
      validator: false,
      skipProcessEventRegistration: true,
      requestTimeout: 5000,
      errorRegenerator: new RemoteErrors(),

      ...options,
      nodeID,
      transporter: { type: 'TCP', options: { udpDiscovery: false, useHostname: false, gossipPeriod: 1, urls } },
    });
    for (const service of services) broker.createService(service);
    await broker.start();
    t.after(() => broker.stop());
    return broker;
  };
  const one = await node('first', first, '');
  const { port } = (one.transit!.tx as unknown as { opts: { port: number } }).opts;
  const other = await node('second', second, `127.0.0.1:${port}/first`);
  const names = [...first, ...second].map(({ name }) => name);
  for (const broker of [one, other]) await broker.waitForServices(names, WAIT_MS, LOOK_MS);
  return [one, other];
}
