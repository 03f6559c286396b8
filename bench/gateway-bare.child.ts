import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import ApiGateway, { type ApiSettingsSchema } from 'moleculer-web';

/** moleculer-web as it comes, with an action that does nothing: the baseline of `gateway`. Prints its address. */
const broker = new ServiceBroker({ logger: false });
broker.createService({ name: 'bare', actions: { empty: () => ({}) } });
const gateway = broker.createService({
  name: 'api',
  mixins: [ApiGateway],
  settings: {
    ...{ port: 0, ip: '127.0.0.1' },
    routes: [{ path: '/', mappingPolicy: 'restrict', logging: false, aliases: { 'GET empty': 'bare.empty' } }],
  },
} satisfies ServiceSchema<ApiSettingsSchema>);
await broker.start();
const { port } = (gateway as unknown as { server: Server }).server.address() as AddressInfo;
console.log(`http://127.0.0.1:${port}`);
